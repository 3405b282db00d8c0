//! The socket that carries a call's sound.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use tokio::time::timeout;
use tracing::debug;

use super::signed::{path_and_query, signature};
use crate::http::App;
use crate::http::error::{ApiError, Missing};
use crate::phone::{Office, Ticket, script};
use crate::wiring::twilio::{CallSid, Incoming, MAX_FRAME, Socket, SocketError, Start, async_trait};

/// A socket says who it is within this time, or is closed.
const SAYS_WHO: Duration = Duration::from_secs(5);

/// A frame that is not taken within this time never is.
const TAKES: Duration = Duration::from_secs(5);

/// Takes a call's sound. The ticket comes with the first message: until then nobody notices the socket.
pub(crate) async fn stream(
    State(app): State<App>,
    Path(call): Path<String>,
    upgrade: WebSocketUpgrade,
    request: Request,
) -> Result<Response, ApiError> {
    let office = app.phone().ok_or(ApiError::NotFound(Missing::Route))?;
    let call = CallSid::new(call).map_err(|_| ApiError::NotFound(Missing::Call))?;
    // Proxies lose headers; the ticket is what counts. One that is there has to fit.
    if let Some(header) = signature(&request) {
        let url = office.public().socket_at(path_and_query(&request));
        office.signatures().socket(&url, Some(&header))?;
    }
    let telephone = office.telephone().clone();
    Ok(upgrade
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .on_upgrade(async move |socket| {
            todo!()
        }))
}
