//! SIGTERM and SIGINT.

use std::io;
use std::thread;

use signal_hook::low_level::exit;
use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::EXIT_INTERRUPTED;

/// Cancels `drain` at the first signal and ends the process at the second.
///
/// The watch stands on a thread of its own: whatever keeps the rest from stopping does not keep it.
///
/// # Errors
///
/// The operating system hands out no signals, or no thread.
pub(super) fn watch(drain: CancellationToken) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    let signals = runtime.block_on(async { Signals::of_the_system() })?;
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || runtime.block_on(obey(signals, drain)))?;
    Ok(())
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn of_the_system() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

async fn obey(mut signals: Signals, drain: CancellationToken) {
    signals.next().await;
    info!("stopping; a second signal ends at once");
    drain.cancel();
    signals.next().await;
    warn!("a second signal: ending at once");
    // Without the farewells of libraries, which other threads are still in the middle of.
    exit(EXIT_INTERRUPTED.into());
}
