//! A person in a room, on stock libwebrtc.

use std::path::{Path, PathBuf};
use std::time::Duration;

use room_media::{Frame, wav};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests_harness::{Peer, PeerKind};

use crate::phone::MOST_SAMPLES;
use crate::sentences::{self, Sentence};
use crate::sound;
use crate::words::Understood;

const TRANSCRIPTION: &str = "lk.transcription";
const CHAT: &str = "lk.chat";

/// A busy machine makes holes in speech; more often than this nobody says it again.
const TRIES: usize = 3;

/// A person with a microphone who hears the agent.
pub(crate) struct Caller {
    peer: Peer,
    identity: String,
    voice: &'static str,
    folder: TempDir,
}

/// An agent as a caller hears it.
pub(crate) struct Agent<'a> {
    caller: &'a Caller,
    identity: String,
}

/// When somebody began and stopped, in seconds of the peer's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Played {
    pub(crate) begun: f64,
    pub(crate) over: f64,
}

impl Caller {
    /// Joins with what `/room/create` or `/room/join` answered.
    pub(crate) async fn enters(admission: &Value) -> Self {
        let caller = Self::reads(admission).await;
        let microphone = caller.peer.perform("open_microphone", json!({})).await;
        microphone.unwrap();
        caller
    }

    /// The same without a microphone: somebody who types.
    pub(crate) async fn reads(admission: &Value) -> Self {
        let peer = Peer::start(PeerKind::Python).await.unwrap();
        let text = |key: &str| admission[key].as_str().unwrap().to_owned();
        peer.perform("listen", json!({})).await.unwrap();
        let way = json!({ "url": text("livekitUrl"), "token": text("token") });
        let joined = peer.perform("join", way).await.unwrap();
        Self {
            identity: joined["identity"].as_str().unwrap().to_owned(),
            peer,
            voice: sound::RMS,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Returns who they are in the room.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    /// Listens to somebody in the room.
    pub(crate) fn hears(&self, identity: &str) -> Agent<'_> {
        Agent {
            caller: self,
            identity: identity.to_owned(),
        }
    }

    /// Waits until somebody comes whose identity begins so, and listens to them.
    pub(crate) async fn meets(&self, beginning: &str) -> Agent<'_> {
        let fits = |event: &Value| {
            let identity = event["identity"].as_str().unwrap_or_default();
            identity.starts_with(beginning)
        };
        let came = self.peer.event("track_subscribed", fits).await.unwrap();
        self.hears(came.fields["identity"].as_str().unwrap())
    }

    /// Tells whether sound or words of anybody have arrived whose identity begins so.
    pub(crate) fn has_met(&self, beginning: &str) -> bool {
        self.peer.events().iter().any(|event| {
            let who = match event.name.as_str() {
                "track_subscribed" => &event.fields["identity"],
                "text" => &event.fields["from"],
                _ => return false,
            };
            who.as_str().unwrap_or_default().starts_with(beginning)
        })
    }

    /// Waits for an agent that is not `but`.
    pub(crate) async fn hears_agent(&self, but: Option<&str>) -> Agent<'_> {
        let identity = crate::house::until(async || {
            let answer = self.peer.perform("participants", json!({})).await.unwrap();
            let people = answer["participants"].as_array().unwrap().clone();
            let agent = people
                .into_iter()
                .find(|one| one["kind"] == "agent" && one["identity"].as_str() != but)?;
            Some(agent["identity"].as_str().unwrap().to_owned())
        })
        .await;
        Agent {
            caller: self,
            identity,
        }
    }

    pub(crate) async fn says(&self, words: &str) -> Played {
        let file = sound::speech(self.folder.path(), self.voice, words).await;
        self.plays(&file).await
    }

    /// Says nothing for a second.
    pub(crate) async fn pauses(&self) -> Played {
        self.plays(&sound::silence(self.folder.path())).await
    }

    pub(crate) async fn coughs(&self) -> Played {
        self.plays(&sound::cough(self.folder.path())).await
    }

    pub(crate) async fn types(&self, text: &str) {
        let message = json!({ "topic": CHAT, "text": text });
        self.peer.perform("send_text", message).await.unwrap();
    }

    /// Waits until the room shows that somebody has said something that ends so.
    pub(crate) async fn has_understood(&self, identity: &str, words: &str) {
        let shown = |event: &Value| {
            event["topic"] == TRANSCRIPTION
                && event["from"] == identity
                && event["attributes"]["lk.transcription_final"] == "true"
                && plain(&event["text"]).ends_with(words)
        };
        self.event("text", shown, words).await;
    }

    /// Returns everything that the room has shown of somebody's words so far.
    pub(crate) fn has_read_of(&self, identity: &str) -> Vec<String> {
        let events = self.peer.events().into_iter();
        let texts = events.filter(|event| event.name == "text" && event.fields["from"] == identity);
        texts.map(|event| plain(&event.fields["text"])).collect()
    }

    /// Waits for a message in the chat that has these words.
    pub(crate) async fn reads_message(&self, words: &str) {
        let shown = |event: &Value| event["topic"] == CHAT && plain(&event["text"]).contains(words);
        self.event("text", shown, words).await;
    }

    /// Waits until the agent has left; the room may be closed before that is told.
    pub(crate) async fn sees_leave(&self, identity: &str) {
        crate::house::until(async || {
            let over = |event: &tests_harness::Event| match event.name.as_str() {
                "participant_left" => event.fields["identity"] == identity,
                _ => event.fields["state"] == "disconnected",
            };
            self.peer.events().iter().any(over).then_some(())
        })
        .await;
    }

    /// Leaves the room. How the stock library ends its process is its own affair.
    pub(crate) async fn leaves(self) {
        self.peer.perform("leave", json!({})).await.unwrap();
    }

    /// Begins to say something and is gone before it is over.
    pub(crate) async fn leaves_while_saying(self, words: &str) {
        let file = sound::speech(self.folder.path(), self.voice, words).await;
        let speaking = self.peer.perform("play", json!({ "file": file }));
        tokio::select! {
            _ = speaking => panic!("it was said before anybody left"),
            () = self.interim() => {}
        }
        self.leaves().await;
    }

    /// Waits until the room shows the first words of something that is still being said.
    async fn interim(&self) {
        let shown = |event: &Value| {
            event["attributes"]["lk.transcription_final"] == "false"
                && !event["from"]
                    .as_str()
                    .unwrap_or_default()
                    .starts_with("agent")
        };
        self.event("text", shown, "the first words").await;
    }

    async fn plays(&self, file: &Path) -> Played {
        let played = self
            .peer
            .perform("play", json!({ "file": file }))
            .await
            .unwrap();
        Played {
            begun: played["begun"].as_f64().unwrap(),
            over: played["over"].as_f64().unwrap(),
        }
    }

    async fn event(&self, name: &str, wanted: impl Fn(&Value) -> bool, what: &str) {
        if let Err(error) = self.peer.event(name, wanted).await {
            let events = self.peer.events();
            panic!("{what} did not come: {error:#}\n{events:#?}");
        }
    }
}

