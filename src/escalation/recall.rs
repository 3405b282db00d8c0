//! What a callback adds to an escalation.

use tokio::sync::oneshot;

/// A callback: nobody is in the room, and the caller is called once a contact has accepted.
#[derive(Debug)]
pub(crate) struct Recall {
    /// What the caller is called, where it is known.
    pub(crate) name: Option<String>,
    /// What the keys of its calls begin with.
    pub(crate) key: String,
    /// Where it is told what came of it. Dropped when nobody knows.
    pub(crate) report: oneshot::Sender<Reached>,
}

/// What came of an attempt to call somebody back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    /// They are talking.
    Both,
    /// A contact was there, the caller was not.
    NoVisitor,
    /// No contact could be had.
    NoContact,
    /// It was broken off from outside.
    BrokenOff,
}
