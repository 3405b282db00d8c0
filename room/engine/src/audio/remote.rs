//! A remote track as the application sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::{ArcSwap, Guard};

use super::format::AudioFormat;
use super::stream::{AudioStream, Sink, StreamCapacity};

/// The audio of one remote track. While no stream is attached, nothing is decoded.
#[derive(Debug, Default)]
pub struct RemoteAudio {
    /// Replaced as a whole when a stream comes or goes, so that the loop reads it without a lock.
    sinks: ArcSwap<Vec<Arc<Sink>>>,
    ended: AtomicBool,
}

impl RemoteAudio {
    /// Returns a track without streams.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Attaches a stream that gets the audio from here on, in its own format.
    pub fn stream(&self, format: AudioFormat, capacity: StreamCapacity) -> AudioStream {
        let sink = Arc::new(Sink::new(format, capacity));
        self.sinks.rcu(|sinks| {
            let open = sinks.iter().filter(|sink| sink.is_open());
            open.chain([&sink]).cloned().collect::<Vec<_>>()
        });
        // The track may have ended while the stream was on its way into the list.
        if self.ended.load(Ordering::SeqCst) {
            sink.end();
        }
        AudioStream::new(sink)
    }

    /// Ends the track: streams run dry and finish, later ones finish at once.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        for sink in self.sinks.load().iter() {
            sink.end();
        }
    }

    pub(super) fn sinks(&self) -> Guard<Arc<Vec<Arc<Sink>>>> {
        self.sinks.load()
    }

    pub(super) fn forget_closed(&self) {
        self.sinks.rcu(|sinks| {
            sinks
                .iter()
                .filter(|sink| sink.is_open())
                .cloned()
                .collect::<Vec<_>>()
        });
    }
}
