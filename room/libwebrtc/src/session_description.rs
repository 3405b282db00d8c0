//! Session descriptions.

use std::fmt;
use std::str::FromStr;

use room_engine::{Description, DescriptionKind};

/// Role of a description.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum SdpType {
    /// Opens an exchange.
    Offer,
    /// Preliminary answer; not supported.
    PrAnswer,
    /// Closes an exchange.
    Answer,
    /// Takes an offer back.
    Rollback,
}

impl FromStr for SdpType {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "offer" => Ok(Self::Offer),
            "pranswer" => Ok(Self::PrAnswer),
            "answer" => Ok(Self::Answer),
            "rollback" => Ok(Self::Rollback),
            _ => Err("invalid SdpType"),
        }
    }
}

impl fmt::Display for SdpType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offer => "offer",
            Self::PrAnswer => "pranswer",
            Self::Answer => "answer",
            Self::Rollback => "rollback",
        })
    }
}

/// A text that is no session description.
#[derive(Clone, Debug, thiserror::Error)]
#[error("Failed to parse sdp: {line} - {description}")]
pub struct SdpParseError {
    /// The line that does not fit.
    pub line: String,
    /// What is wrong with it.
    pub description: String,
}

/// A session description.
#[derive(Clone)]
pub struct SessionDescription(Description);

impl SessionDescription {
    /// Takes a text as a description. Lenient: `livekit` cannot handle a failure here, so that what
    /// is wrong with the text comes up when it is set.
    ///
    /// # Errors
    ///
    /// Never; the signature is that of the original crate.
    pub fn parse(sdp: &str, sdp_type: SdpType) -> Result<Self, SdpParseError> {
        let kind = match sdp_type {
            SdpType::Offer => DescriptionKind::Offer,
            SdpType::PrAnswer => DescriptionKind::ProvisionalAnswer,
            SdpType::Answer => DescriptionKind::Answer,
            SdpType::Rollback => DescriptionKind::Rollback,
        };
        Ok(Self(Description::new(kind, sdp)))
    }

    /// Returns the role of the description.
    #[must_use]
    pub fn sdp_type(&self) -> SdpType {
        match self.0.kind() {
            DescriptionKind::Offer => SdpType::Offer,
            DescriptionKind::ProvisionalAnswer => SdpType::PrAnswer,
            DescriptionKind::Answer => SdpType::Answer,
            DescriptionKind::Rollback => SdpType::Rollback,
        }
    }

    pub(crate) fn into_engine(self) -> Description {
        self.0
    }
}

impl From<Description> for SessionDescription {
    fn from(description: Description) -> Self {
        Self(description)
    }
}

impl fmt::Display for SessionDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.sdp())
    }
}

impl fmt::Debug for SessionDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDescription")
            .field("sdp_type", &self.sdp_type())
            .finish()
    }
}
