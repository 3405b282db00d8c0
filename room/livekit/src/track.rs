//! One's own audio track on LiveKit.

mod converter;
mod ledger;
mod outlet;
mod relay;
mod speech;

use std::{borrow::Cow, sync::Arc, time::Duration};

use async_trait::async_trait;
use livekit::{
    options::{AudioEncoding, TrackPublishOptions},
    prelude::{LocalAudioTrack, LocalTrack as SdkTrack},
    webrtc::{
        audio_frame::AudioFrame as SdkFrame,
        audio_source::{AudioSourceOptions, RtcAudioSource, native::NativeAudioSource},
    },
};
use parking_lot::Mutex;
use room_contract::{
    AudioFormat, CaptureError, LocalTrack, Muting, PublishOptions, RoomError, TrackId, deadline,
    track::QUEUE,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

pub(crate) use self::outlet::Outlet;
use self::{ledger::Ledger, relay::Turn};
use crate::{
    failure::{self, within},
    participants,
    room::Shared,
};

/// The SDK's own unit.
const UNIT: Duration = Duration::from_millis(10);

/// One packet's worth; handed over piece by piece, so that clearing finds little under way.
const PIECE: Duration = Duration::from_millis(20);

/// A track that is published.
pub(crate) struct Published {
    source: NativeAudioSource,
    format: AudioFormat,
    outlet: Arc<Outlet>,
    ledger: Mutex<Ledger>,
    cleared: Notify,
    /// Withdrawn, or the room is left.
    gone: CancellationToken,
    shared: Arc<Shared>,
}

/// Refuses what no engine codes.
pub(crate) fn check(format: AudioFormat) -> Result<(), RoomError> {
    let rate =
        (8_000..=48_000).contains(&format.sample_rate) && format.sample_rate.is_multiple_of(100);
    if rate && matches!(format.channels, 1 | 2) {
        return Ok(());
    }
    Err(RoomError::Refused(
        "no such audio format: 8 to 48 kHz, one or two channels".to_owned(),
    ))
}

impl Published {
    pub(crate) async fn publish(
        shared: &Arc<Shared>,
        options: PublishOptions,
    ) -> Result<Arc<Self>, RoomError> {
        let format = options.format;
        check(format)?;
        let local = shared.local();
        if local
            .permission()
            .is_some_and(|permission| !permission.can_publish)
        {
            return Err(RoomError::Refused("publishing is not granted".to_owned()));
        }
        let queue_ms = u32::try_from(QUEUE.as_millis()).unwrap_or(u32::MAX);
        let channels = u32::from(format.channels);
        let source = NativeAudioSource::new(
            AudioSourceOptions::default(),
            format.sample_rate,
            channels,
            queue_ms,
        );
        let track = LocalAudioTrack::create_audio_track(
            &options.name,
            RtcAudioSource::Native(source.clone()),
        );
        let published = within(
            deadline::PUBLISH,
            local.publish_track(SdkTrack::Audio(track), sdk_options(&options)),
        );
        let publication = published
            .await
            .map_err(failure::late)?
            .map_err(failure::room)?;
        let track = Arc::new(Self {
            source,
            format,
            outlet: Arc::new(Outlet::new(
                publication,
                format,
                Arc::clone(&shared.listen_anew),
            )),
            ledger: Mutex::new(Ledger::default()),
            cleared: Notify::new(),
            gone: shared.gone.child_token(),
            shared: Arc::clone(shared),
        });
        shared.remember(&track.outlet);
        Ok(track)
    }

    async fn hand_over(&self, samples: &[i16]) -> Result<(), CaptureError> {
        let sound = self.format.duration_of(samples.len());
        self.drained_to(QUEUE.saturating_sub(sound)).await?;
        let is_out = self.is_wanted_outside();
        if is_out {
            for missed in self.outlet.relay.take_out() {
                self.code(&missed).await?;
            }
            self.code(samples).await?;
        }
        self.note(samples, is_out);
        Ok(())
    }

    /// Returns whether the server has to have it. Whoever is hidden listens without being seen, a recorder among them.
    fn is_wanted_outside(&self) -> bool {
        !self.outlet.is_for_those_nearby() || self.shared.has_hidden_listeners()
    }

    /// Waits until no more than this is unsent.
    async fn drained_to(&self, most: Duration) -> Result<(), CaptureError> {
        loop {
            let cleared = self.cleared.notified();
            tokio::pin!(cleared);
            cleared.as_mut().enable();
            let excess = self.queued().saturating_sub(most);
            if self.gone.is_cancelled() {
                return Err(CaptureError::Gone);
            }
            if excess.is_zero() {
                return Ok(());
            }
            tokio::select! {
                () = sleep_until(Instant::now() + excess) => {}
                () = cleared => {}
                () = self.gone.cancelled() => return Err(CaptureError::Gone),
            }
        }
    }

    /// Gives it to the engine, which codes it and sends it to the server.
    async fn code(&self, samples: &[i16]) -> Result<(), CaptureError> {
        let channels = u32::from(self.format.channels);
        let frame = SdkFrame {
            data: Cow::Borrowed(samples),
            sample_rate: self.format.sample_rate,
            num_channels: channels,
            samples_per_channel: u32::try_from(samples.len()).unwrap_or(0) / channels,
        };
        let captured = tokio::select! {
            biased;
            () = self.gone.cancelled() => return Err(CaptureError::Gone),
            captured = within(deadline::SEND, self.source.capture_frame(&frame)) => captured,
        };
        match captured {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(error = %error.message, "the engine refused a frame"),
            // Sound that could not be sent in time is of no use later.
            Err(late) => tracing::debug!(%late, "a frame was dropped"),
        }
        Ok(())
    }

    /// Counts it, and hands it to those nearby when it is sent.
    fn note(&self, samples: &[i16], is_out: bool) {
        let now = Instant::now();
        let sound = self.format.duration_of(samples.len());
        let turn = Turn {
            due: self.ledger.lock().add(now, sound),
            is_out,
        };
        let relay = &self.outlet.relay;
        relay.send(now, turn, samples, &self.shared.tasks);
    }
}

fn sdk_options(options: &PublishOptions) -> TrackPublishOptions {
    TrackPublishOptions {
        audio_encoding: Some(AudioEncoding {
            max_bitrate: u64::from(options.bitrate),
        }),
        dtx: options.dtx,
        red: options.red,
        source: participants::source_on_the_way_out(options.source),
        ..TrackPublishOptions::default()
    }
}

#[async_trait]
impl LocalTrack for Published {
    fn id(&self) -> TrackId {
        participants::track_id(&self.outlet.sid()).expect("the SDK checks the prefix")
    }

    fn format(&self) -> AudioFormat {
        self.format
    }

    async fn capture(&self, samples: &[i16]) -> Result<(), CaptureError> {
        if !samples.len().is_multiple_of(self.format.values_in(UNIT)) {
            return Err(CaptureError::Format);
        }
        for piece in samples.chunks(self.format.values_in(PIECE)) {
            self.hand_over(piece).await?;
        }
        Ok(())
    }

    fn clear(&self) {
        self.source.clear_buffer();
        self.ledger.lock().clear(Instant::now());
        self.outlet.relay.clear();
        self.cleared.notify_waiters();
    }

    fn queued(&self) -> Duration {
        self.ledger.lock().queued(Instant::now())
    }

    async fn subscribed(&self) {
        self.outlet.subscribed().await;
    }

    async fn played(&self) {
        // Of a track that is gone nothing is played any more.
        let _ = self.drained_to(Duration::ZERO).await;
    }

    fn mute(&self, to: Muting) {
        self.outlet.mute(to);
    }

    async fn unpublish(&self) -> Result<(), RoomError> {
        if self.gone.is_cancelled() {
            return Err(RoomError::Gone);
        }
        self.gone.cancel();
        self.source.clear_buffer();
        self.shared.forget(&self.outlet);
        let sid = self.outlet.sid();
        let withdrawn = within(deadline::PUBLISH, self.shared.local().unpublish_track(&sid)).await;
        withdrawn.map_err(failure::late)?.map_err(failure::room)?;
        Ok(())
    }
}
