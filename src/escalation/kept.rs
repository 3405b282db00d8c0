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
    /// Whether it is a callback: whoever looks after those tries again later.
    pub(super) is_recall: bool,
    /// Calls to contacts who have not accepted; of a callback all calls, until both are there.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str) -> Identity {
        Identity::new(name).expect("a name")
    }

    fn state(kept: &Kept) -> String {
        serde_json::to_string(kept).expect("it is text")
    }

    #[test]
    fn what_is_kept_comes_back_but_for_the_callers_number() {
        let wish = Wish {
            contact: Some("thomas".to_owned()),
            reason: Some("an invoice".to_owned()),
            caller_number: crate::dial::Number::parse("+15005550021", None).ok(),
            by: "key".to_owned(),
            ..Wish::default()
        };

        let kept = state(&Kept::of(&wish));

        assert!(!kept.contains("5550021"), "{kept}");
        let back: Kept = serde_json::from_str(&kept).expect("it was kept");
        let back = back.wish();
        assert_eq!((back.contact, back.reason), (wish.contact, wish.reason));
        assert_eq!((back.summary, back.by), (None, wish.by));
        assert_eq!(back.caller_number, None);
    }

    #[test]
    fn only_the_contact_in_the_conversation_was_let_in() {
        let mut kept = Kept::default();
        let briefed = state(&kept);
        kept.connected = Some(("thomas".to_owned(), "phone-1".to_owned()));
        let talking = state(&kept);

        assert!(!has_let_in(&briefed, &identity("phone-1")));
        assert!(has_let_in(&talking, &identity("phone-1")));
        assert!(!has_let_in(&talking, &identity("phone-2")));
        assert!(!has_let_in("rubbish", &identity("phone-1")));
    }
}
