//! What is counted and measured, for Prometheus.

mod talk;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use agent_contract::chain::{Observation, Observer};
use agent_session::Event;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::sessions::{Channel, EndReason};
use talk::Talk;

/// Seconds; an API call to LiveKit on the same machine takes about a millisecond, the slowest is given up at 15 s.
const HTTP_BUCKETS: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0,
];

/// Seconds; from a wrong number to a long consultation.
const SESSION_BUCKETS: [f64; 9] = [1.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1800.0, 3600.0, 14400.0];

/// What became of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookFate {
    /// It was new, and passed on.
    Accepted,
    /// It had been delivered before.
    Repeated,
    /// Its signature or its content was wrong.
    Refused,
}

/// One answered request.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The method.
    pub method: &'a str,
    /// The route's pattern, never the path itself: paths hold names.
    pub route: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// How long the answer took.
    pub took: Duration,
}

/// The metrics of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Families>);

#[derive(Debug)]
struct Families {
    registry: Registry,
    live_sessions: Family<ChannelLabel, Gauge<i64, AtomicI64>>,
    opened_sessions: Family<ChannelLabel, Counter<u64, AtomicU64>>,
    ended_sessions: Family<EndLabels, Counter<u64, AtomicU64>>,
    session_lengths: Family<ChannelLabel, Histogram>,
    requests: Family<RequestLabels, Counter<u64, AtomicU64>>,
    request_times: Family<RouteLabels, Histogram>,
    webhooks: Family<WebhookLabels, Counter<u64, AtomicU64>>,
    livekit_up: Gauge<i64, AtomicI64>,
    talk: Talk,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChannelLabel {
    channel: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    channel: &'static str,
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: String,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WebhookLabels {
    source: &'static str,
    fate: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(Families::registered()))
    }
}

impl Metrics {
    /// Counts a session that was opened.
    pub fn session_opened(&self, channel: Channel) {
        let label = ChannelLabel {
            channel: channel.name(),
        };
        self.0.opened_sessions.get_or_create(&label).inc();
        self.0.live_sessions.get_or_create(&label).inc();
    }

    /// Counts a session that is over.
    pub fn session_ended(&self, channel: Channel, reason: EndReason, lasted: Duration) {
        let label = ChannelLabel {
            channel: channel.name(),
        };
        self.0.live_sessions.get_or_create(&label).dec();
        self.0
            .session_lengths
            .get_or_create(&label)
            .observe(lasted.as_secs_f64());
        let labels = EndLabels {
            channel: channel.name(),
            reason: reason.name(),
        };
        self.0.ended_sessions.get_or_create(&labels).inc();
    }

    /// Stops counting a session that another server has.
    pub fn session_left(&self, channel: Channel) {
        let label = ChannelLabel {
            channel: channel.name(),
        };
        self.0.live_sessions.get_or_create(&label).dec();
    }

    /// Counts an answered request.
    pub fn answered(&self, request: &Answered<'_>) {
        let (method, route) = (request.method.to_owned(), request.route.to_owned());
        let labels = RouteLabels {
            method: method.clone(),
            route: route.clone(),
        };
        self.0
            .request_times
            .get_or_create(&labels)
            .observe(request.took.as_secs_f64());
        let labels = RequestLabels {
            method,
            route,
            status: request.status,
        };
        self.0.requests.get_or_create(&labels).inc();
    }

    /// Counts a webhook.
    pub fn webhook(&self, source: &'static str, fate: WebhookFate) {
        let fate = match fate {
            WebhookFate::Accepted => "accepted",
            WebhookFate::Repeated => "repeated",
            WebhookFate::Refused => "refused",
        };
        let labels = WebhookLabels { source, fate };
        self.0.webhooks.get_or_create(&labels).inc();
    }

    /// Notes whether LiveKit answers.
    pub fn livekit_answers(&self, up: bool) {
        self.0.livekit_up.set(i64::from(up));
    }

    /// Counts and measures what an agent tells.
    pub fn conversation_told(&self, event: &Event) {
        match event {
            Event::Turn { report } => self.0.talk.turn(report),
            Event::Tool { name, ok, .. } => self.0.talk.tool(name, *ok),
            // The rest is for those who watch the session.
            _ => {}
        }
    }

    /// Returns everything in the text format of `OpenMetrics`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.0.registry).expect("writing to a string does not fail");
        text
    }
}

impl Observer for Metrics {
    fn observe(&self, seen: &Observation) {
        self.0.talk.observe(seen);
    }
}

impl Families {
    fn registered() -> Self {
        let mut this = Self {
            registry: Registry::with_prefix("patchbay"),
            live_sessions: Family::default(),
            opened_sessions: Family::default(),
            ended_sessions: Family::default(),
            session_lengths: Family::new_with_constructor(|| Histogram::new(SESSION_BUCKETS)),
            requests: Family::default(),
            request_times: Family::new_with_constructor(|| Histogram::new(HTTP_BUCKETS)),
            webhooks: Family::default(),
            livekit_up: Gauge::default(),
            talk: Talk::default(),
        };
        this.register_sessions();
        this.register_http();
        this.talk.register(&mut this.registry);
        this
    }

    fn register_sessions(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "sessions_live",
            "Sessions under way",
            self.live_sessions.clone(),
        );
        registry.register(
            "sessions_opened",
            "Sessions opened",
            self.opened_sessions.clone(),
        );
        registry.register(
            "sessions_ended",
            "Sessions ended",
            self.ended_sessions.clone(),
        );
        registry.register_with_unit(
            "session_length",
            "How long sessions lasted",
            Unit::Seconds,
            self.session_lengths.clone(),
        );
        registry.register(
            "livekit_up",
            "Whether LiveKit answers with our credentials",
            self.livekit_up.clone(),
        );
    }

    fn register_http(&mut self) {
        let registry = &mut self.registry;
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register_with_unit(
            "http_request_time",
            "Time to the answer",
            Unit::Seconds,
            self.request_times.clone(),
        );
        registry.register("webhooks", "Webhooks received", self.webhooks.clone());
    }
}
