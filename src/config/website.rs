//! Websites that have people called: which pages may do so without a key, how often, and whom they reach.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The table `[phone.website]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Website {
    /// Pages that may have people called without a key, such as `https://www.example.com`; none by default. Whoever
    /// is no browser can name any page: the caps of `[dialling]` are what holds then.
    pub origins: Vec<String>,
    /// The person whom visitors are connected with: a number, or the id of a table `[contacts.<id>]`.
    pub contact: Option<String>,
    /// What that person is called.
    pub contact_name: String,
    /// The profile that stands for an `agent_id` of the site; the usual one stands for all others.
    pub agents: BTreeMap<String, String>,
    /// How many requests for calls of one address are taken in a minute.
    pub calls_per_minute: u32,
    /// How many requests for calls with one key, or of all pages without one, are taken in a minute.
    pub calls_per_minute_and_key: u32,
}

/// Where a website's visitor, the contact and the agent meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conferencing {
    /// In a `LiveKit` room: each telephone is a leg of its own there.
    #[default]
    Rooms,
    /// In a conference of Twilio's: the agent hears it, and is heard there, through one leg.
    Twilio,
}

impl Default for Website {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            contact: None,
            contact_name: "Contact".to_owned(),
            agents: BTreeMap::new(),
            // A visitor who mistyped their number tries again; a script soon does not.
            calls_per_minute: 3,
            calls_per_minute_and_key: 30,
        }
    }
}

impl Website {
    /// Tells whether pages of this origin may have people called without a key.
    #[must_use]
    pub fn trusts(&self, origin: &str) -> bool {
        self.origins
            .iter()
            .any(|one| one.eq_ignore_ascii_case(origin))
    }

    /// Returns the profile that stands for an agent of the site.
    #[must_use]
    pub fn profile_of(&self, agent: &str) -> Option<&str> {
        self.agents.get(agent).map(String::as_str)
    }
}
