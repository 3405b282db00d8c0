//! Starts a real LiveKit server on loopback and stops it with its parent.
//!
//! ```no_run
//! # async fn example() -> Result<(), room_launcher::LaunchError> {
//! use room_launcher::{LiveKitServer, Options};
//!
//! let mut server = LiveKitServer::start(Options::default()).await?;
//! println!("{} {} {}", server.url(), server.api_key(), server.api_secret());
//! server.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! Each instance owns a block of ports, so that any number of them run side by side. The server dies with
//! the process that started it, even when that is killed by force (see `supervise.sh`).

mod binary;
mod config;
mod error;
mod log;
mod options;
mod ports;
mod probe;
mod server;
mod supervisor;

pub use binary::find_binary;
pub use error::LaunchError;
pub use log::ServerLog;
pub use options::{Options, TlsFiles, Turn};
pub use ports::Ports;
pub use server::LiveKitServer;
