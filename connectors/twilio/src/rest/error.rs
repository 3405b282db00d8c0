//! What went wrong with a request, named after what to do next.

use std::{fmt, time::Duration};

use super::code::{Cure, Meaning, meaning};

/// A request was not carried out, or nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestError {
    /// Twilio cannot be reached or has too much to do, and has done nothing that matters: try again later.
    #[error("Twilio is not available for the moment")]
    Unavailable {
        /// Not before this time has passed, if it said so.
        retry_after: Option<Duration>,
    },
    /// Something was to be created, and the answer did not come: look whether it is there before trying again.
    #[error("Twilio did not answer; it may have done what it was asked for")]
    OutcomeUnknown,
    /// Twilio said no, and will again: see what it says.
    #[error(transparent)]
    Refused(Refusal),
    /// The answer made no sense: this is not Twilio, or an address is wrong.
    #[error("Twilio's answer makes no sense; is its address right?")]
    Garbled,
}

impl RestError {
    /// Returns whether what the request was about is over or was never there: for whoever wanted to end it, that is
    /// success.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.cure() == Cure::AlreadyOver,
            Self::Unavailable { .. } | Self::OutcomeUnknown | Self::Garbled => false,
        }
    }
}

/// Twilio's no. Its own words are left out: they repeat numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    code: Option<u32>,
    request: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: Option<u32>, request: Option<String>) -> Self {
        Self {
            status,
            code,
            request,
        }
    }

    /// Returns the status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns Twilio's own code.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        self.code
    }

    /// Returns what is known about the code, or else about the status.
    #[must_use]
    pub fn meaning(&self) -> &'static Meaning {
        let known = self.code.and_then(meaning);
        known.unwrap_or_else(|| Meaning::of_status(self.status))
    }

    /// Returns who can do something about it.
    #[must_use]
    pub fn cure(&self) -> Cure {
        self.meaning().cure
    }

    /// Returns the page that explains it.
    #[must_use]
    pub fn more_info(&self) -> Option<String> {
        let code = self.code?;
        Some(format!("https://www.twilio.com/docs/errors/{code}"))
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Meaning { what, advice, .. } = self.meaning();
        write!(f, "{what}: {advice} (Twilio ")?;
        match self.code {
            Some(code) => write!(f, "{code}")?,
            None => write!(f, "status {}", self.status)?,
        }
        if let Some(request) = &self.request {
            write!(f, ", request {request}")?;
        }
        f.write_str(")")
    }
}
