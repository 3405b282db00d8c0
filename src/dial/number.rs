//! Phone numbers: E.164, and never shown in full by accident.

use std::fmt;

use hmac::{Hmac, Mac as _};
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, Type, country};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Longer input is no number, whatever stands in it.
const LONGEST_INPUT: usize = 40;

/// Digits of the longest number that E.164 allows.
const MOST_DIGITS: usize = 15;

/// Digits at the end that tell the numbers of one range apart.
const RANGE_DIGITS: usize = 4;

/// A phone number of some country. `Display` and `Debug` show the country's code and the last two digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number {
    e164: String,
    code: u16,
    country: Option<country::Id>,
    kind: Kind,
}

/// What somebody who calls a number has to reckon with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A call costs what calls cost.
    Usual,
    /// A call costs more, or ends at no ordinary line.
    Special,
    /// The country has given no such number to anybody.
    Unassigned,
}

/// A text is not a phone number; it says what one looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Something else than digits and what stands between them.
    #[error("it is no phone number: write it as +41791234567")]
    NotANumber,
    /// It may be a number of any country.
    #[error("it has no country code: write it as +41791234567, or set `home` in [dialling]")]
    NoCountry,
    /// There is no country with that code.
    #[error("no country has that code: after + comes the code of the country, as in +41791234567")]
    UnknownCountry,
    /// Digits are missing.
    #[error("it is too short: write all digits, as in +41791234567")]
    TooShort,
    /// There are too many digits.
    #[error("it is too long: a number has no more than 15 digits")]
    TooLong,
    /// It asks for another line behind the number.
    #[error("it has an extension: leave it out, and send its digits as tones")]
    Extension,
}

/// What records keep of the numbers of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keeping {
    /// The whole number.
    Full,
    /// The country's code and the last two digits.
    #[default]
    Redacted,
    /// Nothing.
    None,
}

/// What a store mixes into the digests of its numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(String);

impl Number {
    /// Reads a number; without `+` it is one of the country `home`.
    ///
    /// # Errors
    ///
    /// It is none; the error says how to write it.
    pub fn parse(text: &str, home: Option<country::Id>) -> Result<Self, NumberError> {
        let text = text.trim();
        let usual = |byte: u8| byte.is_ascii_digit() || b" +-()./".contains(&byte);
        if text.len() > LONGEST_INPUT || !text.bytes().all(usual) {
            return Err(NumberError::NotANumber);
        }
        if !text.starts_with('+') && home.is_none() {
            return Err(NumberError::NoCountry);
        }
        // The rules of `home` are not those of a number that says where it is.
        let home = home.filter(|_| !text.starts_with('+'));
        let number = phonenumber::parse(home, text).map_err(NumberError::from)?;
        if number.extension().is_some() {
            return Err(NumberError::Extension);
        }

        let e164 = number.format().mode(Mode::E164).to_string();
        if e164.len() > MOST_DIGITS + 1 {
            return Err(NumberError::TooLong);
        }
        // With a home the library takes what is too short for a number of the world.
        let again = phonenumber::parse(None, &e164).map_err(NumberError::from)?;
        if again.format().mode(Mode::E164).to_string() != e164 {
            return Err(NumberError::NotANumber);
        }
        Ok(Self {
            e164,
            code: number.country().code(),
            country: country_of(&number),
            kind: kind_of(&number),
        })
    }

    /// Returns the number in full, for whoever places the call.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// Returns the country as ISO 3166 has it; a satellite has none.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.country.as_ref().map(AsRef::as_ref)
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns what records keep of it.
    #[must_use]
    pub fn kept(&self, keeping: Keeping) -> Option<String> {
        match keeping {
            Keeping::Full => Some(self.e164.clone()),
            Keeping::Redacted => Some(self.to_string()),
            Keeping::None => None,
        }
    }

    /// Returns what tells in a store that two numbers are the same, without telling which.
    #[must_use]
    pub fn digest(&self, salt: &Salt) -> String {
        salt.digest(&self.e164)
    }

    /// Returns the same for all numbers that differ in the last four digits only.
    #[must_use]
    pub fn range_digest(&self, salt: &Salt) -> String {
        let range = self.e164.len().saturating_sub(RANGE_DIGITS);
        salt.digest(&self.e164[..range])
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.e164.len().saturating_sub(2);
        write!(f, "+{}…{}", self.code, &self.e164[last..])
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({self})")
    }
}

