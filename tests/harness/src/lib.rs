//! What the tests of the whole system share: a server, peers, tones, a bad network.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use tests_harness::{Peer, PeerKind, TestServer};
//!
//! let server = TestServer::start().await?;
//! let mut caller = Peer::start(PeerKind::Chromium).await?;
//! caller.join(&server.url(), &server.token("hall", "caller")?).await?;
//! # Ok(())
//! # }
//! ```

mod ear;
pub mod impair;
mod paths;
mod peer;
pub mod postgres;
mod programs;
mod server;
mod token;

pub use ear::{Heard, listen};
pub use peer::{Event, Peer, Recorded};
pub use programs::PeerKind;
pub use server::TestServer;
pub use token::Token;
