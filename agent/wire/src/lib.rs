//! How vendors are reached: TLS, sockets with deadlines, and what their refusals mean. Names no vendor.

mod failure;
mod refusal;
mod socket;
pub mod tls;

pub use failure::Failure;
pub use refusal::{Dialect, Refusal, Sort};
pub use socket::Socket;
