//! The sender's end of a source.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Notify;

use super::Shared;
use super::queue::Piece;

/// Takes the samples of a source, until another sender does.
#[derive(Debug)]
pub(in crate::audio) struct SourceTaker {
    shared: Arc<Shared>,
    id: u64,
    /// The piece that is being taken, and how much of it was.
    piece: Option<(Piece, usize)>,
    epoch: u64,
}

impl SourceTaker {
    pub(super) fn new(shared: Arc<Shared>, wake: Arc<Notify>) -> Self {
        let id = shared.queue.attach(wake);
        let epoch = shared.queue.epoch();
        Self {
            shared,
            id,
            piece: None,
            epoch,
        }
    }

    /// Fills `frame` up to `wanted` samples with what is there. What a frame held before the
    /// source was cleared is dropped. Returns when the last of what it took was handed over.
    pub(in crate::audio) fn fill(
        &mut self,
        frame: &mut Vec<i16>,
        wanted: usize,
    ) -> Option<Instant> {
        self.enter(self.shared.queue.epoch(), frame);
        let mut latest = None;
        while frame.len() < wanted && self.shared.queue.is_taker(self.id) {
            let Some((piece, taken)) = self.next_piece() else {
                break;
            };
            latest = Some(piece.at);
            self.enter(piece.epoch, frame);
            let rest = &piece.samples[taken..];
            let count = rest.len().min(wanted - frame.len());
            frame.extend_from_slice(&rest[..count]);
            if count == rest.len() {
                self.shared.queue.recycle(piece.samples);
            } else {
                self.piece = Some((piece, taken + count));
            }
        }
        latest
    }

    fn next_piece(&mut self) -> Option<(Piece, usize)> {
        self.piece
            .take()
            .or_else(|| Some((self.shared.queue.pop()?, 0)))
    }

    /// Drops what was taken in an older epoch.
    fn enter(&mut self, epoch: u64, frame: &mut Vec<i16>) {
        if epoch == self.epoch {
            return;
        }
        self.epoch = epoch;
        frame.clear();
        if let Some((piece, _)) = self.piece.take() {
            self.shared.queue.recycle(piece.samples);
        }
    }

    /// Asks to be woken once `wanted` samples more are there. Returns false when some are there already.
    pub(in crate::audio) fn go_hungry(&self, wanted: usize) -> bool {
        !self.shared.queue.is_taker(self.id) || self.shared.queue.go_hungry(wanted)
    }
}

impl Drop for SourceTaker {
    fn drop(&mut self) {
        self.shared.queue.detach(self.id);
    }
}
