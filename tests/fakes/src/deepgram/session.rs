//! One live transcription.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use super::{
    UNSCRIPTED,
    ear::{Ear, Happened, STEP},
};
use crate::{
    Conduct, Fault, Way,
    server::Desk,
    socket::{Knock, Next, Talk},
    voice,
    words::tokens,
};

pub(super) const REQUEST: &str = "6f0c1d52-0000-4000-8000-000000000001";

/// How often words are told before they are final, in seconds of sound.
const INTERIM: f64 = 0.3;

/// How often silence is told, in seconds of sound.
const SILENCE: f64 = 3.0;

/// Longer than a client takes.
const ENDLESS: usize = 8 << 20;

pub(super) struct Session {
    talk: Talk,
    ear: Ear,
    rate: usize,
    is_mulaw: bool,
    wants_interim: bool,
    wants_events: bool,
    /// Bytes that are no whole step yet.
    rest: Vec<u8>,
    /// The words of the present speech.
    line: Option<String>,
    /// Seconds that results were final about.
    settled: f64,
    interim_at: f64,
    heard_sound: bool,
    /// When the last loud sound came, by the clock.
    voice_at: Option<std::time::Instant>,
    silent_until: Instant,
    sent: usize,
    is_closing: bool,
    conduct: Conduct,
    fault: Option<Fault>,
    desk: Arc<Desk<String>>,
}

impl Session {
    pub(super) fn new(
        talk: Talk,
        knock: &Knock,
        conduct: Conduct,
        fault: Option<Fault>,
        desk: Arc<Desk<String>>,
    ) -> Self {
        let number = |name: &str| {
            knock
                .first(name)
                .and_then(|value| value.parse::<f64>().ok())
        };
        let endpointing = match knock.first("endpointing") {
            Some("false") => f64::INFINITY,
            _ => number("endpointing").unwrap_or(10.0) / 1000.0,
        };
        let wants_interim = knock.first("interim_results") == Some("true");
        let utterance_end = number("utterance_end_ms").filter(|_| wants_interim);
        Self {
            ear: Ear::new(endpointing, utterance_end.map(|end| end / 1000.0)),
            rate: number("sample_rate").unwrap_or(16_000.0) as usize,
            is_mulaw: knock.first("encoding") == Some("mulaw"),
            wants_interim,
            wants_events: knock.first("vad_events") == Some("true"),
            rest: Vec::new(),
            line: None,
            settled: 0.0,
            interim_at: 0.0,
            heard_sound: false,
            voice_at: None,
            silent_until: Instant::now() + conduct.idle,
            sent: 0,
            is_closing: false,
            talk,
            conduct,
            fault,
            desk,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let next = tokio::select! {
                next = self.talk.next() => next,
                () = sleep_until(self.silent_until) => {
                    return self.talk.close(1011, "NET-0001").await;
                }
            };
            match next {
                Next::Gone => return,
                Next::Text(text) => self.handle_order(&text),
                Next::Bytes(bytes) if bytes.is_empty() => self.close_stream(),
                Next::Bytes(bytes) => self.handle_sound(&bytes),
                Next::Due(message) => {
                    let wrong = self
                        .fault
                        .as_ref()
                        .and_then(|fault| wrong(fault, self.sent));
                    if let Some(wrong) = wrong {
                        return self.go_wrong(wrong).await;
                    }
                    self.sent += 1;
                    if !self.talk.send(message).await {
                        return;
                    }
                }
            }
            if self.is_closing && self.talk.waiting() == 0 {
                return self.talk.close(1000, "").await;
            }
        }
    }

    async fn go_wrong(mut self, wrong: Wrong) {
        match wrong {
            Wrong::Stall => self.talk.stall().await,
            Wrong::Reset => self.talk.reset().await,
            Wrong::Close(code, reason) => self.talk.close(code, reason).await,
            Wrong::Say(text) => {
                self.talk.send(Message::text(text)).await;
                self.talk.stall().await;
            }
        }
    }

