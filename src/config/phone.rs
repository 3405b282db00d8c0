//! Calls on the telephone: who answers them, and what happens around the conversation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reader::Reader;
use super::{Mistakes, Profiles};

/// How calls are taken and placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phone {
    /// The profile that answers; nothing for the server's default one.
    pub profile: Option<String>,
    /// The profile that answers on one of several numbers, by number.
    pub numbers: BTreeMap<String, String>,
    /// What Twilio's own voice says before the caller is connected; nothing as a rule, the agent greets.
    pub announcement: String,
    /// A choice before the conversation, if there is one.
    pub menu: Option<Menu>,
    /// What is left on an answering machine; nothing: hang up.
    pub voicemail: String,
    /// How long a caller whose connection broke is waited for, in ms.
    pub resume_ms: u32,
}

/// A choice by key before the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// What is said.
    pub prompt: String,
    /// The profile of each key.
    pub keys: BTreeMap<String, String>,
}

impl Default for Phone {
    fn default() -> Self {
        Self {
            profile: None,
            numbers: BTreeMap::new(),
            announcement: String::new(),
            menu: None,
            voicemail: String::new(),
            // Longer than Twilio takes to ask again by itself, should it not listen to us meanwhile.
            resume_ms: 20_000,
        }
    }
}

impl Phone {
    pub(super) fn read(reader: &mut Reader<'_>, profiles: &Profiles) -> Self {
        let section = reader.section("phone");
        let mut mistakes = Mistakes::default();
        let phone: Self = section.read(&mut mistakes);
        let named = phone.profile.iter().map(|name| ("profile", name));
        let by_number = phone.numbers.values().map(|name| ("numbers", name));
        let by_key = phone.menu.iter().flat_map(|menu| menu.keys.values());
        let by_key = by_key.map(|name| ("menu", name));
        for (key, name) in named.chain(by_number).chain(by_key) {
            if !profiles.all.contains_key(name) {
                let known = profiles.all.keys().next().map_or("…", String::as_str);
                section.mistake(
                    key,
                    &format!("names the profile `{name}`, which does not exist"),
                    &format!("\"{known}\""),
                    &mut mistakes,
                );
            }
        }
        reader.add_mistakes(mistakes);
        phone
    }

    /// Returns the profile that answers on a number.
    #[must_use]
    pub fn profile_for(&self, number: &str) -> Option<&str> {
        let own = self.numbers.get(number).or(self.profile.as_ref());
        own.map(String::as_str)
    }
}
