//! One reply being spoken.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    Conduct, Fault, Way,
    server::Desk,
    socket::{Knock, Next, Talk},
    voice,
};

/// What the vendor waits for when nothing else is asked for.
const SCHEDULE: &[u64] = &[120, 160, 250, 290];

/// How many characters one message speaks.
const CHARACTERS: usize = 8;

/// Longer than a client takes.
const ENDLESS: usize = 8 << 20;

pub(super) struct Session {
    talk: Talk,
    rate: Option<u32>,
    is_auto: bool,
    inactivity: Duration,
    silent_until: Instant,
    schedule: Vec<u64>,
    /// How many generations there were.
    generations: usize,
    text: String,
    is_open: bool,
    is_ending: bool,
    sent: usize,
    conduct: Conduct,
    fault: Option<Fault>,
    desk: Arc<Desk<()>>,
}

impl Session {
    pub(super) fn new(
        talk: Talk,
        knock: &Knock,
        conduct: Conduct,
        fault: Option<Fault>,
        desk: Arc<Desk<()>>,
    ) -> Self {
        let format = knock.first("output_format").unwrap_or("mp3_44100_128");
        let inactivity = knock
            .first("inactivity_timeout")
            .and_then(|seconds| seconds.parse().ok());
        let inactivity = Duration::from_secs(inactivity.unwrap_or(20));
        Self {
            talk,
            rate: format
                .strip_prefix("pcm_")
                .and_then(|rate| rate.parse().ok()),
            is_auto: knock.first("auto_mode") == Some("true"),
            silent_until: Instant::now() + inactivity,
            inactivity,
            schedule: SCHEDULE.to_vec(),
            generations: 0,
            text: String::new(),
            is_open: false,
            is_ending: false,
            sent: 0,
            conduct,
            fault,
            desk,
        }
    }

    pub(super) async fn run(mut self) {
        let Some(rate) = self.rate else {
            return self.refuse("unsupported_output_format").await;
        };
        loop {
            let next = tokio::select! {
                next = self.talk.next() => next,
                () = sleep_until(self.silent_until) => {
                    return self.refuse("input_timeout_exceeded").await;
                }
            };
            match next {
                Next::Gone => return,
                Next::Bytes(_) => return self.refuse("invalid_message").await,
                Next::Text(text) => {
                    self.silent_until = Instant::now() + self.inactivity;
                    if let Err(code) = self.handle_text(&text, rate) {
                        return self.refuse(code).await;
                    }
                }
                Next::Due(message) => match wrong(self.fault.as_ref(), self.sent) {
                    Some(Wrong::Stall) => return self.talk.stall().await,
                    Some(Wrong::Reset) => return self.talk.reset().await,
                    Some(Wrong::Refuse(code)) => return self.refuse(code).await,
                    Some(Wrong::Say(text)) => {
                        self.talk.send(Message::text(text)).await;
                        return self.talk.stall().await;
                    }
                    None => {
                        self.sent += 1;
                        if !self.talk.send(message).await {
                            return;
                        }
                    }
                },
            }
            if self.is_ending && self.talk.waiting() == 0 {
                if self.fault == Some(Fault::NoEnd) {
                    return self.talk.stall().await;
                }
                return self.talk.close(1000, "").await;
            }
        }
    }

    /// An error in the protocol's own form, then the end.
    async fn refuse(mut self, code: &str) {
        let error = json!({ "message": "Refused on purpose", "error": code, "code": 1008 });
        self.desk.note(Way::Out, "error", error.clone());
        self.talk.send(Message::text(error.to_string())).await;
        self.talk.close(1008, code).await;
    }

