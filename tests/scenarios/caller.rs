//! A caller in a real room, on the `livekit` crate as anybody would use it.

use futures_util::StreamExt;
use livekit::options::TrackPublishOptions;
use livekit::participant::ParticipantKind;
use livekit::prelude::*;
use livekit::webrtc::audio_source::AudioSourceOptions;
use livekit::webrtc::audio_source::native::NativeAudioSource;
use livekit::webrtc::audio_stream::native::NativeAudioStream;
use livekit::webrtc::prelude::{AudioFrame, RtcAudioSource};
use livekit::{SendTextOptions, StreamReader, TextStreamReader};
use room_media::tone::{self, Tone, ToneReport};
use room_media::{Dbfs, SampleRate};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::running::soon;

const RATE: SampleRate = SampleRate::HZ_48000;

/// Loud, with room above.
const LEVEL: f32 = -20.0;

/// A caller who hears everybody else in the room.
pub(crate) struct Caller {
    pub(crate) room: Room,
    heard: watch::Receiver<Vec<i16>>,
    /// What was transcribed, in the order in which it was complete.
    read: watch::Receiver<Vec<String>>,
    /// Whether somebody listens to what this caller says.
    listened_to: watch::Receiver<bool>,
    _listening: JoinSet<()>,
}

impl Caller {
    /// Joins with what `/room/create` or `/room/join` answered.
    pub(crate) async fn join(admitted: &serde_json::Value) -> Self {
        let url = admitted["livekitUrl"].as_str().unwrap();
        let token = admitted["token"].as_str().unwrap();
        let connecting = Room::connect(url, token, RoomOptions::default());
        let (room, events) = soon(connecting).await.unwrap();
        let (sounds, heard) = watch::channel(Vec::new());
        let (lines, read) = watch::channel(Vec::new());
        let (listeners, listened_to) = watch::channel(false);
        let mut listening = JoinSet::new();
        listening.spawn(attend(events, sounds, lines, listeners));
        Self {
            room,
            heard,
            read,
            listened_to,
            _listening: listening,
        }
    }

    /// Says a tone for one second to whoever listens, then stays silent.
    pub(crate) async fn says_a_tone(&self, hertz: f32) {
        let source = NativeAudioSource::new(AudioSourceOptions::default(), RATE.hertz(), 1, 200);
        let voice = RtcAudioSource::Native(source.clone());
        let track = LocalAudioTrack::create_audio_track("voice", voice);
        let options = TrackPublishOptions {
            source: TrackSource::Microphone,
            ..TrackPublishOptions::default()
        };
        let me = self.room.local_participant();
        soon(me.publish_track(LocalTrack::Audio(track), options))
            .await
            .unwrap();

        soon(
            self.listened_to
                .clone()
                .wait_for(|listened_to| *listened_to),
        )
        .await
        .unwrap();
        let mut samples = Tone::new(RATE, hertz, Dbfs::new(LEVEL)).take(RATE.hertz() as usize);
        samples.resize(3 * RATE.hertz() as usize, 0);
        for piece in samples.chunks(RATE.hertz() as usize / 100) {
            source.capture_frame(&frame(piece.to_vec())).await.unwrap();
        }
    }

    /// Waits until about a second of the tone was heard.
    pub(crate) async fn hears_the_tone(&self, hertz: f32) -> ToneReport {
        let mut heard = self.heard.clone();
        let enough = |samples: &Vec<i16>| {
            let report = tone::measure(samples, RATE, hertz);
            report.share > 0.5 && report.duration.as_millis() >= 800
        };
        let samples = soon(heard.wait_for(enough)).await.unwrap().clone();
        tone::measure(&samples, RATE, hertz)
    }

    /// Writes to the chat.
    pub(crate) async fn types(&self, text: &str) {
        let options = SendTextOptions::new_with_topic("lk.chat");
        let me = self.room.local_participant();
        soon(me.send_text(text, options)).await.unwrap();
    }

    /// Waits until a transcribed line holds this text.
    pub(crate) async fn reads(&self, text: &str) {
        let mut read = self.read.clone();
        let lines = read.wait_for(|lines| lines.iter().any(|line| line.contains(text)));
        soon(lines).await.unwrap();
    }

    /// Returns how many transcribed lines hold this text.
    pub(crate) fn has_read(&self, text: &str) -> usize {
        let lines = self.read.borrow();
        lines.iter().filter(|line| line.contains(text)).count()
    }

    /// Tells whether the caller is in the room.
    pub(crate) fn is_connected(&self) -> bool {
        self.room.connection_state() == ConnectionState::Connected
    }

    /// Tells whether somebody of this kind is in the room.
    pub(crate) fn sees(&self, kind: ParticipantKind) -> bool {
        self.room
            .remote_participants()
            .values()
            .any(|other| other.kind() == kind)
    }
}

async fn attend(
    mut events: mpsc::UnboundedReceiver<RoomEvent>,
    heard: watch::Sender<Vec<i16>>,
    read: watch::Sender<Vec<String>>,
    listened_to: watch::Sender<bool>,
) {
    let mut ears = JoinSet::new();
    while let Some(event) = events.recv().await {
        match event {
            RoomEvent::LocalTrackSubscribed { .. } => drop(listened_to.send(true)),
            RoomEvent::TrackSubscribed {
                track: RemoteTrack::Audio(track),
                ..
            } => {
                ears.spawn(listen(track, heard.clone()));
            }
            RoomEvent::TextStreamOpened { reader, topic, .. } if topic == "lk.transcription" => {
                let reader = reader.take().unwrap();
                ears.spawn(write_down(reader, read.clone()));
            }
            _ => {}
        }
    }
}

async fn write_down(reader: TextStreamReader, read: watch::Sender<Vec<String>>) {
    // A speaker who is gone leaves half a line.
    if let Ok(line) = reader.read_all().await {
        read.send_modify(|lines| lines.push(line));
    }
}

async fn listen(track: RemoteAudioTrack, heard: watch::Sender<Vec<i16>>) {
    let mut stream = NativeAudioStream::new(track.rtc_track(), RATE.hertz().cast_signed(), 1);
    while let Some(frame) = stream.next().await {
        heard.send_modify(|samples| samples.extend_from_slice(&frame.data));
    }
}

fn frame(samples: Vec<i16>) -> AudioFrame<'static> {
    AudioFrame {
        samples_per_channel: samples.len().try_into().unwrap(),
        data: samples.into(),
        sample_rate: RATE.hertz(),
        num_channels: 1,
    }
}
