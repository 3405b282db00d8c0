//! SIGTERM and SIGINT.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

/// Cancels `drain` at the first signal and returns at the second.
///
/// # Errors
///
/// The operating system does not hand out signals.
pub(super) async fn watch(drain: CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    for first in [true, false] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if first {
            info!("stopping; a second signal ends at once");
            drain.cancel();
        }
    }
    Ok(())
}
