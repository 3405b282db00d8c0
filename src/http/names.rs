//! Names that come from outside, checked where they enter.

use room_contract::{Identity, InvalidId, RoomName, role::RESERVED};
use serde::Deserialize;

/// The identity of a guest: any but those of participants that Patchbay itself puts into rooms. Somebody else under
/// such a name would throw them out, because an identity is unique in a room.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct GuestIdentity(pub(crate) Identity);

/// Why an identity is not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidGuest {
    #[error(transparent)]
    Id(#[from] InvalidId),
    #[error("identities that begin with one of {} are reserved", RESERVED.join(" "))]
    Reserved,
}

impl TryFrom<String> for GuestIdentity {
    type Error = InvalidGuest;

    fn try_from(text: String) -> Result<Self, InvalidGuest> {
        if RESERVED.iter().any(|prefix| text.starts_with(prefix)) {
            return Err(InvalidGuest::Reserved);
        }
        Ok(Self(Identity::new(text)?))
    }
}

/// A name to show: under the same limits as an identity, but it may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct DisplayName(String);

impl TryFrom<String> for DisplayName {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        match Identity::new(text) {
            Ok(checked) => Ok(Self(checked.into())),
            Err(InvalidId::Empty) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

/// A text for people or agents, of at most so many characters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Spoken<const MOST: usize>(String);

/// Why a text is not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidText {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {most} characters")]
    TooLong { most: usize },
}

impl<const MOST: usize> TryFrom<String> for Spoken<MOST> {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        match text.trim() {
            "" => Err(InvalidText::Empty),
            text if text.chars().count() > MOST => Err(InvalidText::TooLong { most: MOST }),
            text => Ok(Self(text.to_owned())),
        }
    }
}

impl<const MOST: usize> From<Spoken<MOST>> for String {
    fn from(text: Spoken<MOST>) -> Self {
        text.0
    }
}

/// A room name that nobody has guessed: 60 random bits in lower-case letters and digits.
pub(crate) fn random_room() -> RoomName {
    RoomName::new(format!("web-{}", random_text())).expect("short and printable")
}

/// An identity for a host who gave none.
pub(crate) fn random_host() -> Identity {
    Identity::new(format!("host-{}", random_text())).expect("short and printable")
}

fn random_text() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}
