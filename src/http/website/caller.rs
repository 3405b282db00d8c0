//! Who has people called from a website: a program with a key, or a page whose visitors come one by one.

use axum::extract::FromRequestParts;
use axum::http::header::ORIGIN;
use axum::http::request::Parts;

use super::error::SiteError;
use crate::http::App;
use crate::http::auth::{Caller, Site};
use crate::http::error::ApiError;
use crate::http::peer::Asker;
use crate::wiring::web::Visitor;

/// Whoever has people called. A handler that takes it cannot be reached too often from one place.
pub(crate) struct SiteCaller(pub(crate) Caller);

impl FromRequestParts<App> for SiteCaller {
    type Rejection = SiteError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, SiteError> {
        let office = app.phone().ok_or(ApiError::NoTelephone)?;
        let trusted = &office.settings().website.origins;
        let guest = match app.gate().receive_site(&parts.headers, trusted).await? {
            Site::Program(caller) => return Ok(Self(caller)),
            Site::Page(guest) => guest,
        };
        let Ok(Asker(address)) = Asker::from_request_parts(parts, app).await;
        let origin = parts.headers.get(ORIGIN);
        app.site_callers().admit(&Visitor {
            address,
            origin: origin.and_then(|origin| origin.to_str().ok()),
            key: &guest.key,
            origins: &guest.origins,
        })?;
        Ok(Self(Caller(guest.key)))
    }
}