    fn handle_order(&mut self, text: &str) {
        let order: Value = serde_json::from_str(text).unwrap_or_default();
        let kind = match order["type"].as_str() {
            Some("KeepAlive") => "ListenV1_ListenV1KeepAlive",
            Some("Finalize") => "ListenV1_ListenV1Finalize",
            Some("CloseStream") => "ListenV1_ListenV1CloseStream",
            _ => "ListenV1_unknown",
        };
        let _ = self.desk.note_checked(Way::In, kind, order);
        // Without any sound a connection is not kept.
        if self.heard_sound {
            self.silent_until = Instant::now() + self.conduct.idle;
        }
        match kind {
            "ListenV1_ListenV1Finalize" => self.settle(true, false),
            "ListenV1_ListenV1CloseStream" => self.close_stream(),
            _ => {}
        }
    }

    fn close_stream(&mut self) {
        if self.ear.speech.is_some() {
            self.settle(false, true);
        }
        let metadata = json!({
            "type": "Metadata",
            "transaction_key": "deprecated",
            "request_id": REQUEST,
            "sha256": "0".repeat(64),
            "created": "2026-01-01T00:00:00.000Z",
            "duration": self.ear.position,
            "channels": 1,
        });
        self.post("ListenV1_ListenV1Metadata", metadata, Duration::ZERO);
        self.is_closing = true;
    }

    fn handle_sound(&mut self, bytes: &[u8]) {
        self.heard_sound = true;
        self.silent_until = Instant::now() + self.conduct.idle;
        self.desk.note(Way::In, "sound", json!(bytes.len()));
        self.rest.extend_from_slice(bytes);
        let width = if self.is_mulaw { 1 } else { 2 };
        let step = self.rate * STEP.as_millis() as usize / 1000 * width;
        while step > 0 && self.rest.len() >= step {
            let rest = self.rest.split_off(step);
            let sound = std::mem::replace(&mut self.rest, rest);
            let is_loud = is_loud(&sound, self.is_mulaw);
            if is_loud {
                self.voice_at = Some(std::time::Instant::now());
            }
            let happened = self.ear.handle(is_loud);
            self.handle_happened(happened);
        }
    }

    fn handle_happened(&mut self, happened: Option<Happened>) {
        match happened {
            Some(Happened::Began(at)) => {
                self.interim_at = at + INTERIM;
                if self.wants_events {
                    let started =
                        json!({ "type": "SpeechStarted", "channel": [0, 1], "timestamp": at });
                    self.post("ListenV1_ListenV1SpeechStarted", started, Duration::ZERO);
                }
            }
            Some(Happened::GoesOn)
                if self.wants_interim && self.ear.position >= self.interim_at =>
            {
                self.interim_at = self.ear.position + INTERIM;
                self.tell_interim();
            }
            Some(Happened::GoesOn) => {}
            Some(Happened::Ended) => {
                if let Some(at) = self.voice_at {
                    self.desk.note_at(at, Way::In, "last voice", Value::Null);
                }
                self.settle(false, true);
            }
            Some(Happened::UtteranceOver) => {
                let last = self.ear.last_word.unwrap_or(-1.0);
                let end =
                    json!({ "type": "UtteranceEnd", "channel": [0, 1], "last_word_end": last });
                self.post("ListenV1_ListenV1UtteranceEnd", end, Duration::ZERO);
            }
            None if self.ear.position - self.settled >= SILENCE => self.settle(false, false),
            None => {}
        }
    }

    /// As many words as somebody can have said by now.
    fn tell_interim(&mut self) {
        let Some(began) = self.ear.speech else { return };
        let line = self.line();
        let words = tokens(&line);
        let said = ((self.ear.position - began) / INTERIM) as usize;
        let text = words[..said.clamp(1, words.len().max(1)).min(words.len())].concat();
        self.tell(
            &text,
            (began, self.ear.position),
            [false, false, false],
            Duration::ZERO,
        );
    }

