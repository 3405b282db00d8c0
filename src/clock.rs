//! The clock that whatever runs in tasks goes by: the one that a paused runtime governs.

use std::time::Instant;

use tokio::time::sleep_until;

/// Returns the present.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Waits for a deadline; for ever without one.
pub(crate) async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