impl Salt {
    /// Takes the salt out of a store.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns what tells whether two texts are the same, without telling which.
    #[must_use]
    pub fn digest(&self, text: &str) -> String {
        let digest = Sha256::new()
            .chain_update(&self.0)
            .chain_update(b":")
            .chain_update(text)
            .finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Salt {
    /// Signs a text: whoever shows both later got them from a server with this salt.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        let signature = self.mac(text).finalize().into_bytes();
        signature.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Tells whether a signature is that of the text, in the same time for every wrong one.
    #[must_use]
    pub fn has_signed(&self, text: &str, signature: &str) -> bool {
        let byte = |at: usize| u8::from_str_radix(signature.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..signature.len()).step_by(2).map(byte).collect();
        bytes.is_some_and(|bytes| self.mac(text).verify_slice(&bytes).is_ok())
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("a key of any length");
        mac.chain_update(text)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

impl From<phonenumber::ParseError> for NumberError {
    fn from(error: phonenumber::ParseError) -> Self {
        match error {
            phonenumber::ParseError::InvalidCountryCode => Self::UnknownCountry,
            phonenumber::ParseError::TooShortAfterIdd | phonenumber::ParseError::TooShortNsn => {
                Self::TooShort
            }
            phonenumber::ParseError::TooLong => Self::TooLong,
            phonenumber::ParseError::NoNumber | phonenumber::ParseError::MalformedInteger(_) => {
                Self::NotANumber
            }
        }
    }
}

fn country_of(number: &PhoneNumber) -> Option<country::Id> {
    if let Some(country) = number.country().id() {
        return Some(country);
    }
    // Where a code is shared, the library looks without leading zeros, which Italy's numbers have: the main country of
    // the code it is, if the number is one of it at all.
    let sharing = DATABASE.by_code(&number.country().code())?;
    let main = sharing.first().filter(|_| number.is_valid())?;
    main.id().parse().ok()
}

fn kind_of(number: &PhoneNumber) -> Kind {
    if !number.is_valid() {
        return Kind::Unassigned;
    }
    match number.number_type(&DATABASE) {
        Type::PremiumRate
        | Type::SharedCost
        | Type::PersonalNumber
        | Type::Pager
        | Type::Emergency
        | Type::Voicemail
        | Type::ShortCode
        | Type::Carrier
        | Type::NoInternational => Kind::Special,
        // A leading zero, as Italy has it, is unknown to the type and known to the check above.
        Type::FixedLine
        | Type::Mobile
        | Type::FixedLineOrMobile
        | Type::TollFree
        | Type::Voip
        | Type::Uan
        | Type::StandardRate
        | Type::Unknown => Kind::Usual,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let home = Some(country::CH);
        for (written, e164, country) in [
            ("+41 79 123 45 67", "+41791234567", Some("CH")),
            ("079 123 45 67", "+41791234567", Some("CH")),
            ("0041791234567", "+41791234567", Some("CH")),
            ("+1 (415) 867-5309", "+14158675309", Some("US")),
            ("+1 876 555 1234", "+18765551234", Some("JM")),
            ("+1-613-782-7274", "+16137827274", Some("CA")),
            ("+39 02 1234 5678", "+390212345678", Some("IT")),
            ("+39 347 123 4567", "+393471234567", Some("IT")),
            ("+225 07 12 34 56 78", "+2250712345678", Some("CI")),
            ("+881 6 1234 5678", "+881612345678", None),
        ] {
            let number = Number::parse(written, home).unwrap();

            assert_eq!((number.e164(), number.country()), (e164, country));
        }
    }

    #[test]
    fn what_is_no_number_is_told_how_to_write_one() {
        for (written, error) in [
            ("", NumberError::NoCountry),
            ("call me", NumberError::NotANumber),
            ("079 123 45 67", NumberError::NoCountry),
            ("+0 12 345 67 89", NumberError::UnknownCountry),
            ("+41 7", NumberError::TooShort),
            ("+41 79 123 45 67 89 01 23 45 67", NumberError::TooLong),
            ("+41 79 123 45 67;ext=9", NumberError::NotANumber),
            (&"+4".repeat(30), NumberError::NotANumber),
        ] {
            assert_eq!(Number::parse(written, None), Err(error), "{written}");
        }
    }

    #[test]
    fn what_is_too_short_abroad_is_too_short_at_home() {
        let read = Number::parse("0003", Some(country::CH));

        assert_eq!(read, Err(NumberError::TooShort));
    }

    #[test]
    fn no_text_of_a_number_shows_it_in_full() {
        let number = Number::parse("+41791234567", None).unwrap();

        let texts = [number.to_string(), format!("{number:?}")];

        assert_eq!(texts[0], "+41…67");
        assert!(texts.iter().all(|text| !text.contains("7912345")));
        assert_eq!(number.kept(Keeping::Full).unwrap(), "+41791234567");
        assert_eq!(number.kept(Keeping::None), None);
    }

    #[test]
    fn a_digest_tells_numbers_and_ranges_apart() {
        let (salt, other) = (Salt::new("a"), Salt::new("b"));
        let [one, near, far] = ["+41791234567", "+41791239999", "+41791334567"]
            .map(|text| Number::parse(text, None).unwrap());

        assert_eq!(one.digest(&salt).len(), 64);
        assert_ne!(one.digest(&salt), one.digest(&other));
        assert_ne!(one.digest(&salt), near.digest(&salt));
        assert_eq!(one.range_digest(&salt), near.range_digest(&salt));
        assert_ne!(one.range_digest(&salt), far.range_digest(&salt));
    }

    #[test]
    fn a_signature_is_of_one_text_and_one_salt() {
        let (salt, other) = (Salt::new("a"), Salt::new("b"));
        let signature = salt.sign("visit");

        assert!(salt.has_signed("visit", &signature));
        assert!(!salt.has_signed("visits", &signature));
        assert!(!other.has_signed("visit", &signature));
        for forged in [
            "",
            "0",
            "zz",
            "é€",
            &signature[2..],
            &format!("{signature}00"),
        ] {
            assert!(!salt.has_signed("visit", forged), "{forged}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_an_error(text in "\\PC{0,50}", digits in "[+0-9 ()./-]{0,45}") {
            for text in [text, digits] {
                for home in [None, Some(country::CH), Some(country::US)] {
                    if let Ok(number) = Number::parse(&text, home) {
                        prop_assert!(number.e164().starts_with('+'));
                        prop_assert!(number.e164()[1..].bytes().all(|byte| byte.is_ascii_digit()));
                        prop_assert!(number.e164().len() <= MOST_DIGITS + 1);
                    }
                }
            }
        }
    }
}
