//! The web channel: visitors of a page talk to the agent. The page and the widget themselves are in here, compiled.

mod buckets;
mod door;
mod files;

pub use door::{Door, Refused, VisitLimits, Visitor};
pub use files::{File, file};
