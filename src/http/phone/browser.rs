//! Browsers that call by Twilio's own Voice SDK.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::office;
use crate::http::App;
use crate::http::auth::MayCall;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::wiring::twilio::ClientIdentity;

/// Long enough for a call to begin; the SDK asks for the next one before it is over.
const LASTS: Duration = Duration::from_secs(3600);

/// Who is to call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenWish {
    /// A name of letters, digits and underscores; by default one that nobody has.
    identity: Option<String>,
}

/// A way to call.
#[derive(Debug, Serialize)]
pub(crate) struct BrowserToken {
    token: String,
    identity: String,
}

/// Mints an access token for the Voice SDK, which calls this server's `TwiML` application and can be called.
pub(crate) async fn token(
    _: MayCall,
    State(app): State<App>,
    JsonBody { value, .. }: JsonBody<TokenWish>,
) -> Result<Json<BrowserToken>, ApiError> {
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
