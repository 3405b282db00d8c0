//! Access tokens of the Voice SDK: what lets a browser call and be called.
//!
//! See <https://www.twilio.com/docs/iam/access-tokens>.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use sha2::Sha256;
use time::OffsetDateTime;

use crate::sid::{AccountSid, ApiKeySid, ApplicationSid};

/// The longest life of a token; browsers refuse others.
pub const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// The shortest life that lets a browser connect.
const SHORTEST_LIFE: Duration = Duration::from_secs(60);

/// The longest identity, in characters.
pub const LONGEST_IDENTITY: usize = 121;

/// Who a browser is to Twilio. Choose it yourself; a browser that does may be anybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientIdentity(String);

/// Why a text is not an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identity has 1 to {LONGEST_IDENTITY} letters, digits and underscores")]
pub struct InvalidIdentity;

impl ClientIdentity {
    /// Checks a text and wraps it.
    ///
    /// # Errors
    /// [`InvalidIdentity`] when a `client:` address could not carry it.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidIdentity> {
        let text = text.into();
        let is_safe = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if text.is_empty() || text.len() > LONGEST_IDENTITY || !is_safe {
            return Err(InvalidIdentity);
        }
        Ok(Self(text))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a token lets a browser do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceGrant {
    /// Who it is.
    pub identity: ClientIdentity,
    /// The application that says what its calls do; without one it cannot call.
    pub outgoing: Option<ApplicationSid>,
    /// Whether it can be called.
    pub incoming: Incoming,
}

/// Whether a browser can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incoming {
    /// It can.
    Allowed,
    /// It cannot.
    Refused,
}

/// Signs access tokens.
#[derive(Clone)]
pub struct AccessTokens {
    account: AccountSid,
    key: ApiKeySid,
    secret: SecretString,
}

#[derive(Serialize)]
struct Header {
    alg: &'static str,
    typ: &'static str,
    cty: &'static str,
}

#[derive(Serialize)]
struct Claims<'a> {
    jti: String,
    iss: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
    grants: Grants<'a>,
}

#[derive(Serialize)]
struct Grants<'a> {
    identity: &'a str,
    voice: Voice<'a>,
}

#[derive(Serialize)]
struct Voice<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    incoming: Option<Allow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outgoing: Option<Outgoing<'a>>,
}

#[derive(Serialize)]
struct Allow {
    allow: bool,
}

#[derive(Serialize)]
struct Outgoing<'a> {
    application_sid: &'a str,
}

impl AccessTokens {
    /// Signs with an API key's secret; the Auth Token is of no use here.
    #[must_use]
    pub fn new(account: AccountSid, key: ApiKeySid, secret: SecretString) -> Self {
        Self {
            account,
            key,
            secret,
        }
    }

    /// Returns a token that lives so long from `now`, kept between a minute and [`LONGEST_LIFE`]. Hand it to its
    /// browser and to nobody else.
    #[must_use]
    pub fn mint(&self, now: OffsetDateTime, life: Duration, grant: &VoiceGrant) -> SecretString {
        let issued = now.unix_timestamp();
        let life = life.clamp(SHORTEST_LIFE, LONGEST_LIFE).as_secs();
        let claims = Claims {
            jti: format!("{}-{issued}", self.key),
            iss: self.key.as_str(),
            sub: self.account.as_str(),
            iat: issued,
            exp: issued.saturating_add_unsigned(life),
            grants: Grants {
                identity: grant.identity.as_str(),
                voice: Voice {
                    incoming: match grant.incoming {
                        Incoming::Allowed => Some(Allow { allow: true }),
                        Incoming::Refused => None,
                    },
                    outgoing: grant.outgoing.as_ref().map(|application| Outgoing {
                        application_sid: application.as_str(),
                    }),
                },
            },
        };
        let header = Header {
            alg: "HS256",
            typ: "JWT",
            cty: "twilio-fpa;v=1",
        };
        let signed = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.mac(signed.as_bytes()));
        SecretString::from(format!("{signed}.{signature}"))
    }

    fn mac(&self, signed: &[u8]) -> impl AsRef<[u8]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(signed);
        mac.finalize().into_bytes()
    }
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

fn encoded(part: &impl Serialize) -> String {
    let json = serde_json::to_vec(part).expect("texts and numbers are JSON");
    URL_SAFE_NO_PAD.encode(json)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUED: i64 = 1_700_000_000;

    fn tokens() -> AccessTokens {
        AccessTokens::new(
            AccountSid::new("AC00000000000000000000000000000001").unwrap(),
            ApiKeySid::new("SK00000000000000000000000000000001").unwrap(),
            SecretString::from("secret"),
        )
    }

    fn alice(outgoing: Option<&str>, incoming: Incoming) -> VoiceGrant {
        VoiceGrant {
            identity: ClientIdentity::new("alice").unwrap(),
            outgoing: outgoing.map(|sid| ApplicationSid::new(sid).unwrap()),
            incoming,
        }
    }

    fn part(token: &str, number: usize) -> Value {
        let part = token.split('.').nth(number).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    fn mint(life: u64, grant: &VoiceGrant) -> String {
        let now = OffsetDateTime::from_unix_timestamp(ISSUED).unwrap();
        let token = tokens().mint(now, Duration::from_secs(life), grant);
        token.expose_secret().to_owned()
    }

    #[test]
    fn a_token_says_what_the_known_one_says() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/specs/signature-vectors.json"
        );
        let vectors: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let known = vectors["twilio_access_token"][0]["token"].as_str().unwrap();

        let token = mint(
            3_600,
            &alice(
                Some("AP00000000000000000000000000000001"),
                Incoming::Allowed,
            ),
        );

        assert_eq!(part(&token, 0), part(known, 0));
        assert_eq!(part(&token, 1), part(known, 1));
        let (signed, signature) = known.rsplit_once('.').unwrap();
        let made = URL_SAFE_NO_PAD.encode(tokens().mac(signed.as_bytes()));
        assert_eq!(made, signature);
    }

    #[test]
    fn what_is_not_allowed_is_not_said() {
        let token = mint(3_600, &alice(None, Incoming::Refused));

        assert_eq!(
            part(&token, 1)["grants"],
            json!({"identity": "alice", "voice": {}})
        );
    }

    #[test]
    fn no_token_lives_longer_than_a_day_or_shorter_than_a_minute() {
        let life = |seconds| {
            let token = mint(seconds, &alice(None, Incoming::Allowed));
            part(&token, 1)["exp"].as_i64().unwrap() - ISSUED
        };

        assert_eq!((life(1), life(600), life(1_000_000)), (60, 600, 86_400));
    }

    #[test]
    fn an_identity_is_safe_in_an_address() {
        for text in ["", "ann smith", "a@b", "é", "a:b"] {
            assert_eq!(ClientIdentity::new(text), Err(InvalidIdentity), "{text}");
        }
        assert!(ClientIdentity::new("a".repeat(LONGEST_IDENTITY)).is_ok());
        assert!(ClientIdentity::new("a".repeat(LONGEST_IDENTITY + 1)).is_err());
    }
}
