//! One watcher per process that notices when this machine's addresses change.

use std::net::IpAddr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use parking_lot::Mutex;
use tokio::sync::watch;

use super::interface;

/// A quarter of the time in which audio has to be back; listing addresses takes about 50 µs.
const POLL_PERIOD: Duration = Duration::from_millis(500);

static SHARED: Mutex<Weak<Watcher>> = Mutex::new(Weak::new());

/// A connection's view of the shared watcher. The watcher ends with its last view.
#[derive(Debug)]
pub(super) struct AddressWatch {
    changes: watch::Receiver<Vec<IpAddr>>,
    _watcher: Arc<Watcher>,
}

impl AddressWatch {
    /// Starts the process's watcher or joins it.
    pub(super) fn subscribe() -> io::Result<Self> {
        let mut shared = SHARED.lock();
        let watcher = match shared.upgrade() {
            Some(watcher) => watcher,
            None => {
                let watcher = Arc::new(Watcher::start(interface::addresses, POLL_PERIOD)?);
                *shared = Arc::downgrade(&watcher);
                watcher
            }
        };
        Ok(Self {
            changes: watcher.changes.clone(),
            _watcher: watcher,
        })
    }

    /// Waits for a change and returns the addresses that hold now. Cancel-safe.
    pub(super) async fn changed(&mut self) -> Vec<IpAddr> {
        match self.changes.changed().await {
            Ok(()) => self.changes.borrow_and_update().clone(),
            // The thread cannot end while this view holds its watcher.
            Err(_) => std::future::pending().await,
        }
    }
}

/// A thread rather than a task: it outlives any one runtime and no runtime's load delays it.
#[derive(Debug)]
struct Watcher {
    changes: watch::Receiver<Vec<IpAddr>>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    fn start(
        list: impl Fn() -> io::Result<Vec<IpAddr>> + Send + 'static,
        period: Duration,
    ) -> io::Result<Self> {
        let (sender, changes) = watch::channel(list()?);
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("addresses".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
                    // An interrupted listing says nothing: the next one will do.
                    let Ok(listed) = list() else { continue };
                    sender.send_if_modified(|known| {
                        let changed = *known != listed;
                        *known = listed;
                        changed
                    });
                }
            })?;
        Ok(Self {
            changes,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It wakes at once and has nothing left to do.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_new_address_is_reported_once() {
        let addresses = Arc::new(Mutex::new(vec![IpAddr::from([10, 0, 0, 1])]));
        let listed = addresses.clone();
        let watcher =
            Watcher::start(move || Ok(listed.lock().clone()), Duration::from_millis(5)).unwrap();
        let mut changes = watcher.changes.clone();

        addresses.lock().push(IpAddr::from([10, 0, 0, 2]));
        changes.changed().await.unwrap();

        assert_eq!(*changes.borrow_and_update(), *addresses.lock());
        assert!(!changes.has_changed().unwrap());
    }

    #[test]
    fn the_thread_ends_with_its_watcher() {
        let list = Arc::new(());
        let held = list.clone();
        let watcher = Watcher::start(
            move || {
                let _held = &held;
                Ok(Vec::new())
            },
            POLL_PERIOD,
        )
        .unwrap();

        drop(watcher);

        assert_eq!(Arc::strong_count(&list), 1);
    }

    #[test]
    fn connections_share_one_watcher() {
        let first = AddressWatch::subscribe().unwrap();
        let second = AddressWatch::subscribe().unwrap();

        assert!(Arc::ptr_eq(&first._watcher, &second._watcher));
    }
}
