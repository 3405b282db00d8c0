//! Who is at an end of a call, as Twilio writes it.

use std::fmt;

/// The longest address that is kept, in bytes; SIP addresses are the long ones.
const LONGEST: usize = 512;

/// One end of a call. Neither `Debug` nor `Display` shows the number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Party {
    /// A phone, in E.164 (`+` and up to 15 digits).
    Phone(String),
    /// A `WhatsApp` account, its number in E.164.
    WhatsApp(String),
    /// A browser or an app with the Voice SDK, by its identity.
    Client(String),
    /// A SIP address, with its scheme.
    Sip(String),
    /// Nobody that could be called back: hidden, or something of no known form.
    Unknown,
}

/// What Twilio writes when the caller's number is hidden or could not be transmitted.
const HIDDEN: &[&str] = &["+266696687", "+86282452253", "+464"];

impl Party {
    /// Reads an address. What has no known form is [`Party::Unknown`].
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.len() > LONGEST {
            return Self::Unknown;
        }
        if let Some(number) = text.strip_prefix("whatsapp:") {
            return e164(number).map_or(Self::Unknown, Self::WhatsApp);
        }
        if let Some(identity) = text.strip_prefix("client:") {
            return Self::Client(identity.to_owned());
        }
        if text.starts_with("sip:") || text.starts_with("sips:") {
            return Self::Sip(text.to_owned());
        }
        if HIDDEN.contains(&text) {
            return Self::Unknown;
        }
        e164(text).map_or(Self::Unknown, Self::Phone)
    }

    /// Returns the number in E.164, if there is one: to be dialled or stored, not to be logged.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        match self {
            Self::Phone(number) | Self::WhatsApp(number) => Some(number),
            Self::Client(_) | Self::Sip(_) | Self::Unknown => None,
        }
    }

    /// Returns the address as Twilio writes it; `None` for nobody.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        match self {
            Self::Phone(address) | Self::Sip(address) => Some(address.clone()),
            Self::WhatsApp(number) => Some(format!("whatsapp:{number}")),
            Self::Client(identity) => Some(format!("client:{identity}")),
            Self::Unknown => None,
        }
    }
}

/// Returns the text when it is `+` and 7 to 15 digits that begin with a country's.
fn e164(text: &str) -> Option<String> {
    let digits = text.strip_prefix('+')?;
    let fits = (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    fits.then(|| text.to_owned())
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone(_) => "a phone",
            Self::WhatsApp(_) => "a WhatsApp account",
            Self::Client(_) => "a client",
            Self::Sip(_) => "a SIP address",
            Self::Unknown => "nobody known",
        })
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Party({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_somebody_or_nobody(text in "(client:|sip:|whatsapp:|\\+)?.{0,30}") {
            let party = Party::parse(&text);

            if let Some(address) = party.address() {
                prop_assert_eq!(Party::parse(&address), party);
            }
        }
    }

    #[test]
    fn every_form_of_address_comes_back_as_it_was_written() {
        for address in [
            "+14158675309",
            "whatsapp:+33612345678",
            "client:alice",
            "sip:bob@example.com;transport=tls",
        ] {
            assert_eq!(Party::parse(address).address().as_deref(), Some(address));
        }
    }

    #[test]
    fn a_hidden_or_odd_number_is_nobody() {
        for address in [
            "",
            "anonymous",
            "+266696687",
            "+464",
            "4158675309",
            "+0123456789",
            "+1415867530999999",
            "whatsapp:bob",
        ] {
            assert_eq!(Party::parse(address), Party::Unknown, "{address}");
        }
    }

    #[test]
    fn a_number_does_not_show_itself() {
        let party = Party::parse("+14158675309");

        assert!(!format!("{party} {party:?}").contains("415"));
        assert_eq!(party.number(), Some("+14158675309"));
    }
}
