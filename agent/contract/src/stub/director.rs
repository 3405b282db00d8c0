//! What all stubs share: a name, a pace, faults in turn, and a count of what is open.

use std::{
    collections::VecDeque,
    future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::time::sleep;

use super::{Fault, Pace};
use crate::{ProviderError, ProviderName};

#[derive(Debug)]
pub(super) struct Director {
    pub(super) name: ProviderName,
    pub(super) pace: Pace,
    faults: Mutex<VecDeque<Option<Fault>>>,
    habit: Mutex<Option<Fault>>,
    opened: AtomicUsize,
    open: Arc<AtomicUsize>,
}

/// One scene: the fault that strikes in it, and the pieces so far.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) name: ProviderName,
    pub(super) fault: Option<Fault>,
    pace: Pace,
    pieces: usize,
    open: Arc<AtomicUsize>,
}

impl Director {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: ProviderName::new(name),
            pace: Pace::default(),
            faults: Mutex::default(),
            habit: Mutex::default(),
            opened: AtomicUsize::new(0),
            open: Arc::default(),
        }
    }

    /// Sets what goes wrong every time from here on.
    pub(super) fn set_habit(&self, fault: Option<Fault>) {
        *self.habit.lock() = fault;
    }

    /// Sets what goes wrong at one of the next times.
    pub(super) fn add(&self, fault: Option<Fault>) {
        self.faults.lock().push_back(fault);
    }

    pub(super) fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    pub(super) fn open_now(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Opens a scene, as slowly as it should and unless it should not.
    pub(super) async fn open(&self) -> Result<Scene, ProviderError> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        let planned = self.faults.lock().pop_front();
        let fault = planned.unwrap_or_else(|| *self.habit.lock());
        sleep(self.pace.open).await;
        let provider = self.name.clone();
        match fault {
            Some(Fault::Unavailable(retry_after)) => {
                return Err(ProviderError::Unavailable {
                    provider,
                    retry_after,
                    source: "told to be away".into(),
                });
            }
            Some(Fault::Rejects) => {
                return Err(ProviderError::Rejected {
                    provider,
                    source: "told to refuse".into(),
                });
            }
            Some(Fault::Account) => {
                return Err(ProviderError::Account {
                    provider,
                    source: "told to refuse the key".into(),
                });
            }
            Some(Fault::StallOpening) => future::pending().await,
            _ => {}
        }
        self.open.fetch_add(1, Ordering::SeqCst);
        Ok(Scene {
            name: provider,
            fault,
            pace: self.pace,
            pieces: 0,
            open: Arc::clone(&self.open),
        })
    }
}

impl Scene {
    /// Waits for the next piece's time, and lets the fault strike. `None` is an end without a word.
    pub(super) async fn next_piece(&mut self) -> Option<Result<(), ProviderError>> {
        sleep(if self.pieces == 0 {
            self.pace.first
        } else {
            self.pace.between
        })
        .await;
        let struck = match self.fault {
            Some(Fault::StallAt(at)) if self.pieces >= at => future::pending().await,
            Some(Fault::CloseAt(at)) if self.pieces >= at => return None,
            Some(Fault::ResetAt(at)) if self.pieces >= at => Err(ProviderError::Unavailable {
                provider: self.name.clone(),
                retry_after: None,
                source: "connection reset".into(),
            }),
            Some(Fault::GarbageAt(at)) if self.pieces >= at => Err(ProviderError::Garbled {
                provider: self.name.clone(),
                source: "told to send nonsense".into(),
            }),
            _ => Ok(()),
        };
        self.pieces += 1;
        Some(struck)
    }

    pub(super) fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}