    fn handle_text(&mut self, text: &str, rate: u32) -> Result<(), &'static str> {
        let mut message: Value = serde_json::from_str(text).map_err(|_| "invalid_message")?;
        // The vendor's own SDK sends null for what it leaves out.
        if let Some(fields) = message.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        if !self.is_open {
            self.is_open = true;
            let schedule = &message["generation_config"]["chunk_length_schedule"];
            if let Some(schedule) = schedule.as_array() {
                self.schedule = schedule.iter().filter_map(Value::as_u64).collect();
                if self
                    .schedule
                    .iter()
                    .any(|length| !(50..=500).contains(length))
                {
                    return Err("invalid_generation_config");
                }
            }
            return self.note("InitializeConnection", message);
        }
        let said = message["text"].as_str().unwrap_or_default().to_owned();
        if said.is_empty() {
            self.note("CloseConnection", message)?;
            self.generate(rate);
            self.end();
            return Ok(());
        }
        let flushes = message["flush"] == true;
        let is_wanted = flushes || self.is_auto || message["try_trigger_generation"] == true;
        self.note("SendText", message)?;
        self.text.push_str(&said);
        let wanted = self
            .schedule
            .get(self.generations)
            .or(self.schedule.last())
            .copied();
        if is_wanted || self.text.chars().count() as u64 >= wanted.unwrap_or(0) {
            self.generate(rate);
        }
        Ok(())
    }

    fn note(&self, kind: &'static str, message: Value) -> Result<(), &'static str> {
        let noted = self.desk.note_checked(Way::In, kind, message);
        noted.map_err(|_| "invalid_message")
    }

    /// Speaks what was gathered.
    fn generate(&mut self, rate: u32) {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            return;
        }
        self.generations += 1;
        let characters: Vec<char> = text.chars().collect();
        let mut after = self.conduct.first;
        for part in characters.chunks(CHARACTERS) {
            let part: String = part.iter().collect();
            self.speak(&part, rate, after);
            let sound = Duration::from_millis(voice::CHARACTER_MS * CHARACTERS as u64);
            after = after.max(Duration::ZERO) + self.conduct.audio_gap(sound);
        }
    }

    fn speak(&mut self, text: &str, rate: u32, after: Duration) {
        let samples = voice::speech(text, rate);
        let characters: Vec<String> = text.chars().map(String::from).collect();
        let starts: Vec<u64> = (0..characters.len() as u64)
            .map(|n| n * voice::CHARACTER_MS)
            .collect();
        let alignment = json!({
            "charStartTimesMs": starts,
            "charsDurationsMs": vec![voice::CHARACTER_MS; starts.len()],
            "chars": characters,
        });
        let audio = json!({
            "audio": BASE64_STANDARD.encode(voice::bytes(&samples)),
            "isFinal": null,
            "normalizedAlignment": alignment,
            "alignment": alignment,
        });
        let text = audio.to_string();
        let _ = self.desk.note_checked(Way::Out, "AudioOutput", audio);
        self.talk.post(after, Message::text(text));
    }

    fn end(&mut self) {
        let last = json!({ "isFinal": true, "audio": null });
        let text = last.to_string();
        let _ = self.desk.note_checked(Way::Out, "FinalOutput", last);
        if self.fault == Some(Fault::NoEnd) {
            self.is_ending = true;
            return;
        }
        self.talk.post(Duration::ZERO, Message::text(text));
        self.is_ending = true;
    }
}

/// What goes wrong instead of the next message.
enum Wrong {
    Stall,
    Reset,
    Refuse(&'static str),
    Say(String),
}

fn wrong(fault: Option<&Fault>, sent: usize) -> Option<Wrong> {
    match fault? {
        Fault::StallAfter(after) => (*after == sent).then_some(Wrong::Stall),
        Fault::ResetAfter(after) => (*after == sent).then_some(Wrong::Reset),
        Fault::ErrorAfter(after) => (*after == sent).then_some(Wrong::Refuse("quota_exceeded")),
        Fault::GarbageAfter(after) => {
            (*after == sent).then(|| Wrong::Say("<html>502 Bad Gateway</html>".to_owned()))
        }
        Fault::WrongRate => {
            let file = BASE64_STANDARD.encode(voice::wav_header(1000, 8_000));
            Some(Wrong::Say(
                json!({ "audio": file, "isFinal": null }).to_string(),
            ))
        }
        Fault::EndlessToken => Some(Wrong::Say("x".repeat(ENDLESS))),
        Fault::Refuse { .. } | Fault::Stall | Fault::Reset | Fault::NoEnd => None,
    }
}
