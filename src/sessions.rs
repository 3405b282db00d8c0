//! Sessions: one conversation each, from first contact to the end.
//!
//! [`Status`], [`Session`] and [`Book`] decide and know neither task nor clock; [`Desk`] is the loop that owns
//! the book and acts; [`Sessions`] is the handle that everybody else holds.

mod agent;
mod book;
mod call;
mod channel;
mod closed;
mod desk;
mod errand;
mod feed;
mod handle;
mod id;
mod line;
mod presence;
mod seat;
mod session;
mod sight;
mod status;
mod stopping;

pub use agent::{Agent, Attending, Chair, Departure, Talker};
pub use book::{Action, Book, OpenError};
pub use call::CallId;
pub use channel::Channel;
pub use desk::{Desk, Furniture};
pub use feed::{Feed, News, SessionEvent, Watch};
pub use handle::{SessionError, Sessions};
pub use id::SessionId;
pub use seat::{AgentWish, Switching};
pub use session::{Adoption, Opening, Serial, Session};
pub use status::{EndReason, Escalating, Status, Step};
pub use stopping::Drained;
