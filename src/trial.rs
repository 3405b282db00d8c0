//! Tries a provider with a tiny real request, and says what to do when it fails.

use std::sync::Arc;
use std::time::Duration;

use agent_contract::chain::Port;
use agent_contract::probe::Provider;
use agent_contract::{ProviderError, ProviderName, Speaker, Thinker, Transcriber};

/// A provider in one of its roles.
#[derive(Clone)]
pub enum Trial {
    /// Speech to text.
    Transcriber(Arc<dyn Transcriber>),
    /// Text to text.
    Thinker(Arc<dyn Thinker>),
    /// Text to speech.
    Speaker(Arc<dyn Speaker>),
}

impl Trial {
    /// Returns who is tried.
    #[must_use]
    pub fn name(&self) -> &ProviderName {
        match self {
            Self::Transcriber(one) => one.name(),
            Self::Thinker(one) => one.name(),
            Self::Speaker(one) => one.name(),
        }
    }

    /// Returns as what.
    #[must_use]
    pub fn port(&self) -> Port {
        match self {
            Self::Transcriber(_) => Port::Transcriber,
            Self::Thinker(_) => Port::Thinker,
            Self::Speaker(_) => Port::Speaker,
        }
    }

    /// Asks for something tiny, and returns how long that took.
    ///
    /// # Errors
    ///
    /// What the provider said, or that it said nothing.
    pub async fn run(&self) -> Result<Duration, ProviderError> {
        match self {
            Self::Transcriber(one) => one.probe().await,
            Self::Thinker(one) => one.probe().await,
            Self::Speaker(one) => one.probe().await,
        }
    }
}

/// Says what an operator can do about it.
#[must_use]
pub fn remedy(error: &ProviderError) -> String {
    let name = error.provider();
    match error {
        ProviderError::Account { .. } => {
            "correct its key in the environment, and look at the account's balance".to_owned()
        }
        ProviderError::Rejected { .. } => {
            format!("correct its model or voice in [providers.{name}]")
        }
        ProviderError::Unavailable { retry_after, .. } => match retry_after {
            Some(after) => format!("it asks to be left alone for {} s", after.as_secs()),
            None => format!("start it, or correct `base_url` in [providers.{name}]"),
        },
        ProviderError::Stalled { .. } => {
            "it is too slow for a conversation: choose a smaller model, or another provider"
                .to_owned()
        }
        ProviderError::Garbled { .. } => format!(
            "something else answers there: correct `base_url` or `kind` in [providers.{name}]"
        ),
        ProviderError::Missing { remedy, .. } => remedy.clone(),
        // The errors may grow; their own words are shown in any case.
        _ => "see above".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use agent_contract::stub::{Fault, Pace, StubSpeaker, StubThinker, StubTranscriber};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_role_is_tried_and_its_time_taken() {
        let pace = Pace::first(Duration::from_millis(300));
        let trials = [
            Trial::Transcriber(Arc::new(StubTranscriber::new("one").paced(pace))),
            Trial::Thinker(Arc::new(StubThinker::new("one").paced(pace))),
            Trial::Speaker(Arc::new(StubSpeaker::new("one").paced(pace))),
        ];

        for trial in trials {
            let took = trial.run().await.unwrap();

            assert_eq!(took, Duration::from_millis(300), "{}", trial.port());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_wrong_comes_with_what_to_do() {
        for (fault, words) in [
            (Fault::Account, "its key"),
            (Fault::Rejects, "[providers.one]"),
            (Fault::Unavailable(None), "`base_url`"),
            (Fault::StallOpening, "too slow"),
            (Fault::GarbageAt(0), "something else"),
        ] {
            let trial = Trial::Thinker(Arc::new(StubThinker::new("one").failing(fault)));

            let error = trial.run().await.unwrap_err();

            assert!(remedy(&error).contains(words), "{}", remedy(&error));
        }
    }
}
