//! Logging: one subscriber for the process, and how errors are written.

use std::error::Error;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Ours at `info`, others only when something is wrong: their lines may hold identities and addresses.
const DEFAULT_FILTER: &str =
    "error,patchbay=info,room_livekit=info,room_launcher=info,agent_echo=info";

/// Starts logging to standard error. `filter` is in the syntax of `RUST_LOG`.
///
/// # Errors
///
/// The filter cannot be read, or logging was started before.
pub fn start(filter: Option<&str>) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter.unwrap_or(DEFAULT_FILTER))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init()
        .map_err(|error| anyhow::anyhow!(error))
}

/// Returns an error and its sources in one line, from the outermost to the first.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
