//! The one place that chooses status, code and public text of an error.

use std::time::Duration;

use axum::Json;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use room_contract::{ServiceError, WebhookError};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tracing::{error, warn};
use utoipa::ToSchema;

use crate::config::Scope;
use crate::sessions::{OpenError, SessionError};
use crate::store::StoreError;
use crate::telemetry::chain;

/// Seconds after which an overloaded or unready server is worth another try.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("2");

/// What went wrong with a request.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// No key, or none that exists.
    Unauthorized(&'static str),
    /// The key may not do this.
    Forbidden(Scope),
    /// The webhook's signature is wrong.
    BadSignature,
    /// Nobody can be called from here.
    NoTelephone,
    /// There is nobody to be connected with.
    NoContact,
    /// No browser can call by the carrier's own SDK.
    NoBrowserCalls,
    /// The number may not be called.
    NotDialled {
        code: &'static str,
        text: String,
        /// Whether it may be later.
        later: bool,
    },
    /// The carrier does not take the call.
    Carrier { code: String, text: String },
    /// The carrier cannot be reached; there is no call.
    CarrierAway,
    /// The carrier did not answer; there may be a call.
    CarrierSilent,
    /// The key is a secret one, and stands in a page.
    NotPublishable,
    /// It is not the visitor's own room.
    NotOwnVisit,
    /// The key is not for the page that asks.
    OriginNotAllowed,
    /// An invitation was accepted when nobody waited any more.
    TooLate,
    /// Too many ask for the same.
    TooMany { retry_after: Duration },
    /// There is no such thing.
    NotFound(Missing),
    /// The route exists, the method does not.
    MethodNotAllowed,
    /// The name is in use.
    RoomTaken,
    /// The first request with this idempotency key is still under way.
    KeyBusy,
    /// The idempotency key was used for another request.
    KeyReused,
    /// The body is too large.
    TooLarge,
    /// The body is not what the route takes.
    UnsupportedMediaType { expected: &'static str },
    /// The body is not JSON at all, or a header is unusable.
    Malformed(String),
    /// The body is JSON, but a field is not as it should be.
    Invalid { field: String, problem: String },
    /// There is no agent that could be told anything.
    NoAgent,
    /// Nobody is named who could be called in.
    NoContacts,
    /// The callback is over.
    CallbackOver,
    /// The store does not answer; logged where it was noticed.
    Store,
    /// Too much at once.
    Overloaded,
    /// No new sessions: the server is stopping.
    Draining,
    /// LiveKit did not do its part; logged where it was noticed.
    LiveKit,
    /// The server cannot do its work yet, or no longer.
    NotReady {
        livekit: &'static str,
        draining: bool,
    },
    /// It took too long.
    TimedOut,
    /// A fault of ours; logged where it was noticed.
    Internal,
}

/// What is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Route,
    Room,
    Session,
    Participant,
    Call,
    LiveCall,
    Invitation,
    Appointment,
    Callback,
}

/// Every error has this shape.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
struct ErrorDetail {
    /// A word for programs; it does not change.
    #[schema(example = "room_not_found")]
    code: &'static str,
    /// A sentence for people, with what to do.
    message: String,
    /// More, by code; often empty.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
}

