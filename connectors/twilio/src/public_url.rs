//! Where Twilio finds us: the configured address, from which every signed URL is rebuilt.

use std::fmt;

use url::Url;

/// The address under which Twilio reaches this server. Headers that a client can set play no part.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// Scheme, user and password, host, port and path, as they were configured, without a slash at the end.
    base: String,
}

/// The configured address cannot be Twilio's way to us: mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPublicUrl {
    /// It is not an absolute URL.
    #[error("it is not an absolute URL")]
    NotAUrl,
    /// Its scheme is not `https` or `http`.
    #[error("it begins neither with https:// nor with http://")]
    Scheme,
    /// It has a query or a fragment.
    #[error("it has a query or a fragment")]
    Query,
}

impl PublicUrl {
    /// Takes the configured address. Its spelling is kept: Twilio signs the one that it was given.
    ///
    /// # Errors
    /// [`InvalidPublicUrl`] says what to mend.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicUrl> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| InvalidPublicUrl::NotAUrl)?;
        if !text.starts_with("https://") && !text.starts_with("http://") {
            return Err(InvalidPublicUrl::Scheme);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidPublicUrl::Query);
        }
        Ok(Self {
            base: text.trim_end_matches('/').to_owned(),
        })
    }

    /// Returns the address of a path, with its query if it has one, as Twilio asks for it.
    #[must_use]
    pub fn at(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.base)
    }

    /// Returns the WebSocket address of a path.
    #[must_use]
    pub fn socket_at(&self, path: &str) -> String {
        // `http` becomes `ws`, and `https` becomes `wss`.
        let rest = self.base.strip_prefix("http").unwrap_or(&self.base);
        format!("ws{rest}{path}")
    }

    /// Returns whether what is sent there is encrypted on the way.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.base.starts_with("https://")
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A password may stand in front of the host.
        let host = self.base.rsplit('@').next().unwrap_or_default();
        f.debug_tuple("PublicUrl").field(&host).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_behind_the_address_as_it_was_configured() {
        let url = PublicUrl::parse("https://phone.example:8443/patchbay/").unwrap();

        assert_eq!(
            url.at("/twilio/voice?profile=shop"),
            "https://phone.example:8443/patchbay/twilio/voice?profile=shop"
        );
        assert_eq!(
            url.socket_at("/twilio/stream"),
            "wss://phone.example:8443/patchbay/twilio/stream"
        );
    }

    #[test]
    fn what_twilio_could_not_ask_for_is_refused() {
        for (text, wrong) in [
            ("phone.example", InvalidPublicUrl::NotAUrl),
            ("wss://phone.example", InvalidPublicUrl::Scheme),
            ("https://phone.example/?a=b", InvalidPublicUrl::Query),
            ("https://phone.example/#a", InvalidPublicUrl::Query),
        ] {
            assert_eq!(PublicUrl::parse(text), Err(wrong), "{text}");
        }
    }

    #[test]
    fn a_password_does_not_show_itself() {
        let url = PublicUrl::parse("https://ann:secret@phone.example").unwrap();

        assert!(!format!("{url:?}").contains("secret"));
    }
}
