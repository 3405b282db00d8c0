//! The little mind of whoever briefs a contact: it understands yes, no and once more.

use agent_contract::{
    FinishReason, Message, ProviderError, ProviderName, Thinker, ThinkerCapabilities, Thought,
    ThoughtRequest, Thoughts,
};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use super::verdict::Verdict;
use super::words;
use crate::phone::Tongue;

/// Thinks for a briefer.
pub(crate) struct BriefingMind {
    name: ProviderName,
    tongue: Tongue,
    /// What it has to tell.
    text: String,
    /// What may be done.
    choice: &'static str,
    verdicts: mpsc::Sender<Verdict>,
}

impl BriefingMind {
    /// Makes one that tells this, and passes on what is decided.
    pub(crate) fn new(
        tongue: Tongue,
        (text, choice): (String, &'static str),
        verdicts: mpsc::Sender<Verdict>,
    ) -> Self {
        Self {
            name: ProviderName::new("briefing"),
            tongue,
            text,
            choice,
            verdicts,
        }
    }

    fn answer(&self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Accept => words::accepted(self.tongue).to_owned(),
            // The farewell follows.
            Verdict::Decline => String::new(),
            Verdict::Repeat => self.text.clone(),
            Verdict::Unclear => self.choice.to_owned(),
        }
    }
}

#[async_trait]
impl Thinker for BriefingMind {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> ThinkerCapabilities {
        ThinkerCapabilities {
            tools: false,
            // What is not the whole turn decides nothing.
            preemptive: false,
        }
    }

    async fn think(&self, request: ThoughtRequest) -> Result<Thoughts, ProviderError> {
        let said = request
            .messages
            .iter()
            .rev()
            .find_map(|message| match message {
                Message::Person { text, .. } => Some(text.as_str()),
                Message::Agent { .. } | Message::Tool { .. } | Message::Note(_) => None,
            });
        let verdict = Verdict::of(said.unwrap_or_default());
        // Whoever waits for it may have gone.
        let _ = self.verdicts.try_send(verdict);
        let thoughts = [
            Ok(Thought::Text(self.answer(verdict))),
            Ok(Thought::Finished(FinishReason::Stop)),
        ];
        Ok(stream::iter(thoughts).boxed())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use agent_contract::Language;

    use super::*;

    async fn answer_to(said: &str) -> (String, Verdict) {
        let (verdicts, mut told) = mpsc::channel(1);
        let said_first = ("It is Anna.".to_owned(), "Press 1 or 2.");
        let mind = BriefingMind::new(Tongue::English, said_first, verdicts);
        let request = ThoughtRequest {
            instructions: "".into(),
            messages: vec![Message::Person {
                name: None,
                text: said.to_owned(),
            }],
            tools: Arc::from([]),
            language: Language::english(),
            max_tokens: None,
        };
        let mut thoughts = mind.think(request).await.expect("it thinks");
        let Some(Ok(Thought::Text(text))) = thoughts.next().await else {
            panic!("it says something");
        };
        (text, told.try_recv().expect("it decides"))
    }

    #[tokio::test]
    async fn it_passes_on_decisions_and_says_again_what_was_not_understood() {
        assert_eq!(
            answer_to("yes please").await,
            ("Thank you.".to_owned(), Verdict::Accept)
        );
        assert_eq!(answer_to("2").await, (String::new(), Verdict::Decline));
        assert_eq!(
            answer_to("pardon?").await,
            ("It is Anna.".to_owned(), Verdict::Repeat)
        );
        assert_eq!(
            answer_to("mumble").await,
            ("Press 1 or 2.".to_owned(), Verdict::Unclear)
        );
    }
}
