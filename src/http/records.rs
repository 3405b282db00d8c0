//! What the API shows of the records.

use std::collections::BTreeMap;
use std::time::SystemTime;

use agent_session::Entry;
use serde::Serialize;
use utoipa::ToSchema;

use super::timestamp::Timestamp;
use crate::sessions::CallId;
use crate::store::{
    CallEvent, CallMessage, CallPage, CallRecord, Latency, LineRecord, Moment, Stats,
};

/// Some calls, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallList {
    calls: Vec<CallView>,
    meta: PageView,
}

/// Where the next page is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PageView {
    /// For the parameter `cursor`; `null` on the last page.
    next_cursor: Option<String>,
}

/// A call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallView {
    id: CallId,
    #[schema(example = "web-demo")]
    session_id: String,
    #[schema(example = "web")]
    channel: String,
    #[schema(example = "demo")]
    room_name: String,
    /// Who the agent was.
    #[schema(example = "reception")]
    profile: Option<String>,
    #[schema(example = "ended")]
    status: String,
    /// Why it is over.
    #[schema(example = "completed")]
    reason: Option<String>,
    created_at: Timestamp,
    /// When somebody was there.
    answered_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    /// From the beginning to the end; `null` while it is live.
    duration_ms: Option<i64>,
    /// Its phone line; `null` where there is none.
    line: Option<LineView>,
}

/// The phone line of a call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LineView {
    /// `inbound` or `outbound`.
    #[schema(example = "inbound")]
    direction: String,
    /// As much of the number as is kept.
    #[schema(example = "+41…67")]
    from: Option<String>,
    /// As much of the number as is kept.
    to: Option<String>,
    /// What the carrier calls it.
    call_sid: Option<String>,
    /// Who or what picked up, in the carrier's words.
    #[schema(example = "human")]
    answered_by: Option<String>,
    /// Why it is down, in the carrier's words.
    #[schema(example = "completed")]
    reason: Option<String>,
    /// How long it was up, as the carrier counts.
    seconds: Option<i64>,
}

/// A call and all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallDetail {
    #[serde(flatten)]
    call: CallView,
    /// What was said, by whom, and what tools answered, in order.
    #[schema(value_type = Vec<Object>)]
    transcript: Vec<EntryView>,
    /// What else happened, in order; turns hold their latency, part by part.
    #[schema(value_type = Vec<Object>)]
    events: Vec<EntryView>,
    /// How long the caller waited for answers; `null` without a turn.
    latency: Option<LatencyView>,
    /// What it was about.
    #[schema(value_type = Option<Object>)]
    summary: Option<()>,
    /// Whether there is more than stands here.
    truncated: bool,
}

/// An entry of a call.
#[derive(Debug, Serialize)]
struct EntryView {
    /// Its place in the call.
    number: i64,
    at: Timestamp,
    #[serde(flatten)]
    entry: Entry,
}

/// The latency of many turns.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LatencyView {
    turns: usize,
    p50_ms: u64,
    p95_ms: u64,
}

/// Figures over many calls.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatsView {
    /// How many began.
    total: u64,
    /// How many of them are live.
    live: u64,
    /// How many of them somebody answered.
    answered: u64,
    /// How many came in by phone, and how many went out.
    by_direction: BTreeMap<String, u64>,
    by_channel: BTreeMap<String, u64>,
    by_reason: BTreeMap<String, u64>,
    /// All that ended together.
    duration_ms: u64,
    latency: Option<LatencyView>,
}

impl From<CallPage> for CallList {
    fn from(page: CallPage) -> Self {
        let next_cursor = page.next.map(|next| format!("{}.{}", next.at.0, next.id));
        Self {
            calls: page.calls.into_iter().map(CallView::from).collect(),
            meta: PageView { next_cursor },
        }
    }
}

impl From<CallRecord> for CallView {
    fn from(call: CallRecord) -> Self {
        Self {
            id: call.id,
            session_id: call.session,
            channel: call.channel,
            room_name: call.room,
            profile: call.profile,
            status: call.status,
            reason: call.reason,
            created_at: shown(call.created_at),
            answered_at: call.answered_at.map(shown),
            ended_at: call.ended_at.map(shown),
            duration_ms: call.ended_at.map(|end| end.0 - call.created_at.0),
            line: call.line.map(LineView::from),
        }
    }
}

impl From<LineRecord> for LineView {
    fn from(line: LineRecord) -> Self {
        Self {
            direction: line.direction,
            from: line.from,
            to: line.to,
            call_sid: line.call_sid,
            answered_by: line.answered_by,
            reason: line.reason,
            seconds: line.seconds,
        }
    }
}

impl CallDetail {
    pub(crate) fn new(
        call: CallRecord,
        messages: Vec<CallMessage>,
        events: Vec<CallEvent>,
        most: usize,
    ) -> Self {
        let truncated = messages.len() >= most || events.len() >= most;
        let took_ms = events
            .iter()
            .filter_map(|event| match &event.entry {
                Entry::Turn { report } => Some(report.total_ms),
                _ => None,
            })
            .collect();
        let message = |one: CallMessage| entry(one.number, one.at, one.entry);
        let event = |one: CallEvent| entry(one.number, one.at, one.entry);
        Self {
            call: call.into(),
            transcript: messages.into_iter().map(message).collect(),
            events: events.into_iter().map(event).collect(),
            latency: Latency::of(took_ms).map(LatencyView::from),
            summary: None,
            truncated,
        }
    }
}

impl From<Latency> for LatencyView {
    fn from(latency: Latency) -> Self {
        Self {
            turns: latency.turns,
            p50_ms: latency.p50,
            p95_ms: latency.p95,
        }
    }
}

impl From<Stats> for StatsView {
    fn from(stats: Stats) -> Self {
        Self {
            total: stats.total,
            live: stats.live,
            answered: stats.answered,
            by_direction: stats.by_direction,
            by_channel: stats.by_channel,
            by_reason: stats.by_reason,
            duration_ms: stats.lasted_ms,
            latency: stats.latency.map(LatencyView::from),
        }
    }
}

fn entry(number: i64, at: Moment, entry: Entry) -> EntryView {
    EntryView {
        number,
        at: shown(at),
        entry,
    }
}

fn shown(moment: Moment) -> Timestamp {
    SystemTime::from(moment).into()
}
