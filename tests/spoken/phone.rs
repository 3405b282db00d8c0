//! Somebody with a telephone: a call through a twin of Twilio, speech by flite, ears by PocketSphinx.

use std::path::Path;
use std::time::Duration;

use connectors_twilio_twin::{
    Call, FRAME, InboundCall, Message, Number, Persona, Route, Settings, Twin, What,
};
use patchbay::config::PhoneAccount;
use room_media::{Channels, SampleRate, wav};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::house::{House, soon};
use crate::sentences::{self, Sentence};
use crate::sound::{self, LINE, resampled};
use crate::words::Understood;

/// The number where somebody answers who lets others talk.
pub(crate) const FRONT: &str = "+15005550007";

/// A file of the tests is shorter.
pub(crate) const MOST_SAMPLES: usize = 16_000 * 60;

/// A telephone that can call the house.
pub(crate) struct Telephone {
    twin: Twin,
    number: String,
}

/// A call of somebody.
pub(crate) struct Speaker {
    pub(crate) call: Call,
    folder: TempDir,
}

impl Telephone {
    pub(crate) async fn to(house: &House) -> Self {
        let account = PhoneAccount::twin();
        let number = account.phone_number.unwrap();
        let url = house.url().trim_end_matches('/');
        let twin = Twin::start(Settings {
            account_sid: account.account_sid,
            auth_token: account.auth_token.expose_secret().to_owned(),
            numbers: vec![answered(&number, url), answered(FRONT, url)],
            routes: vec![Route::new(url, &url.replace("localhost", "127.0.0.1"))],
            listen: house.twilio(),
            plain_sockets: true,
            ..Settings::default()
        })
        .await
        .unwrap();
        Self { twin, number }
    }

    /// Has somebody's telephone behave like this when it is called.
    pub(crate) fn is_with(&self, number: &str, persona: Persona) {
        self.twin.phone(number, persona);
    }

    /// Waits until somebody is called, and there is sound.
    pub(crate) async fn rings(&self, number: &str) -> Speaker {
        let call = self.dials().await;
        assert_eq!(call.to(), number);
        Speaker::at(call).await
    }

    /// Waits until two are called, in whichever order, and there is sound; returns them in the order of these numbers.
    pub(crate) async fn rings_both(&self, numbers: [&str; 2]) -> [Speaker; 2] {
        let mut calls = [self.dials().await, self.dials().await];
        if calls[0].to() != numbers[0] {
            calls.reverse();
        }
        assert_eq!(calls.each_ref().map(Call::to), numbers);
        let [one, other] = calls;
        [Speaker::at(one).await, Speaker::at(other).await]
    }

    /// Waits until somebody is called, whether they pick up or not.
    pub(crate) async fn dials(&self) -> Call {
        soon(self.twin.next_call()).await.unwrap()
    }

    /// Returns the next message that was sent to somebody.
    pub(crate) async fn message(&self) -> Message {
        soon(self.twin.next_message()).await.unwrap()
    }

    /// Calls, and waits until there is sound.
    pub(crate) async fn calls(&self) -> Speaker {
        self.calls_at(&self.number).await
    }

    /// Calls this number, and waits until there is sound.
    pub(crate) async fn calls_at(&self, number: &str) -> Speaker {
        let call = InboundCall::new("+4930901820", number);
        Speaker::at(self.twin.call_in(call).unwrap()).await
    }
}

