//! ICE candidates.

use std::fmt;

use room_engine::IceCandidate as EngineCandidate;

use crate::session_description::SdpParseError;

/// A trickled candidate.
pub struct IceCandidate(EngineCandidate);

impl IceCandidate {
    /// Takes a text as a candidate. Lenient: `livekit` cannot handle a failure here; a candidate
    /// that cannot be used is left out when it is added.
    ///
    /// # Errors
    ///
    /// Never; the signature is that of the original crate.
    pub fn parse(mid: &str, line_index: i32, sdp: &str) -> Result<Self, SdpParseError> {
        let line_index = u16::try_from(line_index).unwrap_or_default();
        let (mid, text) = (mid.to_owned(), sdp.to_owned());
        Ok(Self(EngineCandidate {
            mid,
            line_index,
            text,
        }))
    }

    /// Returns the section the candidate is for.
    #[must_use]
    pub fn sdp_mid(&self) -> String {
        self.0.mid.clone()
    }

    /// Returns the index of that section.
    #[must_use]
    pub fn sdp_mline_index(&self) -> i32 {
        i32::from(self.0.line_index)
    }

    /// Returns the candidate's text.
    #[must_use]
    pub fn candidate(&self) -> String {
        self.0.text.clone()
    }

    pub(crate) fn into_engine(self) -> EngineCandidate {
        self.0
    }
}

impl From<EngineCandidate> for IceCandidate {
    fn from(candidate: EngineCandidate) -> Self {
        Self(candidate)
    }
}

impl fmt::Display for IceCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for IceCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