impl Agent<'_> {
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    /// Waits until the agent has said all of this.
    pub(crate) async fn says(&self, words: &str) {
        let words = words.to_lowercase();
        let shown = |event: &Value| {
            event["topic"] == TRANSCRIPTION
                && event["from"] == self.identity
                && plain(&event["text"]).contains(&words)
        };
        self.caller.event("text", shown, &words).await;
    }

    /// Asks something, and again where the agent says something else, as people do, until it answers so.
    pub(crate) async fn answers(&self, question: &str, words: &str) {
        let shown =
            |event: &Value| event["topic"] == TRANSCRIPTION && event["from"] == self.identity;
        for _ in 0..TRIES {
            self.caller.says(question).await;
            let told = self.caller.peer.event("text", shown).await.unwrap();
            if plain(&told.fields["text"]).contains(&words.to_lowercase()) {
                return;
            }
        }
        let events = self.caller.peer.events();
        panic!("`{question}` was not answered with `{words}`\n{events:#?}");
    }

    /// Waits until sound of it has been heard since then.
    pub(crate) async fn sounds_since(&self, since: f64) -> f64 {
        crate::house::until(async || self.recording(since).await.first_sound).await
    }

    /// Waits until nothing of it has been heard for so many seconds, and returns when the last sound was.
    pub(crate) async fn is_quiet_for(&self, seconds: f64) -> f64 {
        crate::house::until(async || {
            let recording = self.recording(0.0).await;
            let last = recording.last_sound?;
            (recording.now - last >= seconds).then_some(last)
        })
        .await
    }

    /// Returns when it fell silent after somebody began to speak over it: the last sound before a pause.
    pub(crate) async fn pause_after(&self, begun: f64) -> f64 {
        let recording = self.recording(begun).await;
        recording.first_pause.unwrap_or(recording.now)
    }

    /// Returns the time, in seconds of the peer's clock.
    pub(crate) async fn now(&self) -> f64 {
        self.recording(0.0).await.now
    }

    /// Returns how long there was music of it since then.
    pub(crate) async fn music_since(&self, since: f64) -> Duration {
        let frame = self.frame(since).await;
        sound::music(frame.samples(), frame.format().rate)
    }

    /// Returns which of the sentences were heard of it since then.
    pub(crate) async fn makes_out(&self, since: f64) -> Vec<Sentence> {
        let frame = self.frame(since).await;
        sentences::in_sound(frame.samples(), frame.format().rate).await
    }

    async fn frame(&self, since: f64) -> Frame {
        let file = std::fs::read(self.recording(since).await.file).unwrap();
        wav::read(&file, MOST_SAMPLES).unwrap()
    }

    /// Returns what was understood of it since then.
    pub(crate) async fn understood(&self, since: f64) -> Understood {
        Understood::of(&self.recording(since).await.file).await
    }

    async fn recording(&self, since: f64) -> Recording {
        let file = self.caller.folder.path().join("heard.wav");
        let arguments = json!({ "identity": self.identity, "file": file, "since": since });
        let heard = self.caller.peer.perform("heard", arguments).await.unwrap();
        Recording {
            file,
            now: heard["now"].as_f64().unwrap(),
            first_sound: heard["first_sound"].as_f64(),
            last_sound: heard["last_sound"].as_f64(),
            first_pause: heard["first_pause"].as_f64(),
        }
    }
}

struct Recording {
    file: PathBuf,
    now: f64,
    first_sound: Option<f64>,
    last_sound: Option<f64>,
    first_pause: Option<f64>,
}

/// Lower case without the spaces around.
fn plain(text: &Value) -> String {
    text.as_str().unwrap_or_default().trim().to_lowercase()
}
