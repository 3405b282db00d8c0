//! What is kept of an escalation under way, so that a server that starts again takes it up.

use room_contract::Identity;
use serde::{Deserialize, Serialize};

use super::wish::Wish;

/// Tells whether a contact was let into the conversation, by what is kept of its escalation.
pub(crate) fn has_let_in(state: &str, contact: &Identity) -> bool {
    let kept: Kept = serde_json::from_str(state).unwrap_or_default();
    kept.connected
        .is_some_and(|(_, identity)| identity == contact.as_str())
}

/// Where an escalation stands. The caller's own number is not part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    wanted: Option<String>,
    reason: Option<String>,
    summary: Option<String>,
    by: String,
    /// Calls to contacts who have not accepted.
    pub(super) calls: Vec<String>,
    /// The call to the caller's own telephone, if there is one.
    pub(super) visitor: Option<String>,
    /// The contact who is in the conversation, by id, and who they are in the room.
    pub(super) connected: Option<(String, String)>,
}

impl Kept {
    /// Begins with what was wanted.
    pub(super) fn of(wish: &Wish) -> Self {
        Self {
            wanted: wish.contact.clone(),
            reason: wish.reason.clone(),
            summary: wish.summary.clone(),
            by: wish.by.clone(),
            ..Self::default()
        }
    }

    /// Returns what was wanted. Nobody's own telephone is called a second time.
    pub(super) fn wish(&self) -> Wish {
        Wish {
            contact: self.wanted.clone(),
            reason: self.reason.clone(),
            summary: self.summary.clone(),
            caller_number: None,
            by: self.by.clone(),
        }
    }
}
