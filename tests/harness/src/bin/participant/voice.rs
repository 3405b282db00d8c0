//! A published microphone and what sounds on it.

use std::fs;

use anyhow::{Result, ensure};
use livekit::options::TrackPublishOptions;
use livekit::prelude::*;
use livekit::webrtc::audio_frame::AudioFrame;
use livekit::webrtc::audio_source::AudioSourceOptions;
use livekit::webrtc::audio_source::native::NativeAudioSource;
use room_media::tone::Tone;
use room_media::{Dbfs, SampleRate, wav};
use tokio::task::JoinSet;

pub(crate) const RATE: SampleRate = SampleRate::HZ_48000;

/// What a source may hold: enough that a busy machine does not run it dry.
const QUEUE_MS: u32 = 200;

/// 10 ms, as a microphone's driver hands over.
const PIECE: usize = 480;

/// Ten minutes: longer than any test plays.
const MOST_SAMPLES: usize = 48_000 * 600;

/// Sound without end.
pub(crate) enum Sound {
    Tone(Tone),
    /// From the start again at its end.
    Loop {
        samples: Vec<i16>,
        next: usize,
    },
}

impl Sound {
    /// `level` is RMS in dBFS.
    pub(crate) fn tone(hertz: f32, level: f32) -> Self {
        Self::Tone(Tone::new(RATE, hertz, Dbfs::new(level)))
    }

    pub(crate) fn file(path: &str) -> Result<Self> {
        let frame = wav::read(&fs::read(path)?, MOST_SAMPLES)?;
        ensure!(frame.format().rate == RATE, "the file must have 48 kHz");
        ensure!(frame.samples().len() >= PIECE, "the file is too short");
        Ok(Self::Loop {
            samples: frame.into_samples(),
            next: 0,
        })
    }

    fn piece(&mut self) -> Vec<i16> {
        match self {
            Self::Tone(tone) => tone.take(PIECE),
            Self::Loop { samples, next } => {
                if *next + PIECE > samples.len() {
                    *next = 0;
                }
                let piece = samples[*next..*next + PIECE].to_vec();
                *next += PIECE;
                piece
            }
        }
    }
}

/// A published track; its sound ends when this value is dropped.
pub(crate) struct Voice {
    pub(crate) track: LocalTrack,
    /// As first published; a reconnection gives the track another one.
    pub(crate) sid: TrackSid,
    _pump: JoinSet<()>,
}

impl Voice {
    pub(crate) async fn publish(room: &Room, sound: Sound, name: &str) -> Result<Self> {
        let options = AudioSourceOptions::default();
        let source = NativeAudioSource::new(options, RATE.hertz(), 1, QUEUE_MS);
        let track =
            LocalAudioTrack::create_audio_track(name, RtcAudioSource::Native(source.clone()));
        let track = LocalTrack::Audio(track);
        let options = TrackPublishOptions {
            source: TrackSource::Microphone,
            dtx: false,
            ..TrackPublishOptions::default()
        };
        let me = room.local_participant();
        let publication = me.publish_track(track.clone(), options).await?;
        let mut pump = JoinSet::new();
        pump.spawn(play(source, sound));
        Ok(Self {
            track,
            sid: publication.sid(),
            _pump: pump,
        })
    }
}

/// The source sets the pace: it lets the pump wait while it is full.
async fn play(source: NativeAudioSource, mut sound: Sound) {
    loop {
        let frame = AudioFrame {
            data: sound.piece().into(),
            sample_rate: RATE.hertz(),
            num_channels: 1,
            samples_per_channel: PIECE as u32,
        };
        if source.capture_frame(&frame).await.is_err() {
            return;
        }
    }
}