impl Speaker {
    /// Takes up a telephone as soon as there is sound.
    pub(crate) async fn at(call: Call) -> Self {
        let started = |what: &What| matches!(what, What::StreamStarted { .. });
        soon(call.event(started)).await.unwrap();
        Self {
            call,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Returns who they are in the room.
    pub(crate) fn identity(&self) -> String {
        format!("phone-{}", self.call.sid())
    }

    /// Returns how long there was music since then.
    pub(crate) fn music_since(&self, since: Duration) -> Duration {
        self.music_between(since, Duration::MAX)
    }

    /// Returns how long there was music in between.
    pub(crate) fn music_between(&self, since: Duration, until: Duration) -> Duration {
        sound::music(&self.between(since, until), LINE)
    }

    /// Returns how long there was anything else in between after the music had begun.
    pub(crate) fn voice_in_music(&self, since: Duration, until: Duration) -> Duration {
        sound::voice_in_music(&self.between(since, until), LINE)
    }

    /// Returns the longest time without a sound since then, until the last sound.
    pub(crate) fn longest_silence_since(&self, since: Duration) -> Duration {
        let heard = self.between(since, Duration::MAX);
        let loud: Vec<bool> = heard.chunks(FRAME).map(is_loud).collect();
        let last = loud.iter().rposition(|is| *is).unwrap_or(0);
        let silences = loud[..last].split(|is| *is).map(<[bool]>::len);
        LINE.duration_of(silences.max().unwrap_or(0) * FRAME)
    }

    fn between(&self, since: Duration, until: Duration) -> Vec<i16> {
        let heard = self.call.heard();
        let until = if until == Duration::MAX {
            heard.len()
        } else {
            LINE.samples_in(until).min(heard.len())
        };
        heard[LINE.samples_in(since).min(until)..until].to_vec()
    }

    /// Returns the name of the session.
    pub(crate) fn session(&self) -> String {
        format!("phone-{}", self.call.sid())
    }

    /// Returns the name of the room.
    pub(crate) fn room(&self) -> String {
        format!("twilio-{}", self.call.sid())
    }

    /// Says something, to its end.
    pub(crate) async fn says(&self, words: &str) {
        let samples = self.begins_to_say(words).await;
        self.listens_for(LINE.duration_of(samples)).await;
    }

    /// Listens for so long.
    pub(crate) async fn listens_for(&self, time: Duration) {
        let until = self.heard_for() + time;
        let mut heard = self.call.listen();
        while heard.position() < until {
            soon(heard.next()).await.unwrap();
        }
    }

    /// Begins to say something; returns how many samples it has.
    pub(crate) async fn begins_to_say(&self, words: &str) -> usize {
        let file = sound::speech(self.folder.path(), sound::RMS, words).await;
        let samples = at_rate(&file, LINE);
        self.call.say(&samples);
        samples.len()
    }

    /// Returns what is understood of what was heard from a time on, in seconds since the call was answered.
    pub(crate) async fn understood(&self, since: Duration) -> Understood {
        let file = self.folder.path().join("heard.wav");
        sound::for_ears(&self.between(since, Duration::MAX), LINE, &file);
        Understood::of(&file).await
    }

    /// Returns which of the sentences were heard in between.
    pub(crate) async fn makes_out(&self, since: Duration, until: Duration) -> Vec<Sentence> {
        sentences::in_sound(&self.between(since, until), LINE).await
    }

    /// Returns how long there was sound since then.
    pub(crate) fn sound_since(&self, since: Duration) -> Duration {
        let heard = self.between(since, Duration::MAX);
        let loud = heard.chunks(FRAME).filter(|piece| is_loud(piece)).count();
        LINE.duration_of(loud * FRAME)
    }

    /// Waits until something is heard.
    pub(crate) async fn hears_something(&self) {
        let now = self.heard_for();
        let mut heard = self.call.listen();
        while let Some(piece) = soon(heard.next()).await {
            if heard.position() > now && is_loud(&piece) {
                return;
            }
        }
    }

    /// Returns how long the call has been listened to.
    pub(crate) fn heard_for(&self) -> Duration {
        LINE.duration_of(self.call.heard().len())
    }

    /// Waits until nothing has been heard for so long.
    pub(crate) async fn hears_nothing_for(&self, pause: Duration) {
        let mut heard = self.call.listen();
        let mut quiet = Duration::ZERO;
        let now = self.heard_for();
        while heard.position() < now || quiet < pause {
            let Some(piece) = soon(heard.next()).await else {
                return;
            };
            quiet = if is_loud(&piece) {
                Duration::ZERO
            } else {
                quiet + LINE.duration_of(piece.len())
            };
        }
    }
}

/// A number that the server answers.
fn answered(number: &str, url: &str) -> Number {
    Number::new(number)
        .voice(&format!("{url}/twilio/voice"))
        .status(&format!("{url}/twilio/status"))
}

fn is_loud(piece: &[i16]) -> bool {
    piece.iter().any(|sample| sample.unsigned_abs() > 300)
}

/// Reads a recording at this rate.
pub(crate) fn at_rate(file: &Path, rate: SampleRate) -> Vec<i16> {
    let frame = wav::read(&std::fs::read(file).unwrap(), MOST_SAMPLES).unwrap();
    let frame = frame.into_channels(Channels::Mono);
    resampled(frame.samples(), frame.format().rate, rate)
}
