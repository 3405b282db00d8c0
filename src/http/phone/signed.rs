//! A webhook that is shown to be Twilio's.

use axum::extract::{FromRequest, Request};
use axum::http::Method;

use crate::http::App;
use crate::http::body::{media_type, read};
use crate::http::error::{ApiError, Missing};
use crate::metrics::WebhookFate;
use crate::wiring::twilio::{Form, SIGNATURE_HEADER, SignatureError, TooLarge};

/// What metrics call the sender.
pub(super) const SOURCE: &str = "twilio";

/// The parameters of a webhook whose signature fits.
pub(crate) struct Signed(pub(crate) Form);

impl FromRequest<App> for Signed {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let checked = check(request, app).await;
        let fate = if checked.is_ok() {
            WebhookFate::Accepted
        } else {
            WebhookFate::Refused
        };
        app.parts().metrics.webhook(SOURCE, fate);
        checked.map(Self)
    }
}

async fn check(request: Request, app: &App) -> Result<Form, ApiError> {
    let office = app.phone().ok_or(ApiError::NotFound(Missing::Route))?;
    let header = signature(&request);
    let url = office.public().at(path_and_query(&request));
    if request.method() == Method::GET {
        office.signatures().get(&url, header.as_deref())?;
        let query = request.uri().query().unwrap_or_default();
        return Ok(Form::parse(query.as_bytes())?);
    }
    let expected = "application/x-www-form-urlencoded";
    if media_type(request.headers()).as_deref() != Some(expected) {
        return Err(ApiError::UnsupportedMediaType { expected });
    }
    let form = Form::parse(&read(request, app).await?)?;
    Ok(office.signatures().form(&url, form, header.as_deref())?)
}

/// Returns what the asker says its signature is.
pub(super) fn signature(request: &Request) -> Option<String> {
    let header = request.headers().get(SIGNATURE_HEADER)?;
    header.to_str().ok().map(ToOwned::to_owned)
}

/// Returns the path and the query as they were asked for.
pub(super) fn path_and_query(request: &Request) -> &str {
    let uri = request.uri();
    uri.path_and_query()
        .map_or(uri.path(), |whole| whole.as_str())
}

impl From<SignatureError> for ApiError {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Missing => Self::Malformed("it is not signed".to_owned()),
            _ => Self::BadSignature,
        }
    }
}

impl From<TooLarge> for ApiError {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}
