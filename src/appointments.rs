//! Appointments with contacts, for callers who cannot be connected, or prefer to come later.
//!
//! `slots` knows what is free and no clock, the store keeps what was booked and lets nobody be booked twice,
//! [`Appointments`] is the handle that everybody else holds.

mod calendar;
mod clerk;
mod handle;
mod slots;
mod words;

pub(crate) use calendar::file;
pub use clerk::Clerk;
pub use handle::Appointments;
pub(crate) use handle::{Diary, DiaryError};
pub(crate) use words::moment;
