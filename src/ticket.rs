//! Something that opens one door once, for whoever holds it. Pure.

use std::fmt;

use sha2::{Digest, Sha256};

/// A ticket: 128 random bits. Whoever holds it gets in, so it never shows itself in a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ticket(String);

impl Ticket {
    /// Makes a new one.
    ///
    /// # Panics
    ///
    /// The operating system has no randomness.
    pub(crate) fn random() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system has randomness");
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Takes what somebody brought.
    pub(crate) fn brought(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the text, to be told to whom it is for and to nobody else.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Returns what is kept of it.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}
