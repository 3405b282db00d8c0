//! The account at Twilio.

use secrecy::SecretString;
use url::Url;

use super::livekit::is_near;
use super::reader::{Reader, Setting};
use super::{Listen, Mode, parse};

const BASE_URL: Setting = Setting::new("twilio.base_url").environment(&["TWILIO_BASE_URL"]);
const ACCOUNT: Setting = Setting::new("").environment(&["TWILIO_ACCOUNT_SID"]);
const AUTH_TOKEN: Setting = Setting::secret(&["TWILIO_AUTH_TOKEN"]);
const PHONE_NUMBER: Setting =
    Setting::new("twilio.phone_number").environment(&["TWILIO_PHONE_NUMBER"]);
const WHATSAPP_NUMBER: Setting =
    Setting::new("twilio.whatsapp_number").environment(&["TWILIO_WHATSAPP_NUMBER"]);
const API_KEY: Setting = Setting::secret(&["TWILIO_API_KEY"]);
const API_SECRET: Setting = Setting::secret(&["TWILIO_API_SECRET"]);
const TWIML_APP: Setting = Setting::new("twilio.twiml_app").environment(&["TWILIO_TWIML_APP_SID"]);

/// Where Twilio is.
const REAL: &str = "https://api.twilio.com";

/// The account at Twilio, or at its twin.
#[derive(Debug, Clone)]
pub struct PhoneAccount {
    /// Where its REST API is.
    pub base_url: Url,
    /// The account.
    pub account_sid: String,
    /// Signs webhooks.
    pub auth_token: SecretString,
    /// The number that calls are placed from.
    pub phone_number: Option<String>,
    /// The number that `WhatsApp` messages and calls come from.
    pub whatsapp_number: Option<String>,
    /// The application whose voice URL is asked on behalf of the agent in conferences, and by browsers.
    pub twiml_app: Option<String>,
    /// Signs access tokens of browsers.
    pub browsers: Option<BrowserKeys>,
}

/// What access tokens of the Voice SDK are made with.
#[derive(Debug, Clone)]
pub struct BrowserKeys {
    /// The key.
    pub api_key: String,
    /// Its secret.
    pub api_secret: SecretString,
    /// The application whose webhook is asked what a browser's call is to do.
    pub twiml_app: String,
}

impl PhoneAccount {
    /// The account of the twin that `patchbay call` starts on this machine. It opens nothing anywhere else.
    #[must_use]
    pub fn twin() -> Self {
        Self {
            base_url: Url::parse("http://127.0.0.1:8081").expect("it is an address"),
            account_sid: "AC00000000000000000000000000000000".to_owned(),
            auth_token: SecretString::from("the twin of this machine"),
            phone_number: Some("+15005550006".to_owned()),
            whatsapp_number: None,
            twiml_app: None,
            browsers: None,
        }
    }

    /// Reads the area; `None` when there is no account. On this machine alone the twin takes its place.
    pub(super) fn read(reader: &mut Reader<'_>, mode: Mode, listen: &Listen) -> Option<Self> {
        let base_url = reader.parsed(&BASE_URL, parse::service_url);
        let account_sid = reader.parsed(&ACCOUNT, parse::account_sid);
        let auth_token = reader.text(&AUTH_TOKEN).map(SecretString::from);
        let phone_number = reader.parsed(&PHONE_NUMBER, parse::phone_number);
        let whatsapp_number = reader.parsed(&WHATSAPP_NUMBER, parse::phone_number);
        let twiml_app = reader.text(&TWIML_APP);
        let browsers = BrowserKeys::read(reader, twiml_app.clone());
        let twin = Self::twin();
        let (account_sid, auth_token) = match (account_sid, auth_token) {
            (Some(account), Some(token)) => (account, token),
            (None, None) if mode == Mode::Dev && listen.is_loopback() => {
                return Some(Self {
                    base_url: base_url.unwrap_or(twin.base_url),
                    phone_number: phone_number.or(twin.phone_number),
                    whatsapp_number,
                    twiml_app,
                    ..twin
                });
            }
            (None, None) => return None,
            (account, _) => {
                let (missing, example) = if account.is_none() {
                    ("TWILIO_ACCOUNT_SID", "AC…")
                } else {
                    ("TWILIO_AUTH_TOKEN", "<the auth token of the account>")
                };
                reader.mistake(
                    format!("{missing} is not set, the other half of the account is"),
                    format!("{missing}={example}"),
                );
                return None;
            }
        };
        let base_url = base_url.or_else(|| Url::parse(REAL).ok())?;
        if base_url.scheme() == "http" && !is_near(&base_url) {
            reader.warn(
                "TWILIO_BASE_URL is unencrypted and leaves the private network: use https://",
            );
        }
        Some(Self {
            base_url,
            account_sid,
            auth_token,
            phone_number,
            whatsapp_number,
            twiml_app,
            browsers,
        })
    }
}

impl BrowserKeys {
    fn read(reader: &mut Reader<'_>, twiml_app: Option<String>) -> Option<Self> {
        let api_key = reader.text(&API_KEY);
        let api_secret = reader.text(&API_SECRET).map(SecretString::from);
        Some(Self {
            api_key: api_key?,
            api_secret: api_secret?,
            twiml_app: twiml_app?,
        })
    }
}
