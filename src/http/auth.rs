//! Who asks, and what they may do.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use url::Url;

use super::App;
use super::error::ApiError;
use crate::config::{Access, ApiKey, KeyKind, Scope, is_loopback};
use crate::store::Store;

const NO_KEY: &str = "Send the header `Authorization: Bearer <key>` with a key of this server.";
const WRONG_KEY: &str = "This server does not know that key.";
const NOT_LOCAL: &str =
    "Without PATCHBAY_API_KEY this server answers only to addresses of this machine.";

/// Checks keys. The rule is made once, from the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    access: Arc<Access>,
    /// Holds the keys that were made while the server runs.
    store: Store,
}

/// Whoever asked: the name of their key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller(pub(crate) String);

impl Gate {
    pub(crate) fn new(access: Access, store: Store) -> Self {
        let access = Arc::new(access);
        Self { access, store }
    }

    async fn admit(&self, headers: &HeaderMap, scope: Scope) -> Result<Caller, ApiError> {
        match &*self.access {
            Access::Loopback => admit_neighbour(headers),
            Access::Keys(keys) => {
                let key = self.key(keys, headers).await?;
                if key.opens(scope) {
                    Ok(Caller(key.name))
                } else {
                    Err(ApiError::Forbidden(scope))
                }
            }
        }
    }

    /// Tells whose guest a visitor is; `own` is the address of this server's page, where there is one.
    async fn receive(&self, headers: &HeaderMap, own: Option<&Url>) -> Result<Guest, ApiError> {
        if bearer(headers).is_none() {
            return self.receive_without_key(headers, own);
        }
        let keys: &[ApiKey] = match &*self.access {
            Access::Loopback => &[],
            Access::Keys(keys) => keys,
        };
        let key = self.key(keys, headers).await?;
        match key.kind {
            KeyKind::Publishable { origins } => Ok(Guest {
                key: key.name,
                origins,
            }),
            KeyKind::Secret => Err(ApiError::NotPublishable),
        }
    }

    /// The page of this server needs no key, nor does a page on this machine where nobody needs one.
    fn receive_without_key(
        &self,
        headers: &HeaderMap,
        own: Option<&Url>,
    ) -> Result<Guest, ApiError> {
        let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
        if let Access::Loopback = &*self.access {
            let Caller(key) = admit_neighbour(headers)?;
            let origins = origin.map(str::to_owned).into_iter().collect();
            return Ok(Guest { key, origins });
        }
        match own.map(|url| url.origin().ascii_serialization()) {
            Some(own) if origin == Some(own.as_str()) => Ok(Guest {
                key: "page".to_owned(),
                origins: vec![own],
            }),
            _ => Err(ApiError::Unauthorized(NO_KEY)),
        }
    }

    /// Tells on whose behalf people are called from a website; pages of `trusted` origins need no key.
    pub(crate) async fn receive_site(
        &self,
        headers: &HeaderMap,
        trusted: &[String],
    ) -> Result<Site, ApiError> {
        let keys: &[ApiKey] = match &*self.access {
            Access::Loopback => &[],
            Access::Keys(keys) => keys,
        };
        if bearer(headers).is_some() {
            let key = self.key(keys, headers).await?;
            let opens = key.opens(Scope::Calls);
            return match key.kind {
                KeyKind::Publishable { origins } => Ok(Site::Page(Guest {
                    key: key.name,
                    origins,
                })),
                KeyKind::Secret if opens => Ok(Site::Program(Caller(key.name))),
                KeyKind::Secret => Err(ApiError::Forbidden(Scope::Calls)),
            };
        }
        let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
        let trusts = |origin: &str| trusted.iter().any(|one| one.eq_ignore_ascii_case(origin));
        if origin.is_some_and(trusts) {
            return Ok(Site::Page(Guest {
                key: "website".to_owned(),
                origins: trusted.to_vec(),
            }));
        }
        match &*self.access {
            Access::Loopback => admit_neighbour(headers).map(Site::Program),
            Access::Keys(_) => Err(ApiError::Unauthorized(NO_KEY)),
        }
    }

    async fn key(&self, keys: &[ApiKey], headers: &HeaderMap) -> Result<ApiKey, ApiError> {
        let presented = bearer(headers).ok_or(ApiError::Unauthorized(NO_KEY))?;
        // Digests are compared: how long that takes tells nothing about the key.
        let digest = ApiKey::digest(presented);
        if let Some(key) = keys.iter().find(|key| key.digest == digest) {
            return Ok(key.clone());
        }
        let made = self.store.key_with(&digest).await?;
        made.ok_or(ApiError::Unauthorized(WRONG_KEY))
    }
}