impl ApiError {
    pub(crate) fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            problem: problem.into(),
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::NotDialled { later: true, .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Carrier { .. } => StatusCode::BAD_GATEWAY,
            Self::CarrierSilent => StatusCode::GATEWAY_TIMEOUT,
            Self::NotDialled { .. }
            | Self::Forbidden(_)
            | Self::BadSignature
            | Self::NotPublishable
            | Self::NotOwnVisit
            | Self::OriginNotAllowed => StatusCode::FORBIDDEN,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound(_) | Self::NoTelephone | Self::NoContact | Self::NoBrowserCalls => {
                StatusCode::NOT_FOUND
            }
            Self::TooLate => StatusCode::GONE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RoomTaken
            | Self::KeyBusy
            | Self::NoAgent
            | Self::NoContacts
            | Self::CallbackOver => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Invalid { .. } | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Overloaded
            | Self::Draining
            | Self::LiveKit
            | Self::Store
            | Self::CarrierAway
            | Self::NotReady { .. }
            | Self::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized(_) => "unauthorized",
            Self::Forbidden(_) => "forbidden",
            Self::BadSignature => "wrong_signature",
            Self::NoTelephone => "no_telephone",
            Self::NoContact => "no_contact",
            Self::NoBrowserCalls => "no_browser_calls",
            Self::NotDialled { code, .. } => code,
            Self::Carrier { .. } => "carrier_refused",
            Self::CarrierAway => "carrier_unavailable",
            Self::CarrierSilent => "outcome_unknown",
            Self::NotPublishable => "key_not_publishable",
            Self::NotOwnVisit => "not_own_visit",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::TooMany { .. } => "too_many_requests",
            Self::NotFound(Missing::Route) => "route_not_found",
            Self::NotFound(Missing::Room) => "room_not_found",
            Self::NotFound(Missing::Session) => "session_not_found",
            Self::NotFound(Missing::Participant) => "participant_not_found",
            Self::NotFound(Missing::Call | Missing::LiveCall) => "call_not_found",
            Self::NotFound(Missing::Invitation) => "invitation_not_found",
            Self::NotFound(Missing::Appointment) => "appointment_not_found",
            Self::NotFound(Missing::Callback) => "callback_not_found",
            Self::CallbackOver => "callback_over",
            Self::TooLate => "too_late",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NoAgent => "agent_absent",
            Self::NoContacts => "no_contacts",
            Self::Store => "store_unavailable",
            Self::RoomTaken => "room_taken",
            Self::KeyBusy => "idempotency_key_busy",
            Self::KeyReused => "idempotency_key_reused",
            Self::TooLarge => "body_too_large",
            Self::UnsupportedMediaType { .. } => "unsupported_media_type",
            Self::Malformed(_) => "malformed_request",
            Self::Invalid { .. } => "invalid_field",
            Self::Overloaded => "overloaded",
            Self::Draining => "draining",
            Self::LiveKit => "livekit_unavailable",
            Self::NotReady { .. } => "not_ready",
            Self::TimedOut => "timed_out",
            Self::Internal => "internal",
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::Unauthorized(why) => return (*why).to_owned(),
            Self::Forbidden(scope) => {
                return format!("This key lacks the scope `{}`.", scope.name());
            }
            Self::UnsupportedMediaType { expected } => {
                return format!("Send the body with the header `Content-Type: {expected}`.");
            }
            Self::Malformed(why) => return format!("The request cannot be read: {why}."),
            Self::Invalid { field, problem } if field.is_empty() => {
                return format!("The body is not accepted: {problem}.");
            }
            Self::Invalid { field, problem } => {
                return format!("The field `{field}` is not accepted: {problem}.");
            }
            Self::NotDialled { text, .. } => return format!("The call is not placed: {text}."),
            Self::Carrier { text, .. } => return format!("The carrier does not take the call: {text}."),
            Self::NoTelephone => {
                "This server has no telephone; `patchbay doctor` says how it gets one."
            }
            Self::NoContact => {
                "There is nobody whom visitors are connected with: set ESCALATION_PHONE_NUMBER, or `contact` in \
                 [phone.website]."
            }
            Self::NoBrowserCalls => {
                "Browsers cannot call by the carrier's own SDK here: the account has no API key and application for it."
            }
            Self::CarrierAway => "The carrier cannot be reached; no call was placed. Try again shortly.",
            Self::CarrierSilent => {
                "The carrier did not answer; whether the call was placed is being looked up. Ask again with the same \
                 Idempotency-Key."
            }
            Self::BadSignature => {
                "The signature is wrong: the auth token or the public address (WEBHOOK_URL) is not the one that the \
                 sender knows."
            }
            Self::NotPublishable => {
                "This is a secret key. Pages take a publishable one; and replace this one, the page has shown it."
            }
            Self::NotOwnVisit => "The proof is not that of a visit to this room with this key.",
            Self::OriginNotAllowed => {
                "This key is not for the page that asks; add the page's origin to the key."
            }
            Self::TooMany { .. } => "Too many ask for this; try again when `Retry-After` says.",
            Self::NotFound(Missing::Route) => "There is no such route; see /docs.",
            Self::NotFound(Missing::Room) => "There is no live room of that name.",
            Self::NotFound(Missing::Session) => "There is no live session with that id.",
            Self::NotFound(Missing::Participant) => "Nobody of that identity is in the room.",
            Self::NotFound(Missing::Appointment) => "There is no appointment with that id.",
            Self::NotFound(Missing::LiveCall) => "There is no live call with that id.",
            Self::NotFound(Missing::Invitation) => {
                "This invitation was used, was taken back, or is too old; ask for another one."
            }
            Self::NotFound(Missing::Callback) => "There is no callback with that id.",
            Self::CallbackOver => "This callback is over; nothing can be changed any more.",
            Self::TooLate => "Somebody else was faster, or nobody waits any more.",
            Self::NotFound(Missing::Call) => "There is no record of a call with that id.",
            Self::NoAgent => "No agent is in the room that could be told; switch it on.",
            Self::NoContacts => "Nobody is named who could be called; add a table [contacts.<id>].",
            Self::Store => "The records cannot be read at the moment; try again shortly.",
            Self::MethodNotAllowed => "This route does not take this method; see /docs.",
            Self::RoomTaken => "A room of that name is live; choose another name, or join it.",
            Self::KeyBusy => "The first request with this key is under way; try again shortly.",
            Self::KeyReused => "This idempotency key was used for another request.",
            Self::TooLarge => "The body is too large.",
            Self::Overloaded => "The server has as much to do as it takes; try again shortly.",
            Self::Draining => "The server is stopping and takes no new sessions.",
            Self::LiveKit => "The LiveKit server did not do its part; try again shortly.",
            Self::NotReady { draining: true, .. } => "The server is stopping.",
            Self::NotReady { .. } => "The LiveKit server does not answer as it should.",
            Self::TimedOut => "The answer took too long; what was asked for may still happen.",
            Self::Internal => "Something went wrong on our side; the log knows more.",
        }
        .to_owned()
    }

    fn details(&self) -> Value {
        match self {
            Self::Forbidden(scope) => json!({ "scope": scope.name() }),
            Self::Invalid { field, problem } => json!({ "field": field, "problem": problem }),
            Self::UnsupportedMediaType { expected } => json!({ "expected": expected }),
            Self::Carrier { code, .. } => json!({ "carrierCode": code }),
            Self::NotReady { livekit, draining } => {
                json!({ "livekit": livekit, "draining": draining })
            }
            Self::Unauthorized(_)
            | Self::BadSignature
            | Self::NoTelephone
            | Self::NoContact
            | Self::NoBrowserCalls
            | Self::NotDialled { .. }
            | Self::CarrierAway
            | Self::CarrierSilent
            | Self::NotPublishable
            | Self::NotOwnVisit
            | Self::OriginNotAllowed
            | Self::TooMany { .. }
            | Self::TooLate
            | Self::NotFound(_)
            | Self::MethodNotAllowed
            | Self::RoomTaken
            | Self::KeyBusy
            | Self::KeyReused
            | Self::TooLarge
            | Self::Malformed(_)
            | Self::NoAgent
            | Self::NoContacts
            | Self::CallbackOver
            | Self::Store
            | Self::Overloaded
            | Self::Draining
            | Self::LiveKit
            | Self::TimedOut
            | Self::Internal => json!({}),
        }
    }

    fn body(&self) -> ErrorBody {
        let details = match self.details() {
            Value::Object(details) => details,
            _ => Map::new(),
        };
        ErrorBody {
            error: ErrorDetail {
                code: self.code(),
                message: self.message(),
                details,
            },
        }
    }

    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY_SECONDS);
        }
        if let Self::TooMany { retry_after } = self {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs() + 1));
        }
        if let Self::Unauthorized(_) = self {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        headers
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status(), self.headers(), Json(self.body())).into_response()
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Open(OpenError::Taken) => Self::RoomTaken,
            SessionError::Open(OpenError::Full) | SessionError::Overloaded => Self::Overloaded,
            SessionError::Open(OpenError::Draining) | SessionError::Stopped => Self::Draining,
            SessionError::Gone => Self::NotFound(Missing::Room),
            SessionError::NoAgent => Self::NoAgent,
            SessionError::LiveKit(_) => Self::LiveKit,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        error!(error = chain(&error), "the store did not do its part");
        Self::Store
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        error!(error = chain(&error), "LiveKit did not do its part");
        Self::LiveKit
    }
}

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        warn!(error = chain(&error), "a webhook was refused");
        match error {
            WebhookError::Forged(_) => Self::Unauthorized("The webhook's signature is wrong."),
            _ => Self::Malformed("it is not a webhook of LiveKit".to_owned()),
        }
    }
}

/// Answers a request for a route that does not exist.
pub(crate) async fn no_such_route() -> ApiError {
    ApiError::NotFound(Missing::Route)
}

/// Answers a request with a method that the route does not take.
pub(crate) async fn no_such_method() -> ApiError {
    ApiError::MethodNotAllowed
}
