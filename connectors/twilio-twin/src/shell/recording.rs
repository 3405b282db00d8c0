//! What was said in a call, kept.

use parking_lot::Mutex;
use room_media::{Format, Frame, SampleRate, ulaw, wav};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Office;
use crate::{
    FRAME,
    core::{Fetch, Method, rfc2822},
};

/// Ten hours of one voice: what comes then is not kept.
const LONGEST: usize = 36_000 * 8_000;

/// How a recording is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) source: &'static str,
    pub(crate) is_dual: bool,
    pub(crate) callback: Option<(String, Method)>,
    /// Among in-progress, completed, absent; completed when there are none.
    pub(crate) events: Vec<String>,
}

/// A recording of one call.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) sid: String,
    pub(crate) call_sid: String,
    account_sid: String,
    /// Where REST listens.
    base: String,
    wish: Wish,
    created: OffsetDateTime,
    tape: Mutex<Tape>,
}

#[derive(Debug)]
struct Tape {
    status: &'static str,
    said: Vec<u8>,
    heard: Vec<u8>,
    skips: bool,
}

impl Recording {
    pub(crate) fn new(office: &Office, call_sid: &str, wish: Wish) -> Self {
        Self {
            sid: office.sid("RE"),
            call_sid: call_sid.to_owned(),
            account_sid: office.settings.account_sid.clone(),
            base: office.url.clone(),
            wish,
            created: OffsetDateTime::now_utc(),
            tape: Mutex::new(Tape {
                status: "in-progress",
                said: Vec::new(),
                heard: Vec::new(),
                skips: false,
            }),
        }
    }

    /// Keeps 20 ms.
    pub(crate) fn put(&self, said: &[u8; FRAME], heard: &[u8; FRAME]) {
        let mut tape = self.tape.lock();
        if tape.said.len() >= LONGEST {
            return;
        }
        match (tape.status, tape.skips) {
            ("in-progress", _) => {
                tape.said.extend_from_slice(said);
                tape.heard.extend_from_slice(heard);
            }
            ("paused", false) => {
                tape.said.extend_from_slice(&[ulaw::SILENCE; FRAME]);
                tape.heard.extend_from_slice(&[ulaw::SILENCE; FRAME]);
            }
            _ => {}
        }
    }

    /// Pauses or goes on; `skips` leaves the pause out.
    pub(crate) fn pause(&self, pauses: bool, skips: bool) {
        let mut tape = self.tape.lock();
        if matches!(tape.status, "in-progress" | "paused") {
            tape.status = if pauses { "paused" } else { "in-progress" };
            tape.skips = skips;
        }
    }

    /// Ends the recording; returns what is to be told, once.
    pub(crate) fn finish(&self) -> Option<Fetch> {
        {
            let mut tape = self.tape.lock();
            if !matches!(tape.status, "in-progress" | "paused") {
                return None;
            }
            tape.status = if tape.said.is_empty() {
                "absent"
            } else {
                "completed"
            };
        }
        self.callback()
    }

    /// Returns what is told of the state of the recording, if somebody wants to know.
    pub(crate) fn callback(&self) -> Option<Fetch> {
        let (url, method) = self.wish.callback.clone()?;
        let (status, seconds) = self.state();
        let wanted = if self.wish.events.is_empty() {
            status == "completed"
        } else {
            self.wish.events.iter().any(|event| event == status)
        };
        let pairs = [
            ("CallSid", self.call_sid.clone()),
            ("RecordingSid", self.sid.clone()),
            ("RecordingUrl", format!("{}{}", self.base, self.address())),
            ("RecordingStatus", status.to_owned()),
            ("RecordingDuration", seconds.to_string()),
            ("RecordingChannels", self.channels().to_string()),
            ("RecordingSource", self.wish.source.to_owned()),
            ("RecordingStartTime", rfc2822(self.created)),
            ("RecordingTrack", "both".to_owned()),
        ];
        let parameters = pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        wanted.then_some(Fetch {
            fetch: 0,
            url,
            method,
            parameters,
        })
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.tape.lock().status, "in-progress" | "paused")
    }

    /// Returns the sound: both voices mixed, or the person's left and the application's right.
    pub(crate) fn wav(&self) -> Option<Vec<u8>> {
        let tape = self.tape.lock();
        let voices = tape.said.iter().zip(&tape.heard);
        let voices = voices.map(|(said, heard)| (ulaw::decode(*said), ulaw::decode(*heard)));
        let (format, samples): (Format, Vec<i16>) = if self.wish.is_dual {
            (
                Format::stereo(SampleRate::HZ_8000),
                voices.flat_map(|(said, heard)| [said, heard]).collect(),
            )
        } else {
            let mixed = voices
                .map(|(said, heard)| said.saturating_add(heard))
                .collect();
            (Format::mono(SampleRate::HZ_8000), mixed)
        };
        wav::write(&Frame::new(format, 0, samples).ok()?).ok()
    }

    pub(crate) fn json(&self) -> Value {
        let (status, seconds) = self.state();
        let uri = self.address();
        let duration = (status == "completed").then(|| seconds.to_string());
        json!({
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "call_sid": self.call_sid,
            "conference_sid": null,
            "sid": self.sid,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.created),
            "start_time": rfc2822(self.created),
            "duration": duration,
            "price": null,
            "price_unit": "USD",
            "status": status,
            "channels": self.channels(),
            "source": self.wish.source,
            "track": "both",
            "error_code": null,
            "encryption_details": null,
            "media_url": format!("{}{uri}", self.base),
            "uri": format!("{uri}.json"),
            "subresource_uris": {
                "add_on_results": format!("{uri}/AddOnResults.json"),
                "transcriptions": format!("{uri}/Transcriptions.json"),
            },
        })
    }

    const fn channels(&self) -> u8 {
        if self.wish.is_dual { 2 } else { 1 }
    }

    fn address(&self) -> String {
        format!(
            "/2010-04-01/Accounts/{}/Recordings/{}",
            self.account_sid, self.sid
        )
    }

    fn state(&self) -> (&'static str, usize) {
        let tape = self.tape.lock();
        (tape.status, tape.said.len().div_ceil(8_000))
    }
}
