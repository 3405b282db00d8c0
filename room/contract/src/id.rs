//! Names and ids: checked once where they enter, typed from there on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest room name, identity or topic a room service takes, in characters.
pub const MAX_LENGTH: usize = 256;

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidId {
    /// It has no characters.
    #[error("it is empty")]
    Empty,
    /// It has more than [`MAX_LENGTH`] characters.
    #[error("it is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// It holds a control character.
    #[error("it holds a control character")]
    Control,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks a text and wraps it.
            ///
            /// # Errors
            /// Says which rule the text breaks.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                checked(text.into()).map(Self)
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

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidId;

            fn try_from(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

id! {
    /// The name of a room; unique in a room service.
    RoomName
}

id! {
    /// Who a participant is; unique in a room.
    Identity
}

id! {
    /// The server's id of a track; new whenever the track is published again.
    TrackId
}

id! {
    /// What a packet or a stream is about; receivers choose by it.
    Topic
}

fn checked(text: String) -> Result<String, InvalidId> {
    if text.is_empty() {
        return Err(InvalidId::Empty);
    }
    if text.chars().count() > MAX_LENGTH {
        return Err(InvalidId::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(InvalidId::Control);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_longest_length_is_taken_and_one_more_is_not() {
        assert!(RoomName::new("ä".repeat(MAX_LENGTH)).is_ok());
        assert_eq!(
            RoomName::new("a".repeat(MAX_LENGTH + 1)),
            Err(InvalidId::TooLong)
        );
    }

    #[test]
    fn empty_names_and_control_characters_are_refused() {
        assert_eq!(Identity::new(""), Err(InvalidId::Empty));
        assert_eq!(Identity::new("a\nb"), Err(InvalidId::Control));
    }
}