    /// Makes everything up to here final.
    fn settle(&mut self, is_asked_for: bool, is_end_of_speech: bool) {
        let (text, after) = match self.ear.speech {
            Some(_) => (self.line(), self.conduct.first),
            None => (String::new(), Duration::ZERO),
        };
        let start = self.settled.min(self.ear.position);
        self.tell(
            &text,
            (start, self.ear.position),
            [true, is_end_of_speech, is_asked_for],
            after,
        );
        self.settled = self.ear.position;
        self.line = None;
        self.ear.cut();
    }

    fn line(&mut self) -> String {
        let desk = &self.desk;
        let line = self.line.get_or_insert_with(|| {
            let scripted = desk.take_reply().or_else(|| desk.standing());
            scripted.unwrap_or_else(|| UNSCRIPTED.to_owned())
        });
        line.clone()
    }

    fn tell(&mut self, text: &str, (from, to): (f64, f64), flags: [bool; 3], after: Duration) {
        let said: Vec<&str> = text.split_whitespace().collect();
        let each = (to - from) / said.len().max(1) as f64;
        let words = said.iter().enumerate().map(|(n, word)| {
            let bare = word
                .trim_matches(|c: char| !c.is_alphanumeric())
                .to_lowercase();
            let start = from + each * n as f64;
            json!({
                "word": bare, "start": start, "end": start + each,
                "confidence": 0.99, "punctuated_word": word,
            })
        });
        let alternative = json!({
            "transcript": text,
            "confidence": if text.is_empty() { 0.0 } else { 0.99 },
            "words": words.collect::<Value>(),
        });
        let [is_final, speech_final, from_finalize] = flags;
        let results = json!({
            "type": "Results",
            "channel_index": [0, 1],
            "duration": to - from,
            "start": from,
            "is_final": is_final,
            "speech_final": speech_final,
            "from_finalize": from_finalize,
            "channel": { "alternatives": [alternative] },
            "metadata": {
                "request_id": REQUEST,
                "model_info": { "name": "general-nova-3", "version": "2026-01-01.0", "arch": "nova-3" },
                "model_uuid": REQUEST,
            },
        });
        self.post("ListenV1_ListenV1Results", results, after);
    }

    fn post(&mut self, kind: &'static str, message: Value, after: Duration) {
        let text = message.to_string();
        let _ = self.desk.note_checked(Way::Out, kind, message);
        self.talk.post(after, Message::text(text));
    }
}

/// What goes wrong instead of the next message.
enum Wrong {
    Stall,
    Reset,
    Close(u16, &'static str),
    Say(String),
}

fn wrong(fault: &Fault, sent: usize) -> Option<Wrong> {
    match fault {
        Fault::StallAfter(after) => (*after == sent).then_some(Wrong::Stall),
        Fault::ResetAfter(after) => (*after == sent).then_some(Wrong::Reset),
        Fault::ErrorAfter(after) => (*after == sent).then_some(Wrong::Close(1011, "NET-0000")),
        Fault::GarbageAfter(after) => {
            (*after == sent).then(|| Wrong::Say("<html>502 Bad Gateway</html>".to_owned()))
        }
        Fault::WrongRate => Some(Wrong::Close(1008, "DATA-0000")),
        Fault::EndlessToken => Some(Wrong::Say("x".repeat(ENDLESS))),
        Fault::Refuse { .. } | Fault::Stall | Fault::Reset | Fault::NoEnd => None,
    }
}

fn is_loud(sound: &[u8], is_mulaw: bool) -> bool {
    if is_mulaw {
        // The codes around both zeros are silence; loud ones have small exponents' bits set.
        let loud = sound.iter().filter(|code| (*code & 0x70) < 0x60).count();
        return loud * 2 > sound.len();
    }
    let samples = sound.chunks_exact(2);
    voice::is_loud(samples.map(|sample| i16::from_le_bytes([sample[0], sample[1]])))
}
