//! What happens in a session, as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use agent_session::Event as AgentEvent;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::App;
use super::auth::MayRead;
use super::error::{ApiError, ErrorBody, Missing};
use super::paths::SessionPath;
use super::timestamp::Timestamp;
use crate::sessions::{News, SessionError, SessionEvent, Status, Watch};

/// Proxies close connections on which nothing happens; most wait longer than this.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams what happens in a live session: `state`, `transcript`, `metrics`, `tool`, `fault`. The first event is the
/// present state. `lost` says how many events this reader was too slow for. The stream ends with the session.
#[utoipa::path(get, path = "/sessions/{id}/events", tag = "sessions", operation_id = "watchSession", security(("key" = ["read"])),
    params(("id" = String, Path, description = "The session's id, such as `web-demo`")),
    responses(
        (status = 200, description = "Events, each with a JSON object", body = String, content_type = "text/event-stream"),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
        (status = 404, description = "No such session is live", body = ErrorBody),
        (status = 503, description = "Too many watch already", body = ErrorBody),
    ))]
pub(crate) async fn watch(
    _: MayRead,
    State(app): State<App>,
    SessionPath(id): SessionPath,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let Watch { session, events } = match app.parts().sessions.watch(id).await {
        Ok(watch) => watch,
        Err(SessionError::Gone) => return Err(ApiError::NotFound(Missing::Session)),
        Err(error) => return Err(error.into()),
    };
    let present = SessionEvent {
        at: SystemTime::now(),
        news: News::Status(session.status()),
    };
    let reader = Reader {
        waiting: VecDeque::from([present]),
        events: Some(events),
    };
    let stream = stream::unfold(reader, |mut reader| async {
        let event = reader.next().await?;
        Some((Ok(written(&event)), reader))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Reader {
    waiting: VecDeque<SessionEvent>,
    /// Gone once the session is over.
    events: Option<Receiver<SessionEvent>>,
}

impl Reader {
    async fn next(&mut self) -> Option<SessionEvent> {
        loop {
            let event = self.take().await?;
            match event.news {
                // Who is there is for those who ask for the room.
                News::Seen => continue,
                News::Status(Status::Ended(_)) => self.events = None,
                News::Status(_) | News::Agent(_) | News::Lost(_) => {}
            }
            return Some(event);
        }
    }

    async fn take(&mut self) -> Option<SessionEvent> {
        if let Some(event) = self.waiting.pop_front() {
            return Some(event);
        }
        match self.events.as_mut()?.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(count)) => Some(SessionEvent {
                at: SystemTime::now(),
                news: News::Lost(count),
            }),
            Err(RecvError::Closed) => None,
        }
    }
}

fn written(event: &SessionEvent) -> Event {
    let (name, mut data) = described(&event.news);
    if let Value::Object(fields) = &mut data {
        fields.remove("type");
        fields.insert("at".to_owned(), json!(Timestamp::from(event.at)));
    }
    // JSON without line breaks, as `Display` writes it, is what a field of an event may hold.
    Event::default().event(name).data(data.to_string())
}

fn described(news: &News) -> (&'static str, Value) {
    match news {
        News::Status(Status::Ended(reason)) => (
            "state",
            json!({ "status": "ended", "reason": reason.name() }),
        ),
        News::Status(status) => ("state", json!({ "status": status.name() })),
        News::Lost(count) => ("lost", json!({ "count": count })),
        News::Seen => ("seen", json!({})),
        News::Agent(event) => match event {
            AgentEvent::State { state } => ("state", json!({ "agent": state.as_str() })),
            AgentEvent::Ended { reason } => ("state", json!({ "agent": "gone", "reason": reason })),
            AgentEvent::Turn { report } => ("metrics", json!(report)),
            AgentEvent::Transcript { .. } => ("transcript", json!(event)),
            AgentEvent::Tool { .. } => ("tool", json!(event)),
            AgentEvent::Fault { .. } => ("fault", json!(event)),
            _ => ("other", json!(event)),
        },
    }
}
