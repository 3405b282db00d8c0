//! Calling people back: later, together with a contact.
//!
//! `schedule` decides and knows no clock, the store says who carries out what, the `Clerk` does it by way of an
//! escalation whose caller is called last, and [`Callbacks`] is the handle that everybody else holds.

mod clerk;
mod desk;
mod register;
mod schedule;
mod settings;
mod wish;

pub(crate) use clerk::Clerk;
pub(crate) use desk::Desk;
pub use register::Callbacks;
pub use settings::Settings;
pub(crate) use wish::{CallbackError, When, Wish};
