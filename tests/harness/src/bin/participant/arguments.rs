//! What a command brings along.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use livekit::id::ParticipantIdentity;
use serde_json::Value;

/// A command with its arguments.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a>(pub(crate) &'a Value);

impl<'a> Arguments<'a> {
    pub(crate) fn text(self, name: &str) -> Result<&'a str> {
        self.0[name]
            .as_str()
            .with_context(|| format!("`{name}` must be a text"))
    }

    pub(crate) fn text_or(self, name: &str, default: &'a str) -> &'a str {
        self.0[name].as_str().unwrap_or(default)
    }

    pub(crate) fn number(self, name: &str) -> Result<f64> {
        self.0[name]
            .as_f64()
            .with_context(|| format!("`{name}` must be a number"))
    }

    pub(crate) fn switch(self, name: &str, default: bool) -> bool {
        self.0[name].as_bool().unwrap_or(default)
    }

    pub(crate) fn seconds(self, name: &str) -> Result<Duration> {
        Ok(Duration::try_from_secs_f64(self.number(name)?)?)
    }

    pub(crate) fn bytes(self, name: &str) -> Result<Vec<u8>> {
        Ok(BASE64_STANDARD.decode(self.text(name)?)?)
    }

    /// Those to send to; nobody named is everybody.
    pub(crate) fn recipients(self) -> Vec<ParticipantIdentity> {
        let names = self.0["to"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        names
            .iter()
            .filter_map(Value::as_str)
            .map(ParticipantIdentity::from)
            .collect()
    }

    pub(crate) fn texts(self, name: &str) -> Result<HashMap<String, String>> {
        let object = self.0[name]
            .as_object()
            .with_context(|| format!("`{name}` must be an object"))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(object
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), text(value)?)))
            .collect())
    }
}
