//! Twilio's answers: JSON, lists in pages, errors with codes.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use super::Request;

/// What a page holds when nothing is said.
const PAGE: u64 = 50;
const LARGEST_PAGE: u64 = 1_000;

/// A good answer.
#[derive(Debug)]
pub(super) struct Reply {
    status: StatusCode,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Json(Value),
    Wav(Vec<u8>),
    Nothing,
}

impl Reply {
    pub(super) const fn wav(sound: Vec<u8>) -> Self {
        Self {
            status: StatusCode::OK,
            body: Body::Wav(sound),
        }
    }

    pub(super) const fn found(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body: Body::Json(body),
        }
    }

    pub(super) const fn created(body: Value) -> Self {
        Self {
            status: StatusCode::CREATED,
            body: Body::Json(body),
        }
    }

    pub(super) const fn gone() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: Body::Nothing,
        }
    }

    /// Returns the page of a list that the request asks for.
    pub(super) fn page(request: &Request<'_>, name: &str, entries: &[Value]) -> Self {
        let size = request
            .form
            .number("PageSize")
            .unwrap_or(PAGE)
            .clamp(1, LARGEST_PAGE);
        let page = request.form.number("Page").unwrap_or(0);
        let start = page.saturating_mul(size);
        let (from, count) = (
            usize::try_from(start).unwrap_or(usize::MAX),
            usize::try_from(size).unwrap_or(usize::MAX),
        );
        let shown: Vec<Value> = entries.iter().skip(from).take(count).cloned().collect();
        let path = request.address.split('?').next().unwrap_or_default();
        let address = |page: u64| format!("{path}?PageSize={size}&Page={page}&PageToken=PT{page}");
        let has_more = entries.len() > from.saturating_add(count);
        let mut body = Map::new();
        body.insert(name.to_owned(), Value::Array(shown.clone()));
        body.extend([
            ("page".to_owned(), json!(page)),
            ("page_size".to_owned(), json!(size)),
            ("start".to_owned(), json!(start)),
            (
                "end".to_owned(),
                json!((start + shown.len() as u64).saturating_sub(1)),
            ),
            ("uri".to_owned(), json!(request.address)),
            (
                "first_page_uri".to_owned(),
                json!(format!("{path}?PageSize={size}&Page=0")),
            ),
            (
                "next_page_uri".to_owned(),
                json!(has_more.then(|| address(page + 1))),
            ),
            (
                "previous_page_uri".to_owned(),
                json!((page > 0).then(|| address(page - 1))),
            ),
        ]);
        Self::found(Value::Object(body))
    }

    pub(super) fn into_response(self, request: &str) -> Response {
        let id = [("twilio-request-id", request.to_owned())];
        match self.body {
            Body::Json(body) => (self.status, id, axum::Json(body)).into_response(),
            Body::Wav(sound) => {
                let kind = [(header::CONTENT_TYPE, "audio/x-wav")];
                (self.status, id, kind, sound).into_response()
            }
            Body::Nothing => (self.status, id).into_response(),
        }
    }
}

/// An error of Twilio's.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    code: u32,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: u32, message: &str) -> Self {
        Self {
            status,
            code,
            message: message.to_owned(),
        }
    }

    /// The parameters are wrong.
    pub(super) fn bad(code: u32, message: &str) -> Self {
        Self::new(400, code, message)
    }

    pub(super) fn unknown(path: &str) -> Self {
        Self::new(
            404,
            20_404,
            &format!("The requested resource {path} was not found"),
        )
    }

    pub(super) fn into_response(self, request: &str) -> Response {
        let body = json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status,
        });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (
            status,
            [("twilio-request-id", request.to_owned())],
            axum::Json(body),
        )
            .into_response();
        if self.status == 401 {
            let realm = header::HeaderValue::from_static("Basic realm=\"Twilio API\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}
