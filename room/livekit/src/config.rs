//! Where the LiveKit server is, and the keys to it.

use secrecy::SecretString;
use url::Url;

/// What it takes to use a LiveKit server.
#[derive(Debug, Clone)]
pub struct LiveKitConfig {
    /// Where this process reaches the server: `ws`, `wss`, `http` or `https`.
    pub url: String,
    /// Where participants elsewhere reach it, if that is another address.
    pub public_url: Option<String>,
    /// The API key; it is in every token.
    pub api_key: String,
    /// The secret that signs tokens and verifies webhooks.
    pub api_secret: SecretString,
}

/// Why a configuration cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// The address is not one, or not of a kind that LiveKit speaks.
    #[error("the LiveKit address is not a ws, wss, http or https URL")]
    Url,
    /// The key or the secret is empty.
    #[error("the LiveKit API key or secret is empty")]
    Keys,
}

impl LiveKitConfig {
    pub(crate) fn check(&self) -> Result<(), InvalidConfig> {
        use secrecy::ExposeSecret;

        if self.api_key.is_empty() || self.api_secret.expose_secret().is_empty() {
            return Err(InvalidConfig::Keys);
        }
        let urls = [Some(&self.url), self.public_url.as_ref()];
        if urls.into_iter().flatten().all(|url| speaks_livekit(url)) {
            Ok(())
        } else {
            Err(InvalidConfig::Url)
        }
    }
}

fn speaks_livekit(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    url.has_host() && matches!(url.scheme(), "ws" | "wss" | "http" | "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str, secret: &str) -> LiveKitConfig {
        LiveKitConfig {
            url: url.to_owned(),
            public_url: None,
            api_key: "devkey".to_owned(),
            api_secret: SecretString::from(secret),
        }
    }

    #[test]
    fn addresses_of_other_kinds_are_refused() {
        assert_eq!(config("ws://127.0.0.1:7880", "secret").check(), Ok(()));
        assert_eq!(
            config("https://rooms.example.org", "secret").check(),
            Ok(())
        );
        for url in ["", "127.0.0.1:7880", "ftp://rooms.example.org", "ws:"] {
            assert_eq!(
                config(url, "secret").check(),
                Err(InvalidConfig::Url),
                "{url}"
            );
        }
    }

    #[test]
    fn empty_keys_are_refused() {
        assert_eq!(
            config("ws://127.0.0.1:7880", "").check(),
            Err(InvalidConfig::Keys)
        );
    }
}
