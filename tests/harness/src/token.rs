//! Tokens for participants of tests.

use std::{collections::HashMap, time::Duration};

use anyhow::Result;
use livekit_api::access_token::{AccessToken, VideoGrants};

/// Who somebody is and what they may do; every right of a participant unless said otherwise.
#[derive(Debug, Clone)]
pub struct Token {
    identity: String,
    name: String,
    kind: String,
    attributes: HashMap<String, String>,
    valid_for: Duration,
    grants: VideoGrants,
}

impl Token {
    /// Returns what an ordinary participant gets.
    pub fn new(room: &str, identity: &str) -> Self {
        let grants = VideoGrants {
            room_join: true,
            room: room.to_owned(),
            can_update_own_metadata: Some(true),
            ..VideoGrants::default()
        };
        Self {
            identity: identity.to_owned(),
            name: String::new(),
            kind: String::new(),
            attributes: HashMap::new(),
            valid_for: Duration::from_secs(600),
            grants,
        }
    }

    /// Makes the participant one of kind `agent`.
    #[must_use]
    pub fn agent(mut self) -> Self {
        self.kind = "agent".to_owned();
        self.grants.agent = true;
        self
    }

    /// Sets the name that others see.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// Sets an attribute that the participant has from the start.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets how long the token is valid.
    #[must_use]
    pub fn valid_for(mut self, time: Duration) -> Self {
        self.valid_for = time;
        self
    }

    /// Signs the token.
    ///
    /// # Errors
    /// When a name is empty.
    pub fn sign(self, api_key: &str, api_secret: &str) -> Result<String> {
        let token = AccessToken::with_api_key(api_key, api_secret)
            .with_identity(&self.identity)
            .with_name(&self.name)
            .with_kind(&self.kind)
            .with_attributes(self.attributes)
            .with_ttl(self.valid_for)
            .with_grants(self.grants);
        Ok(token.to_jwt()?)
    }
}
