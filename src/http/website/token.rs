//! Browsers that call by Twilio's own Voice SDK.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::body::SiteBody;
use super::caller::SiteCaller;
use super::error::{SiteError, SiteErrorBody};
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::phone::office;
use crate::wiring::twilio::ClientIdentity;

/// Long enough for a call to begin; the SDK asks for the next one before it is over.
const LASTS: Duration = Duration::from_secs(3600);

/// Who is to call.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct TokenWish {
    /// A name of letters, digits and underscores; by default one that nobody has.
    #[schema(example = "alice")]
    identity: Option<String>,
}

/// A way to call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrowserToken {
    /// Lets a browser call this server's application for an hour, and be called.
    token: String,
    #[schema(example = "alice")]
    identity: String,
}

/// Mints an access token for the Voice SDK, which calls this server's `TwiML` application and can be called.
#[utoipa::path(post, path = "/api/twilio/token", tag = "website", operation_id = "browserToken", security(("key" = ["calls"]), ()),
    request_body(content((TokenWish = "application/json"), (TokenWish = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The token", body = BrowserToken),
        (status = 401, description = "No key, a wrong one, or a page that is not trusted", body = SiteErrorBody),
        (status = 404, description = "The account has no key and application for it", body = SiteErrorBody),
        (status = 422, description = "The identity is not accepted", body = SiteErrorBody),
        (status = 429, description = "Too many ask; `Retry-After` says when to try again", body = SiteErrorBody),
    ))]
pub(crate) async fn token(
    _: SiteCaller,
    State(app): State<App>,
    SiteBody { value, .. }: SiteBody<TokenWish>,
) -> Result<Json<BrowserToken>, SiteError> {
    let tokens = office(&app)?.browsers().ok_or(ApiError::NoBrowserCalls)?;
    let identity = match value.identity {
        Some(identity) => ClientIdentity::new(identity)
            .map_err(|error| ApiError::invalid("identity", error.to_string()))?,
        None => {
            let number = getrandom::u64().map_err(|_| ApiError::Internal)?;
            ClientIdentity::new(format!("browser_{number:016x}")).map_err(|_| ApiError::Internal)?
        }
    };
    let token = tokens.mint(OffsetDateTime::now_utc(), LASTS, &identity);
    Ok(Json(BrowserToken {
        token: token.expose_secret().to_owned(),
        identity: identity.as_str().to_owned(),
    }))
}
