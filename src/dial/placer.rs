//! The port through which calls are placed. A carrier's client implements it.

use std::time::SystemTime;

use async_trait::async_trait;

use super::{CallSid, IntentId, Number};

/// Where a carrier asks what a call is to do, and tells how it goes: paths of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paths {
    /// Asks what to do.
    pub voice: &'static str,
    /// Tells how far the call is.
    pub status: &'static str,
    /// Tells who picked up.
    pub answered: &'static str,
}

/// A call to be placed.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its id, which the carrier should send back in every webhook of the call.
    pub intent: IntentId,
    /// Whom to call.
    pub to: Number,
    /// From which number of ours.
    pub from: Number,
    /// The session that it belongs to.
    pub session: String,
    /// What else the carrier should send back.
    pub carried: Vec<(&'static str, String)>,
    /// Where it asks and tells.
    pub paths: Paths,
}

/// Which calls to look for.
#[derive(Debug, Clone)]
pub struct Search {
    /// Placed from this number of ours.
    pub from: Number,
    /// Placed then or later.
    pub since: SystemTime,
}

/// A call that the carrier knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCall {
    /// What the carrier calls it.
    pub sid: CallSid,
    /// Whom it called.
    pub to: Number,
    /// When it was placed.
    pub at: SystemTime,
    /// Why it is over, if it is.
    pub ended: Option<super::Ended>,
}

/// The carrier did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// It does not take the call, and trying again does not help: tell the caller.
    #[error("the carrier refused: {text}")]
    Refused {
        /// Its code, such as `21211`.
        code: String,
        /// What it means and what to do; holds no number.
        text: String,
    },
    /// The request never reached it, so there is no call: try again later.
    #[error("the carrier cannot be reached")]
    Unreachable,
    /// It was asked and did not answer: there may be a call. Look before anything else is done.
    #[error("the carrier did not answer")]
    Unanswered,
}

/// Places calls. One request for each, never repeated: who asks decides what is done about a lost answer.
#[async_trait]
pub trait Placer: Send + Sync {
    /// Places a call.
    ///
    /// # Errors
    ///
    /// There is no call, or nobody knows.
    async fn place(&self, order: &Order) -> Result<CallSid, PlaceError>;

    /// Which calls were placed? Those to other numbers may be among them.
    ///
    /// # Errors
    ///
    /// The carrier does not tell.
    async fn find(&self, search: &Search) -> Result<Vec<FoundCall>, PlaceError>;

    /// Ends a call; one that is over stays over.
    ///
    /// # Errors
    ///
    /// It may go on.
    async fn end(&self, call: &CallSid) -> Result<(), PlaceError>;
}
