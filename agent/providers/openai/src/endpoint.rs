//! One server: its address, its key, and the one way to send it something.

use std::time::Duration;

use agent_contract::{ProviderError, ProviderName};
use agent_wire::tls;
use async_openai::{Client, config::Config, error::OpenAIError};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use reqwest::redirect;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    SettingsError,
    failure::Failure,
    gate::{Answers, Gate},
};

/// A connection takes one round trip, TLS two: more than this is an outage.
const CONNECT: Duration = Duration::from_secs(3);

/// A server that speaks the protocol.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) provider: ProviderName,
    pub(crate) patience: Duration,
    pub(crate) gate: Gate,
    address: Address,
}

impl Endpoint {
    pub(crate) fn new(
        provider: ProviderName,
        base: &Url,
        key: Option<&SecretString>,
        patience: Duration,
    ) -> Result<Self, SettingsError> {
        let client_error = |error| SettingsError::Client(error);
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client().map_err(|e| client_error(e.into()))?)
            .connect_timeout(CONNECT)
            // Whoever waits decides what is tried again.
            .retry(reqwest::retry::never())
            // A redirect would carry the key to somebody else.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|e| client_error(e.into()))?;
        Ok(Self {
            provider,
            patience,
            gate: Gate::new(http, patience, Answers::Whole),
            address: Address::new(base, key)?,
        })
    }

    /// The library's client, without its retries: they would outlast every deadline.
    pub(crate) fn client(&self) -> Client<Address> {
        Client::build(self.gate.http().clone(), self.address.clone())
            .with_http_service(self.gate.clone())
    }

    /// The same for answers that are events.
    pub(crate) fn with_events(self) -> Self {
        let gate = Gate::new(self.gate.http().clone(), self.patience, Answers::Events);
        Self { gate, ..self }
    }

    /// Begins a request that the library cannot stream.
    pub(crate) fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.gate
            .http()
            .post(self.address.url(path))
            .headers(self.address.headers())
    }

    /// Names the provider in an error.
    pub(crate) fn blame(&self, error: OpenAIError) -> ProviderError {
        Failure::from(error).of(&self.provider)
    }
}

/// Where requests go and what opens the door.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    base: String,
    headers: HeaderMap,
    key: SecretString,
}

impl Address {
    fn new(base: &Url, key: Option<&SecretString>) -> Result<Self, SettingsError> {
        if !["http", "https"].contains(&base.scheme()) {
            return Err(SettingsError::BaseUrl);
        }
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let bearer = format!("Bearer {}", key.expose_secret());
            let mut value = HeaderValue::try_from(bearer).map_err(|_| SettingsError::Key)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Self {
            base: base.as_str().trim_end_matches('/').to_owned(),
            headers,
            key: key.cloned().unwrap_or_default(),
        })
    }
}

impl Config for Address {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}
