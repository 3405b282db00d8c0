//! A call as REST shows it.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::sync::mpsc;

use super::Recording;
use crate::{
    CallStatus, What,
    core::{Facts, Input, Sound, rfc2822},
};

/// A call's record and the way to its task. Clones are the same call.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    record: Arc<Mutex<Record>>,
    inbox: mpsc::Sender<Input>,
    recordings: Arc<Mutex<Vec<Arc<Recording>>>>,
}

#[derive(Debug)]
struct Record {
    facts: Facts,
    number_sid: Option<String>,
    status: CallStatus,
    created: OffsetDateTime,
    updated: OffsetDateTime,
    started: Option<OffsetDateTime>,
    ended: Option<OffsetDateTime>,
    seconds: Option<u64>,
    answered_by: Option<String>,
}

impl Entry {
    pub(crate) fn new(
        facts: Facts,
        number_sid: Option<String>,
        inbox: mpsc::Sender<Input>,
    ) -> Self {
        let now = OffsetDateTime::now_utc();
        let record = Record {
            facts,
            number_sid,
            status: CallStatus::Queued,
            created: now,
            updated: now,
            started: None,
            ended: None,
            seconds: None,
            answered_by: None,
        };
        Self {
            record: Arc::new(Mutex::new(record)),
            inbox,
            recordings: Arc::default(),
        }
    }

    pub(crate) fn add_recording(&self, recording: Arc<Recording>) {
        self.recordings.lock().push(recording);
    }

    /// Keeps 20 ms in all recordings that run.
    pub(crate) fn keep(&self, sound: &Sound) {
        for recording in &*self.recordings.lock() {
            recording.put(&sound.said, &sound.heard);
        }
    }

    /// Returns all recordings, which are none of the call's any more.
    pub(crate) fn take_recordings(&self) -> Vec<Arc<Recording>> {
        std::mem::take(&mut *self.recordings.lock())
    }

    /// Gives the call something to do; returns false when it does not listen any more.
    pub(crate) fn send(&self, input: Input) -> bool {
        self.inbox.try_send(input).is_ok()
    }

    pub(crate) fn sid(&self) -> String {
        self.record.lock().facts.call_sid.clone()
    }

    /// Returns when the call was answered, or placed where it was not.
    pub(crate) fn began(&self) -> OffsetDateTime {
        let record = self.record.lock();
        record.started.unwrap_or(record.created)
    }

    pub(crate) fn status(&self) -> CallStatus {
        self.record.lock().status
    }

    /// Takes over what happened.
    pub(crate) fn note(&self, what: &What) {
        let now = OffsetDateTime::now_utc();
        let mut record = self.record.lock();
        match what {
            What::Status(status) => {
                record.status = *status;
                record.updated = now;
                if *status == CallStatus::InProgress {
                    record.started = Some(now);
                }
            }
            What::AnsweredBy(who) => record.answered_by = Some(who.clone()),
            What::Ended(ended) => {
                record.started.get_or_insert(now);
                record.ended = Some(now);
                record.seconds = Some(ended.talked.as_secs_f64().ceil() as u64);
            }
            _ => {}
        }
    }

    /// Returns the resource.
    pub(crate) fn json(&self) -> Value {
        let record = self.record.lock();
        let facts = &record.facts;
        let (account, sid) = (&facts.account_sid, &facts.call_sid);
        let uri = format!("/2010-04-01/Accounts/{account}/Calls/{sid}");
        let below = [
            ("notifications", "Notifications"),
            ("recordings", "Recordings"),
            ("streams", "Streams"),
            ("transcriptions", "Transcriptions"),
            ("user_defined_messages", "UserDefinedMessages"),
            (
                "user_defined_message_subscriptions",
                "UserDefinedMessageSubscriptions",
            ),
            ("payments", "Payments"),
            ("siprec", "Siprec"),
            ("events", "Events"),
        ];
        let below: Map<String, Value> = below
            .into_iter()
            .map(|(name, path)| (name.to_owned(), json!(format!("{uri}/{path}.json"))))
            .collect();
        json!({
            "sid": sid,
            "account_sid": account,
            "parent_call_sid": facts.parent_sid,
            "to": facts.to,
            "to_formatted": formatted(&facts.to),
            "from": facts.from,
            "from_formatted": formatted(&facts.from),
            "phone_number_sid": record.number_sid,
            "status": record.status.word(),
            "start_time": record.started.map(rfc2822),
            "end_time": record.ended.map(rfc2822),
            "duration": record.seconds.map(|seconds| seconds.to_string()),
            "price": null,
            "price_unit": "USD",
            "direction": facts.direction.word(),
            "answered_by": record.answered_by,
            "api_version": "2010-04-01",
            "forwarded_from": facts.extra("ForwardedFrom"),
            "group_sid": null,
            "caller_name": facts.extra("CallerName"),
            "queue_time": "0",
            "trunk_sid": null,
            "annotation": null,
            "date_created": rfc2822(record.created),
            "date_updated": rfc2822(record.updated),
            "uri": format!("{uri}.json"),
            "subresource_uris": below,
        })
    }
}

/// Returns a number of North America as people write it there.
fn formatted(number: &str) -> String {
    let digits = number
        .strip_prefix("+1")
        .filter(|digits| digits.len() == 10 && digits.is_ascii());
    digits.map_or_else(
        || number.to_owned(),
        |digits| format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]),
    )
}
