//! ICE candidates as they are trickled between the peers.

use std::fmt;

/// One candidate with the media section it was announced for.
#[derive(Clone, PartialEq, Eq)]
pub struct IceCandidate {
    /// Media section the candidate belongs to.
    pub mid: String,
    /// Index of that section.
    pub line_index: u16,
    /// The candidate attribute without `a=`; empty marks the end of candidates.
    pub text: String,
}

impl fmt::Debug for IceCandidate {
    /// Leaves the address out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceCandidate")
            .field("mid", &self.mid)
            .finish_non_exhaustive()
    }
}

/// A STUN or TURN server that did not give us a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateError {
    /// URL of the server.
    pub url: String,
    /// STUN error code, or 701 when the server could not be reached.
    pub code: u16,
    /// What went wrong.
    pub text: String,
}
