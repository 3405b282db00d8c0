//! Twilio's REST API, as far as a phone channel needs it: typed requests, deadlines, and errors that say what to do.
//!
//! Nothing is tried twice here. What may be repeated says so in its error, and what may have happened already does too:
//! [`RestError::OutcomeUnknown`] of a call that was placed means looking with [`RestClient::calls_to`], not placing it again.

mod account;
mod call;
mod code;
mod conference;
mod error;
mod fields;
mod message;
mod number;
mod recording;
mod transport;

use std::{fmt, time::Duration};

use reqwest::redirect;
use rustls::ClientConfig;
use secrecy::SecretString;
use url::Url;

pub use self::{
    account::{Account, AccountState, Balance},
    call::{Call, Instructions, MachineDetection, NewCall},
    code::{Cure, Meaning, meaning},
    conference::{Conference, ConferenceState, NewParticipant, Participant, ParticipantState},
    error::{Refusal, RestError},
    message::{Content, Message, NewMessage},
    number::{NumberWebhooks, PhoneNumber},
    recording::{NewRecording, Recording},
};
use crate::sid::{AccountSid, ApiKeySid};

/// Where Twilio answers; regions have addresses of their own.
pub const BASE_URL: &str = "https://api.twilio.com";

/// Resolving, TCP and TLS take four round trips: more than this is an outage.
const CONNECT: Duration = Duration::from_secs(4);

/// Twilio answers within a second as a rule.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whose API it is, and with which key it is opened.
#[derive(Clone)]
pub struct RestSettings {
    /// Where it answers.
    pub base_url: Url,
    /// Whose it is.
    pub account: AccountSid,
    /// How long a request may take.
    pub patience: Duration,
    user: String,
    secret: SecretString,
}

impl RestSettings {
    /// Opens it with the account's Auth Token.
    ///
    /// # Panics
    /// Never: the usual address is one.
    #[must_use]
    pub fn with_token(account: AccountSid, auth_token: SecretString) -> Self {
        Self {
            base_url: Url::parse(BASE_URL).expect("the usual address is one"),
            patience: PATIENCE,
            user: account.as_str().to_owned(),
            secret: auth_token,
            account,
        }
    }

    /// Opens it with an API key, which can be taken back without changing the token.
    #[must_use]
    pub fn with_key(account: AccountSid, key: &ApiKeySid, secret: SecretString) -> Self {
        Self {
            user: key.as_str().to_owned(),
            ..Self::with_token(account, secret)
        }
    }
}

impl fmt::Debug for RestSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestSettings")
            .field("base_url", &self.base_url.as_str())
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// A client of the API. Clones share its connections.
#[derive(Clone, Debug)]
pub struct RestClient {
    http: reqwest::Client,
    settings: RestSettings,
}

/// There can be no client: mend the configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestSettingsError {
    /// The address is not one of HTTP.
    #[error("the address of Twilio's API begins neither with https:// nor with http://")]
    BaseUrl,
    /// This machine cannot do what a client needs.
    #[error("no client for Twilio's API can be made")]
    Client(#[source] reqwest::Error),
}

impl RestClient {
    /// Makes a client.
    ///
    /// # Errors
    /// [`RestSettingsError`] says what to mend.
    pub fn new(settings: RestSettings, tls: ClientConfig) -> Result<Self, RestSettingsError> {
        if !["https", "http"].contains(&settings.base_url.scheme()) {
            return Err(RestSettingsError::BaseUrl);
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(CONNECT)
            .timeout(settings.patience)
            // Whoever waits decides what is tried again.
            .retry(reqwest::retry::never())
            // A redirect would carry the key to somebody else.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(RestSettingsError::Client)?;
        Ok(Self { http, settings })
    }

    /// Returns whose API it is.
    #[must_use]
    pub fn account_sid(&self) -> &AccountSid {
        &self.settings.account
    }
}
