//! A loopback port, and everything that a fake owns while it stands there.

use std::{
    collections::VecDeque,
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use parking_lot::Mutex;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use crate::{Conduct, Fault, Journal, Vendor, Way};

/// What a fake knows while it runs, shared by its connections and the test.
#[derive(Debug)]
pub(crate) struct Desk<R> {
    vendor: Vendor,
    conduct: Mutex<Conduct>,
    faults: Mutex<VecDeque<Fault>>,
    replies: Mutex<VecDeque<R>>,
    standing: Mutex<Option<R>>,
    journal: Mutex<Journal>,
    /// Held by everything that is open.
    open: Arc<()>,
}

/// Something is open until this is dropped.
#[derive(Debug)]
pub(crate) struct Open(#[expect(dead_code, reason = "it counts by being there")] Arc<()>);

impl<R> Desk<R> {
    pub(crate) fn new(vendor: Vendor, conduct: Conduct) -> Arc<Self> {
        Arc::new(Self {
            vendor,
            conduct: Mutex::new(conduct),
            faults: Mutex::default(),
            replies: Mutex::new(VecDeque::new()),
            standing: Mutex::new(None),
            journal: Mutex::default(),
            open: Arc::default(),
        })
    }

    pub(crate) fn conduct(&self) -> Conduct {
        self.conduct.lock().clone()
    }

    pub(crate) fn set_conduct(&self, conduct: Conduct) {
        *self.conduct.lock() = conduct;
    }

    pub(crate) fn add_fault(&self, fault: Fault) {
        self.faults.lock().push_back(fault);
    }

    pub(crate) fn take_fault(&self) -> Option<Fault> {
        self.faults.lock().pop_front()
    }

    pub(crate) fn add_reply(&self, reply: R) {
        self.replies.lock().push_back(reply);
    }

    pub(crate) fn take_reply(&self) -> Option<R> {
        self.replies.lock().pop_front()
    }

    pub(crate) fn set_standing(&self, reply: R) {
        *self.standing.lock() = Some(reply);
    }

    /// Opens something.
    pub(crate) fn opened(&self) -> Open {
        Open(Arc::clone(&self.open))
    }

    /// Returns how much is open.
    pub(crate) fn open(&self) -> usize {
        Arc::strong_count(&self.open) - 1
    }

    /// Takes the first scripted reply that fits.
    pub(crate) fn take_reply_if(&self, fits: impl Fn(&R) -> bool) -> Option<R> {
        let mut replies = self.replies.lock();
        let at = replies.iter().position(fits)?;
        replies.remove(at)
    }

    pub(crate) fn journal(&self) -> Journal {
        self.journal.lock().clone()
    }

    pub(crate) fn note(&self, way: Way, kind: &'static str, content: Value) {
        self.journal.lock().note(way, kind, content);
    }

    /// Writes down what happened a while ago.
    pub(crate) fn note_at(&self, at: Instant, way: Way, kind: &'static str, content: Value) {
        self.journal.lock().note_at(at, way, kind, content);
    }

    /// Writes down and, unless a benchmark runs, checks against the published schema `kind`.
    pub(crate) fn note_checked(
        &self,
        way: Way,
        kind: &'static str,
        content: Value,
    ) -> Result<(), String> {
        let checks = self.conduct.lock().checks;
        let mut journal = self.journal.lock();
        if checks {
            journal.note_checked(self.vendor, way, kind, content)
        } else {
            journal.note(way, kind, content);
            Ok(())
        }
    }
}

impl<R: Clone> Desk<R> {
    /// Returns what is answered when nothing is scripted.
    pub(crate) fn standing(&self) -> Option<R> {
        self.standing.lock().clone()
    }
}

/// A port that is listened on until this is dropped, with all its connections.
#[derive(Debug)]
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    _accepting: AbortOnDropHandle<()>,
}

impl Listening {
    /// Binds a port of loopback (any when it is 0) and hands each connection to `serve`.
    pub(crate) async fn start<F, Fut>(port: u16, serve: F) -> io::Result<Self>
    where
        F: Fn(TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let accepting = async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let Ok((stream, _)) = accepted else { continue };
                        // Small answers must not wait for each other.
                        if stream.set_nodelay(true).is_ok() {
                            connections.spawn(serve(stream));
                        }
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        };
        Ok(Self {
            address,
            _accepting: AbortOnDropHandle::new(tokio::task::spawn(accepting)),
        })
    }
}
