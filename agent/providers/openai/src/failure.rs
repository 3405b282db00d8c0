//! What goes wrong with a server, and what that means for whoever asked.

use std::time::Duration;

use agent_contract::{ProviderError, ProviderName};
use async_openai::error::{OpenAIError, StreamError};

use crate::refusal::{Refusal, Sort};

/// Why a request or its answer failed. Holds nothing of what was said on either side.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("no answer in {} ms", .0.as_millis())]
    Stalled(Duration),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the connection failed")]
    Connection(#[source] reqwest::Error),
    #[error("the connection broke off in the answer")]
    Broken,
    #[error("the answer ended before its end")]
    CutOff,
    #[error("the answer makes no sense: {0}")]
    Nonsense(&'static str),
    #[error("the request cannot be built")]
    Unsendable,
}

impl Failure {
    /// Turns into the contract's error about `provider`.
    pub(crate) fn of(self, provider: &ProviderName) -> ProviderError {
        let provider = provider.clone();
        match self {
            Self::Stalled(waited) => ProviderError::Stalled { provider, waited },
            Self::Refused(refusal) => match refusal.sort() {
                Sort::Account => ProviderError::Account {
                    provider,
                    source: refusal.into(),
                },
                Sort::Request => ProviderError::Rejected {
                    provider,
                    source: refusal.into(),
                },
                Sort::Passing => ProviderError::Unavailable {
                    provider,
                    retry_after: refusal.retry_after,
                    source: refusal.into(),
                },
            },
            Self::Connection(_) | Self::Broken | Self::CutOff => ProviderError::Unavailable {
                provider,
                retry_after: None,
                source: self.into(),
            },
            Self::Nonsense(_) => ProviderError::Garbled {
                provider,
                source: self.into(),
            },
            Self::Unsendable => ProviderError::Rejected {
                provider,
                source: self.into(),
            },
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        // The address may hold a name or a key that somebody put there.
        let error = error.without_url();
        if error.is_builder() {
            Self::Unsendable
        } else if error.is_body() || error.is_decode() {
            Self::Broken
        } else {
            Self::Connection(error)
        }
    }
}

impl From<OpenAIError> for Failure {
    fn from(error: OpenAIError) -> Self {
        match error {
            OpenAIError::Boxed(error) => match error.downcast::<Self>() {
                Ok(failure) => *failure,
                Err(_) => Self::Unsendable,
            },
            OpenAIError::Reqwest(error) => error.into(),
            OpenAIError::StreamError(error) => match *error {
                StreamError::UnknownEvent(_) => Self::Nonsense("an event of an unknown kind"),
                StreamError::EventStream(_) => Self::Broken,
            },
            // Its text holds what the server sent.
            OpenAIError::JSONDeserialize(..) => Self::Nonsense("JSON of another shape"),
            OpenAIError::ApiError(error) => Refusal::of_status(error.status_code).into(),
            _ => Self::Unsendable,
        }
    }
}

impl From<Failure> for OpenAIError {
    fn from(failure: Failure) -> Self {
        Self::Boxed(Box::new(failure))
    }
}
