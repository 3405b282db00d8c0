//! A published track in memory: a queue that is sent in real time.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    hall::{Hall, NewTrack, Place},
    service::Service,
};
use crate::{AudioFormat, CaptureError, LocalTrack, Muting, RoomError, TrackId, track::QUEUE};

/// One packet's worth.
const FRAME: Duration = Duration::from_millis(20);

/// What must be handed over at least.
const UNIT: Duration = Duration::from_millis(10);

/// Long enough that a pause between two words does not end the pump.
const LINGER: Duration = Duration::from_millis(400);

pub(super) struct MemoryTrack {
    sound: Arc<Sound>,
    service: Arc<Service>,
}

/// What the handle and the pump share.
struct Sound {
    id: TrackId,
    format: AudioFormat,
    subscribed: CancellationToken,
    hall: Arc<Hall>,
    place: Place,
    queue: Mutex<Queue>,
    /// There are samples.
    filled: Notify,
    /// There is room, or nothing left, or the track is gone.
    drained: Notify,
}

#[derive(Default)]
struct Queue {
    samples: VecDeque<i16>,
    /// Values of the frame that is on its way.
    sending: usize,
    pumping: bool,
    withdrawn: bool,
}

impl MemoryTrack {
    pub(super) fn new(
        track: NewTrack,
        hall: Arc<Hall>,
        place: Place,
        service: Arc<Service>,
    ) -> Self {
        let sound = Sound {
            id: track.id,
            format: track.format,
            subscribed: track.subscribed,
            hall,
            place,
            queue: Mutex::new(Queue::default()),
            filled: Notify::new(),
            drained: Notify::new(),
        };
        Self {
            sound: Arc::new(sound),
            service,
        }
    }

    /// Takes what fits; returns how much.
    fn take_in(&self, samples: &[i16]) -> Result<usize, CaptureError> {
        let sound = &self.sound;
        let mut queue = sound.queue.lock();
        if queue.withdrawn || sound.place.gone.is_cancelled() {
            return Err(CaptureError::Gone);
        }
        let room = sound
            .format
            .values_in(QUEUE)
            .saturating_sub(queue.samples.len());
        let taken = room.min(samples.len());
        queue.samples.extend(&samples[..taken]);
        if taken > 0 && !queue.pumping {
            queue.pumping = true;
            self.service.tasks.spawn(pump(Arc::clone(sound)));
        }
        sound.filled.notify_one();
        Ok(taken)
    }
}

#[async_trait]
impl LocalTrack for MemoryTrack {
    fn id(&self) -> TrackId {
        self.sound.id.clone()
    }

    fn format(&self) -> AudioFormat {
        self.sound.format
    }

    async fn capture(&self, samples: &[i16]) -> Result<(), CaptureError> {
        let unit = self.sound.format.values_in(UNIT);
        if unit == 0 || !samples.len().is_multiple_of(unit) {
            return Err(CaptureError::Format);
        }
        let mut rest = samples;
        loop {
            let drained = self.sound.drained.notified();
            tokio::pin!(drained);
            drained.as_mut().enable();
            rest = &rest[self.take_in(rest)?..];
            if rest.is_empty() {
                return Ok(());
            }
            tokio::select! {
                () = drained => {}
                () = self.sound.place.gone.cancelled() => {}
            }
        }
    }

    fn clear(&self) {
        self.sound.queue.lock().samples.clear();
        self.sound.drained.notify_waiters();
    }

    fn queued(&self) -> Duration {
        let queue = self.sound.queue.lock();
        self.sound
            .format
            .duration_of(queue.samples.len() + queue.sending)
    }

    async fn subscribed(&self) {
        self.sound.subscribed.cancelled().await;
    }

    async fn played(&self) {
        loop {
            let drained = self.sound.drained.notified();
            tokio::pin!(drained);
            drained.as_mut().enable();
            if self.queued().is_zero() {
                return;
            }
            tokio::select! {
                () = drained => {}
                () = self.sound.place.gone.cancelled() => return,
            }
        }
    }

    fn mute(&self, to: Muting) {
        self.sound
            .hall
            .mute(&self.sound.place.identity, &self.sound.id, to);
    }

    async fn unpublish(&self) -> Result<(), RoomError> {
        let mut queue = self.sound.queue.lock();
        queue.withdrawn = true;
        queue.samples.clear();
        drop(queue);
        self.sound.drained.notify_waiters();
        self.sound.hall.unpublish(&self.sound.place, &self.sound.id)
    }
}

/// Sends what is there, frame by frame in real time, until nothing came for a while.
async fn pump(sound: Arc<Sound>) {
    let mut due = Instant::now();
    loop {
        if let Some(frame) = sound.next_frame() {
            sound.hall.deliver(&sound.id, &frame);
            due += sound.format.duration_of(frame.len());
            tokio::select! {
                () = sleep_until(due) => {}
                () = sound.place.gone.cancelled() => {}
            }
            sound.queue.lock().sending = 0;
            sound.drained.notify_waiters();
            continue;
        }
        tokio::select! {
            refilled = timeout(LINGER, sound.filled.notified()) => {
                if refilled.is_err() {
                    sound.hall.fall_silent(&sound.place.identity);
                    if sound.stop_pumping() {
                        return;
                    }
                }
            }
            () = sound.place.gone.cancelled() => {
                sound.queue.lock().samples.clear();
                return;
            }
        }
        // After silence the clock starts at the first sample handed over.
        due = due.max(Instant::now());
    }
}

impl Sound {
    fn next_frame(&self) -> Option<Vec<i16>> {
        let mut queue = self.queue.lock();
        let length = self.format.values_in(FRAME).min(queue.samples.len());
        if length == 0 || self.place.gone.is_cancelled() {
            return None;
        }
        queue.sending = length;
        Some(queue.samples.drain(..length).collect())
    }

    /// Ends the pump unless something came in between.
    fn stop_pumping(&self) -> bool {
        let mut queue = self.queue.lock();
        queue.pumping = !queue.samples.is_empty();
        !queue.pumping
    }
}
