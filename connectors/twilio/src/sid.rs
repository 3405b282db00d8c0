//! Twilio's ids: two letters and 32 hexadecimal digits, checked once where they enter.

use std::{fmt, str::FromStr};

/// The length of every id, in characters.
pub const LENGTH: usize = 34;

/// Why a text is not an id of its sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id begins with {prefix} and has 32 hexadecimal digits")]
pub struct InvalidSid {
    prefix: &'static str,
}

macro_rules! sid {
    ($(#[$doc:meta])* $name:ident, $($prefix:literal)|+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Checks a text and wraps it.
            ///
            /// # Errors
            /// [`InvalidSid`] when it has another shape.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidSid> {
                checked(text.into(), &[$($prefix),+]).map(Self)
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidSid;

            fn from_str(text: &str) -> Result<Self, InvalidSid> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidSid;

            fn try_from(text: String) -> Result<Self, InvalidSid> {
                Self::new(text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(from)?).map_err(serde::de::Error::custom)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }
    };
}

sid! {
    /// An account or subaccount.
    AccountSid, "AC"
}

sid! {
    /// A call: one leg of it, as Twilio counts.
    CallSid, "CA"
}

sid! {
    /// A media stream of a call.
    StreamSid, "MZ"
}

sid! {
    /// A conference.
    ConferenceSid, "CF"
}

sid! {
    /// A recording.
    RecordingSid, "RE"
}

sid! {
    /// A message, with or without pictures.
    MessageSid, "SM" | "MM"
}

sid! {
    /// A phone number of the account.
    PhoneNumberSid, "PN"
}

sid! {
    /// A `TwiML` application.
    ApplicationSid, "AP"
}

sid! {
    /// An API key.
    ApiKeySid, "SK"
}

fn checked(text: String, prefixes: &[&'static str]) -> Result<String, InvalidSid> {
    let begins = prefixes.iter().any(|prefix| text.starts_with(prefix));
    let digits = text.bytes().skip(2).all(|byte| byte.is_ascii_hexdigit());
    if begins && digits && text.len() == LENGTH {
        Ok(text)
    } else {
        Err(InvalidSid {
            prefix: prefixes.first().copied().unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_right_sort_and_length_is_taken() {
        let text = "CA0123456789abcdef0123456789abcdef";

        assert_eq!(CallSid::new(text).unwrap().as_str(), text);
        assert!(MessageSid::new(format!("MM{}", "0".repeat(32))).is_ok());
    }

    #[test]
    fn an_id_of_another_sort_or_shape_is_refused() {
        for text in [
            "",
            "CA",
            "AC0123456789abcdef0123456789abcdef",
            "CA0123456789abcdef0123456789abcde",
            "CA0123456789abcdef0123456789abcdef0",
            "CA0123456789abcdef0123456789abcde/",
            "CAä123456789abcdef0123456789abcdef",
        ] {
            assert!(CallSid::new(text).is_err(), "{text}");
        }
    }
}
