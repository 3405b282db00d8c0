//! The key for a human: an escalation without the thinker.

use agent_session::{Bell, Rung};
use async_trait::async_trait;

use super::handle::{Escalations, Whose};
use super::wish::Wish;

/// Who asks, as records name it.
const KEY: &str = "key";

#[async_trait]
impl Bell for Escalations {
    async fn ring(&self, session: &str) -> Rung {
        let wish = Wish {
            by: KEY.to_owned(),
            ..Wish::default()
        };
        match self.begin(Whose::Session(session.to_owned()), wish).await {
            Ok(_) => Rung::Answered,
            // Where nobody can be called, the thinker has something else to offer.
            Err(_) => Rung::Nobody,
        }
    }
}
