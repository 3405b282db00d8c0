//! The fields of a request, in Twilio's spelling.

use std::time::Duration;

use url::form_urlencoded::Serializer;

/// Names and values; a name may be there more than once.
#[derive(Default)]
pub(super) struct Fields(Vec<(&'static str, String)>);

impl Fields {
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    pub(super) fn maybe(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn seconds(self, name: &'static str, value: Option<Duration>) -> Self {
        self.maybe(name, value.map(|value| value.as_secs().max(1).to_string()))
    }

    pub(super) fn yes(self, name: &'static str, value: Option<bool>) -> Self {
        self.maybe(name, value.map(|value| value.to_string()))
    }

    pub(super) fn each(self, name: &'static str, values: &[&str]) -> Self {
        values
            .iter()
            .fold(self, |fields, value| fields.with(name, *value))
    }

    pub(super) fn encoded(&self) -> String {
        Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }
}
