//! A call as a state machine: it is told what happens and what time it is, and says what is to be done.

mod action;
mod detection;
mod dialing;
mod documents;
mod facts;
mod gather;
mod machine;
mod meeting;
mod mouth;
mod outbound;
mod overrides;
mod performance;
mod program;
mod relaying;
mod streaming;
mod telling;
mod verbs;

pub(crate) use action::{
    Action, Answer, ChildNews, Does, Failure, Fetch, Input, Method, Outbox, SocketNews, Update,
};
pub(crate) use detection::Detection;
pub(crate) use dialing::Leg;
pub(crate) use facts::{Callback, Direction, Facts, rfc2822};
pub(crate) use machine::{Machine, Rules, Sound};
pub(crate) use outbound::{First, Plan};
pub(crate) use overrides::{Fault, Overrides};
pub(crate) use performance::{Performance, Piece, tones};

#[cfg(test)]
mod tests;
