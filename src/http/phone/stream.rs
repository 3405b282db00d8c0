//! The socket that carries a call's sound: who it belongs to is asked before anybody notices it.

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use tracing::info;

use super::signed::{path_and_query, signature};
use super::wire::Socket;
use crate::http::App;
use crate::http::error::{ApiError, Missing};
use crate::metrics::WebhookFate;
use crate::phone::{Telephone, Ticket, script};
use crate::wiring::twilio::{CallSid, MAX_FRAME, open};

/// What is read at once: some messages of 20 ms. The reader blanks as much before each attempt, 128 KiB by default.
const READ_AT_ONCE: usize = 4 << 10;

/// Takes a call's sound.
pub(crate) async fn stream(
    State(app): State<App>,
    Path(call): Path<String>,
    upgrade: WebSocketUpgrade,
    request: Request,
) -> Result<Response, ApiError> {
    let call = CallSid::new(call).map_err(|_| ApiError::NotFound(Missing::Call))?;
    take(&app, Some(call), upgrade, &request)
}

/// Takes the sound of a call whose website knows one path for all. The ticket says whose it is.
pub(crate) async fn stream_of_site(
    State(app): State<App>,
    upgrade: WebSocketUpgrade,
    request: Request,
) -> Result<Response, ApiError> {
    take(&app, None, upgrade, &request)
}

fn take(
    app: &App,
    call: Option<CallSid>,
    upgrade: WebSocketUpgrade,
    request: &Request,
) -> Result<Response, ApiError> {
    let office = app.phone().ok_or(ApiError::NotFound(Missing::Route))?;
    // Proxies lose headers, and the ticket is what counts. A signature that is there has to fit.
    if let Some(header) = signature(request) {
        let url = office.public().socket_at(path_and_query(request));
        let checked = office.signatures().socket(&url, Some(&header));
        checked.inspect_err(|_| {
            let metrics = &app.parts().metrics;
            metrics.webhook(super::signed::SOURCE, WebhookFate::Refused);
        })?;
    }
    let telephone = office.telephone().clone();
    Ok(upgrade
        .read_buffer_size(READ_AT_ONCE)
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .on_upgrade(async move |socket| receive(socket, call, telephone).await))
}

/// Hands the socket over once it has said whose it is; otherwise it is closed.
async fn receive(socket: WebSocket, call: Option<CallSid>, telephone: Telephone) {
    match open(Socket(socket)).await {
        Ok(opened) if call.is_none_or(|call| opened.start().call == call) => {
            let ticket = opened.start().parameters.get(script::TICKET);
            let ticket = Ticket::brought(ticket.map_or("", String::as_str));
            telephone.connect(ticket, opened);
        }
        Ok(_) => info!("a media socket of another call was closed"),
        Err(error) => info!(%error, "a media socket was closed"),
    }
}
