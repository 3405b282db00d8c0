//! The lock-free queue between the application that speaks and the loop that sends.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::time::Instant;

use arc_swap::ArcSwapOption;
use crossbeam_queue::ArrayQueue;
use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

/// Pieces that fit beside those that the capacity asks for: callers with very short pieces wait a
/// little early instead of allocating a slot per sample.
const SPARE_SLOTS: usize = 64;

/// Emptied buffers that are kept: what a queue in balance needs, not what a full one held.
const KEPT_BUFFERS: usize = 8;

/// Samples on their way from `capture` to the sender, in pieces.
///
/// Clearing starts a new epoch: pieces of an older one are dropped when they are met.
#[derive(Debug)]
pub(super) struct SampleQueue {
    pieces: ArrayQueue<Piece>,
    /// Buffers that were emptied, to be filled again.
    buffers: ArrayQueue<Vec<i16>>,
    queued: AtomicUsize,
    capacity: usize,
    epoch: AtomicU64,
    /// Wakes the one caller that waits for room.
    waiting: AtomicWaker,
    /// Number of the sender that takes the samples; zero for none.
    taker: AtomicU64,
    takers: AtomicU64,
    /// How many samples the sender, which ran dry, wants to be woken for; zero while it does not.
    hungry_for: AtomicUsize,
    wake: ArcSwapOption<Notify>,
}

/// Samples of one epoch.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) epoch: u64,
    pub(super) samples: Vec<i16>,
    /// When it was handed over.
    pub(super) at: Instant,
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Push {
    Done,
    /// No room, and nobody to make it.
    Full,
    /// The piece belongs to what was cleared.
    Cleared,
}

impl SampleQueue {
    /// Returns a queue for `capacity` samples in pieces of at most `piece`.
    pub(super) fn new(capacity: usize, piece: usize) -> Self {
        let slots = capacity / piece.max(1) + SPARE_SLOTS;
        Self {
            pieces: ArrayQueue::new(slots),
            buffers: ArrayQueue::new(KEPT_BUFFERS),
            queued: AtomicUsize::new(0),
            capacity,
            epoch: AtomicU64::new(0),
            waiting: AtomicWaker::new(),
            taker: AtomicU64::new(0),
            takers: AtomicU64::new(0),
            hungry_for: AtomicUsize::new(0),
            wake: ArcSwapOption::empty(),
        }
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(SeqCst)
    }

    /// Begins a new epoch, and sends those who wait for room home.
    pub(super) fn clear(&self) {
        self.epoch.fetch_add(1, SeqCst);
        self.waiting.wake();
    }

    /// Queues a piece, if there is room. One caller at a time.
    pub(super) fn push(&self, epoch: u64, samples: &[i16]) -> Push {
        if self.epoch() != epoch {
            return Push::Cleared;
        }
        if self.queued.load(SeqCst) + samples.len() > self.capacity || self.pieces.is_full() {
            self.feed(usize::MAX);
            return Push::Full;
        }
        let mut buffer = self.buffers.pop().unwrap_or_default();
        buffer.extend_from_slice(samples);
        self.queued.fetch_add(samples.len(), SeqCst);
        if self
            .pieces
            .push(Piece {
                epoch,
                samples: buffer,
                at: Instant::now(),
            })
            .is_err()
        {
            self.queued.fetch_sub(samples.len(), SeqCst);
            return Push::Full;
        }
        self.feed(self.queued.load(SeqCst));
        Push::Done
    }

    /// The same, but waits for room as long as somebody makes room.
    pub(super) async fn push_when_room(&self, epoch: u64, samples: &[i16]) -> Push {
        poll_fn(|context| match self.push(epoch, samples) {
            Push::Full if self.has_taker() => {
                self.waiting.register(context.waker());
                match self.push(epoch, samples) {
                    Push::Full if self.has_taker() => Poll::Pending,
                    outcome => Poll::Ready(outcome),
                }
            }
            outcome => Poll::Ready(outcome),
        })
        .await
    }

    /// Takes the oldest piece of this epoch.
    pub(super) fn pop(&self) -> Option<Piece> {
        loop {
            let piece = self.pieces.pop()?;
            self.queued.fetch_sub(piece.samples.len(), SeqCst);
            self.waiting.wake();
            if piece.epoch == self.epoch() {
                return Some(piece);
            }
            self.recycle(piece.samples);
        }
    }

    /// Makes room where no sender does.
    pub(super) fn drop_oldest(&self) {
        if let Some(piece) = self.pop() {
            self.recycle(piece.samples);
        }
    }

    /// Gives an emptied buffer back; with enough of them there, it is dropped.
    pub(super) fn recycle(&self, mut buffer: Vec<i16>) {
        buffer.clear();
        let _full = self.buffers.push(buffer);
    }

    /// Makes the caller the one taker; `wake` is notified at once, since samples may be there.
    pub(super) fn attach(&self, wake: Arc<Notify>) -> u64 {
        let id = self.takers.fetch_add(1, SeqCst) + 1;
        self.wake.store(Some(wake));
        self.taker.store(id, SeqCst);
        self.waiting.wake();
        self.wake_taker();
        id
    }

    /// Leaves the queue without a taker, unless another took over.
    pub(super) fn detach(&self, id: u64) {
        if self.taker.compare_exchange(id, 0, SeqCst, SeqCst).is_ok() {
            self.waiting.wake();
        }
    }

    pub(super) fn is_taker(&self, id: u64) -> bool {
        self.taker.load(SeqCst) == id
    }

    pub(super) fn has_taker(&self) -> bool {
        self.taker.load(SeqCst) != 0
    }

    /// Asks for a wake once there are so many samples, or no room for more. Returns false when some are there already.
    pub(super) fn go_hungry(&self, wanted: usize) -> bool {
        self.hungry_for.store(wanted.max(1), SeqCst);
        // A piece that came between the last `pop` and the wish has woken nobody.
        self.pieces.is_empty() || self.hungry_for.swap(0, SeqCst) == 0
    }

    /// Wakes a taker that so many samples satisfy.
    fn feed(&self, samples: usize) {
        let wanted = self.hungry_for.load(SeqCst);
        if wanted != 0 && samples >= wanted && self.hungry_for.swap(0, SeqCst) != 0 {
            self.wake_taker();
        }
    }

    fn wake_taker(&self) {
        if let Some(wake) = &*self.wake.load() {
            wake.notify_one();
        }
    }
}
