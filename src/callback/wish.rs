//! What somebody wants who asks to be called back, and why they are not.

use jiff::{Timestamp, Zoned};

use crate::dial::{Number, NumberError, Refusal};
use crate::store::StoreError;

/// Somebody wants to be called back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    /// Their number; by default the one that they call from.
    pub(crate) number: Option<Number>,
    /// Who is wanted: a contact by id or name, or what they have to know.
    pub(crate) contact: Option<String>,
    /// When.
    pub(crate) when: When,
    /// Why.
    pub(crate) reason: Option<String>,
    /// What was said so far, in short.
    pub(crate) summary: Option<String>,
    /// Who asks: the name of an API key, or of a tool.
    pub(crate) by: String,
}

/// When somebody wants to be called back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum When {
    /// As soon as it is usual.
    #[default]
    Soon,
    /// Then.
    At(Timestamp),
    /// In so many minutes.
    InMinutes(u32),
}

impl When {
    /// Makes one of the two ways in which it is said.
    ///
    /// # Errors
    ///
    /// Both are there, or the time cannot be read.
    pub(crate) fn read(at: Option<&str>, in_minutes: Option<u32>) -> Result<Self, WhenError> {
        match (at, in_minutes) {
            (None, None) => Ok(Self::Soon),
            (None, Some(minutes)) => Ok(Self::InMinutes(minutes)),
            (Some(at), None) => at
                .trim()
                .parse()
                .map(Self::At)
                .map_err(|_| WhenError::Format),
            (Some(_), Some(_)) => Err(WhenError::Both),
        }
    }
}

/// It cannot be read when somebody wants to be called back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WhenError {
    /// It is no time: write it so.
    #[error("write the time with its offset, as 2026-11-23T09:00:00+01:00")]
    Format,
    /// There are two times: leave one out.
    #[error("name either a time or a number of minutes")]
    Both,
}

/// What somebody is promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Promise {
    /// The id of the callback.
    pub(crate) id: String,
    /// When they are called.
    pub(crate) due: Timestamp,
    /// The same on the clock of whoever calls, to be said.
    pub(crate) local: Zoned,
}

/// Somebody is not called back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallbackError {
    /// Nobody can be called back from here: there is no telephone, or no contact.
    #[error(
        "nobody can be called back from here: that takes a telephone and a table [contacts.<id>]"
    )]
    Impossible,
    /// There is no such session: forget it.
    #[error("there is no such session")]
    Gone,
    /// Nobody knows their number: ask for it.
    #[error("the number is needed")]
    NumberNeeded,
    /// It is no number: ask again. The text says how to write it.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// The number may not be called: offer something else.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The time is not one of those that can be had: name another.
    #[error("{0}")]
    Time(&'static str),
    /// Too many wait: try again later.
    #[error("too many callbacks are waiting")]
    Full,
    /// There is no such callback.
    #[error("there is no such callback")]
    Unknown,
    /// It is over: nothing can be changed any more.
    #[error("the callback is over")]
    Over,
    /// The records do not answer: try again.
    #[error("the records do not answer")]
    Records(#[from] StoreError),
}
