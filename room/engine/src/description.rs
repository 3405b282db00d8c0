//! Session descriptions as they travel between the peers.

use std::fmt;
use std::sync::Arc;

/// The role of a [`Description`] in the offer/answer exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescriptionKind {
    /// Opens an exchange.
    Offer,
    /// A preliminary answer. Not supported: refused when set.
    ProvisionalAnswer,
    /// Closes an exchange.
    Answer,
    /// Takes the open offer back.
    Rollback,
}

/// A session description: its role and its SDP text.
///
/// Construction never fails. The text is looked at when the description is set, so that the error
/// appears where the caller can handle it.
#[derive(Clone, PartialEq, Eq)]
pub struct Description {
    kind: DescriptionKind,
    sdp: Arc<str>,
}

impl Description {
    /// Creates a description from its SDP text.
    #[must_use]
    pub fn new(kind: DescriptionKind, sdp: impl Into<Arc<str>>) -> Self {
        Self {
            kind,
            sdp: sdp.into(),
        }
    }

    /// Returns the role of the description.
    #[must_use]
    pub fn kind(&self) -> DescriptionKind {
        self.kind
    }

    /// Returns the SDP text.
    #[must_use]
    pub fn sdp(&self) -> &str {
        &self.sdp
    }

    /// Returns the ICE user name, the first if there are several; a restart of ICE changes it.
    pub(crate) fn ice_user(&self) -> Option<&str> {
        let mut lines = self.sdp.lines();
        lines.find_map(|line| line.strip_prefix("a=ice-ufrag:"))
    }
}

impl fmt::Debug for Description {
    /// Leaves the text out: it holds addresses and ICE passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Description")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
