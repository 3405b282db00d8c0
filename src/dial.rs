//! Calling out: numbers, who may be called and how often, and the one place that places calls.
//!
//! [`Number`], [`Policy`] and [`reconcile`] decide and know neither task nor clock; [`Dialler`] acts: policy, a row
//! in the store, one request through the [`Placer`], the row again.

mod dialler;
mod intent;
pub mod memory;
mod number;
mod placer;
mod policy;
mod reconcile;

pub use dialler::{DialError, DialRequest, Dialled, Dialler};
pub use intent::{CallSid, Ended, IntentId, IntentState, Progress};
pub use number::{Keeping, Number, NumberError, Salt};
pub use placer::{FoundCall, Order, Paths, PlaceError, Placer, Search};
pub use policy::{Ask, Caps, Policy, Refusal, Scope, Tally};
pub use reconcile::{Pending, Verdict, reconcile};

/// The one business that there is out of the box.
pub(crate) const TENANT: &str = "default";
