//! The LiveKit server to use.

use std::net::IpAddr;

use secrecy::SecretString;
use url::{Host, Url};

use super::listen::is_loopback;
use super::reader::{Reader, Setting};
use super::{Mode, parse};

const URL: Setting = Setting::new("livekit.url").environment(&["LIVEKIT_URL"]);
const PUBLIC_URL: Setting = Setting::new("livekit.public_url").environment(&["LIVEKIT_PUBLIC_URL"]);
const HIDDEN_LISTENERS: Setting = Setting::new("livekit.hidden_listeners");
const API_KEY: Setting = Setting::secret(&["LIVEKIT_API_KEY"]);
const API_SECRET: Setting = Setting::secret(&["LIVEKIT_API_SECRET"]);

/// Address and credentials of a LiveKit server.
#[derive(Debug, Clone)]
pub struct LiveKit {
    /// Where this server reaches it.
    pub url: Url,
    /// Where participants reach it, when that differs (`livekit.public_url`).
    pub public_url: Option<Url>,
    /// Whether others than recorders listen in rooms with LiveKit's grant `hidden` (`livekit.hidden_listeners`).
    pub hidden_listeners: bool,
    /// Name of the key pair.
    pub api_key: String,
    /// Signs tokens and verifies webhooks.
    pub api_secret: SecretString,
}

impl LiveKit {
    /// Reads the area; `None` when nothing is set (or, with a mistake noted, not enough is).
    pub(super) fn read(reader: &mut Reader<'_>, mode: Mode) -> Option<Self> {
        let given = reader.find(&URL).is_some();
        let url = reader.parsed(&URL, parse::livekit_url);
        let public_url = reader.parsed(&PUBLIC_URL, parse::livekit_url);
        let hidden_listeners = reader.parsed(&HIDDEN_LISTENERS, parse::yes_or_no);
        let api_key = reader.text(&API_KEY);
        let api_secret = reader.text(&API_SECRET).map(SecretString::from);
        if mode == Mode::Dev && !given {
            // A key alone does not choose a server: dev starts its own, with its own key.
            return None;
        }

        require(reader, given, "LIVEKIT_URL", "wss://livekit.example.com");
        require(
            reader,
            api_key.is_some(),
            "LIVEKIT_API_KEY",
            "<a key of `keys:` in livekit.yaml>",
        );
        require(
            reader,
            api_secret.is_some(),
            "LIVEKIT_API_SECRET",
            "<the secret that stands beside that key>",
        );

        let url = url?;
        if is_plain(&url) && !is_near(&url) {
            reader.warn("LIVEKIT_URL is unencrypted and leaves the private network: use wss://");
        }
        Some(Self {
            url,
            public_url,
            hidden_listeners: hidden_listeners.unwrap_or(false),
            api_key: api_key?,
            api_secret: api_secret?,
        })
    }
}

fn require(reader: &mut Reader<'_>, present: bool, name: &str, example: &str) {
    if !present {
        reader.mistake(format!("{name} is not set"), format!("{name}={example}"));
    }
}

fn is_plain(url: &Url) -> bool {
    matches!(url.scheme(), "ws" | "http")
}

/// Loopback, a private network, or a bare name such as `livekit` in a compose file.
pub(super) fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_loopback(name) || !name.contains('.'),
        Some(Host::Ipv4(address)) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        Some(Host::Ipv6(address)) => {
            IpAddr::from(address).is_loopback() || address.is_unique_local()
        }
        None => false,
    }
}