/// Without a key only this machine is served. The address tells who connected; host and origin tell on whose
/// behalf: a page from elsewhere, in a browser on this machine, must not get in either.
fn admit_neighbour(headers: &HeaderMap) -> Result<Caller, ApiError> {
    let near = |name: HeaderName, host_of: fn(&str) -> Option<String>| {
        headers.get(name).is_none_or(|value| {
            value
                .to_str()
                .ok()
                .and_then(host_of)
                .is_some_and(|host| is_loopback(&host))
        })
    };
    if near(HOST, |host| host_in(&format!("http://{host}"))) && near(ORIGIN, host_in) {
        Ok(Caller("local".to_owned()))
    } else {
        Err(ApiError::Unauthorized(NOT_LOCAL))
    }
}

fn host_in(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// Lets in who may look. A handler that takes it cannot be reached otherwise.
pub(crate) struct MayRead;

impl FromRequestParts<App> for MayRead {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = app.gate().admit(&parts.headers, Scope::Read).await?;
        drop(caller);
        Ok(Self)
    }
}

/// Lets in who may create, join and end rooms.
pub(crate) struct MayUseRooms(pub(crate) Caller);

impl FromRequestParts<App> for MayUseRooms {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = app.gate().admit(&parts.headers, Scope::Rooms).await?;
        Ok(Self(caller))
    }
}

/// Lets in who may place and end calls.
pub(crate) struct MayCall(pub(crate) Caller);

impl FromRequestParts<App> for MayCall {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = app.gate().admit(&parts.headers, Scope::Calls).await?;
        Ok(Self(caller))
    }
}

/// Lets in who may do everything.
pub(crate) struct MayAdminister(pub(crate) Caller);

impl FromRequestParts<App> for MayAdminister {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = app.gate().admit(&parts.headers, Scope::Admin).await?;
        Ok(Self(caller))
    }
}

/// Whoever has people called from a website.
pub(crate) enum Site {
    /// A program with a key of its own.
    Program(Caller),
    /// A page, whose visitors are let in one by one.
    Page(Guest),
}

/// A visitor of a page: whose guest they are, and from which pages such guests come.
pub(crate) struct Guest {
    /// The name of the key.
    pub(crate) key: String,
    /// The pages.
    pub(crate) origins: Vec<String>,
}

impl FromRequestParts<App> for Guest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let site = app.parts();
        let own = site.web.page.then_some(&site.addresses.patchbay);
        app.gate().receive(&parts.headers, own).await
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::config::Database;

    #[tokio::test]
    async fn a_page_from_elsewhere_does_not_get_in_through_a_browser_on_this_machine() {
        let (_folder, gate) = gate(Access::Loopback).await;

        for (name, value, let_in) in [
            (HOST, "localhost:8080", true),
            (HOST, "[::1]:8080", true),
            (HOST, "127.0.0.1", true),
            (HOST, "rebound.example:8080", false),
            (ORIGIN, "http://localhost:8080", true),
            (ORIGIN, "https://elsewhere.example", false),
            (ORIGIN, "null", false),
        ] {
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);

            assert_eq!(
                gate.admit(&headers, Scope::Rooms).await.is_ok(),
                let_in,
                "{value}"
            );
        }
    }

    #[tokio::test]
    async fn a_key_does_what_its_scopes_say_and_an_admin_everything() {
        let (_folder, gate) = gate(Access::Keys(vec![
            ApiKey::new("dashboard", "looking", &[Scope::Read]),
            ApiKey::new("admin", "everything", &[Scope::Admin]),
            ApiKey {
                kind: KeyKind::Publishable {
                    origins: vec!["https://www.example.com".to_owned()],
                },
                ..ApiKey::new("page", "visiting", &[Scope::Admin])
            },
        ]))
        .await;

        assert!(
            gate.admit(&with("bearer looking"), Scope::Read)
                .await
                .is_ok()
        );
        assert!(matches!(
            gate.admit(&with("Bearer looking"), Scope::Rooms).await,
            Err(ApiError::Forbidden(Scope::Rooms))
        ));
        assert!(
            gate.admit(&with("Bearer everything"), Scope::Rooms)
                .await
                .is_ok()
        );
        assert!(matches!(
            gate.admit(&with("Bearer visiting"), Scope::Read).await,
            Err(ApiError::Forbidden(Scope::Read))
        ));
        for refused in [
            "Bearer nothing",
            "Basic everything",
            "everything",
            "Bearer ",
        ] {
            let result = gate.admit(&with(refused), Scope::Read).await;
            assert!(
                matches!(result, Err(ApiError::Unauthorized(_))),
                "{refused}"
            );
        }
    }

    async fn gate(access: Access) -> (tempfile::TempDir, Gate) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::File(folder.path().join("keys.db"));
        let (store, _) = Store::open(&database).await.unwrap();
        (folder, Gate::new(access, store))
    }

    fn with(authorization: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(authorization))])
    }
}
