//! The form in which Twilio sends its webhooks: names and values in order, bounded, and kept to oneself.

use std::fmt;

use url::form_urlencoded;

/// The longest body or query, in bytes. Twilio's own are below 4 KiB; parameters of a browser's call add 800 bytes.
pub const LONGEST: usize = 64 * 1024;

/// The most fields. Twilio sends about fifty.
pub const MOST_FIELDS: usize = 256;

/// What Twilio says, field by field. Fields that nobody knows belong to it: all of them are signed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
}

/// A form beyond all measure: answer 413.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the form is longer than {LONGEST} bytes or has more than {MOST_FIELDS} fields")]
pub struct TooLarge;

impl Form {
    /// Reads a body or a query, `application/x-www-form-urlencoded`. Bytes that are no UTF-8 become U+FFFD, and then
    /// the signature does not fit.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn parse(encoded: &[u8]) -> Result<Self, TooLarge> {
        if encoded.len() > LONGEST {
            return Err(TooLarge);
        }
        let fields: Vec<_> = form_urlencoded::parse(encoded)
            .take(MOST_FIELDS + 1)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        if fields.len() > MOST_FIELDS {
            return Err(TooLarge);
        }
        Ok(Self { fields })
    }

    /// Returns a field's first value; an empty one counts as none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(other, _)| other == name);
        values
            .next()
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Returns all fields in the order in which they came.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the form without the fields of these names.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        let mut fields = self.fields.clone();
        fields.retain(|(name, _)| !names.contains(&name.as_str()));
        Self { fields }
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Form {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self {
            fields: fields
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values are numbers, names and words of people.
        let names = self.fields.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plus_and_percent_are_decoded_and_the_first_value_counts() {
        let form =
            Form::parse(b"From=%2B1415&SpeechResult=caf%C3%A9+now&Digits=1&Digits=2&To=").unwrap();

        assert_eq!(form.get("From"), Some("+1415"));
        assert_eq!(form.get("SpeechResult"), Some("café now"));
        assert_eq!(form.get("Digits"), Some("1"));
        assert_eq!(form.get("To"), None);
        assert_eq!(form.fields().count(), 5);
    }

    #[test]
    fn a_form_beyond_measure_is_refused() {
        assert_eq!(Form::parse(&vec![b'a'; LONGEST + 1]), Err(TooLarge));
        assert_eq!(
            Form::parse("a=b&".repeat(MOST_FIELDS + 1).as_bytes()),
            Err(TooLarge)
        );
        assert!(Form::parse("a=b&".repeat(MOST_FIELDS).as_bytes()).is_ok());
    }

    #[test]
    fn values_do_not_show_themselves() {
        let form = Form::parse(b"From=%2B14158675309").unwrap();

        assert_eq!(format!("{form:?}"), r#"{"From"}"#);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_form_or_too_large(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
            let form = Form::parse(&bytes);

            prop_assert!(form.is_ok() || bytes.iter().filter(|byte| **byte == b'&').count() >= MOST_FIELDS);
        }

        #[test]
        fn what_was_encoded_is_read(fields in prop::collection::vec((".*", ".*"), 0..20)) {
            let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();

            let form = Form::parse(encoded.as_bytes()).unwrap();

            let read: Vec<_> = form.fields().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            prop_assert_eq!(read, fields);
        }
    }
}
