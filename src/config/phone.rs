//! Calls on the telephone: who answers them, and what happens around the conversation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::access::KeyKind;
use super::reader::{Reader, Setting};
use super::section::Section;
use super::website::{Conferencing, Website};
use super::{Mistakes, PhoneAccount, Profiles, parse};
use crate::escalation::{Contact, Way};

/// The person whom visitors are connected with.
const CONTACT: Setting =
    Setting::new("").environment(&["ESCALATION_PHONE_NUMBER", "TARGET_PHONE_NUMBER"]);

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
    /// Where a website's visitor, the contact and the agent meet.
    pub conference: Conferencing,
    /// Websites that have people called.
    pub website: Website,
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
            conference: Conferencing::default(),
            website: Website::default(),
        }
    }
}

impl Phone {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        profiles: &Profiles,
        account: Option<&PhoneAccount>,
        contacts: &[Contact],
    ) -> Self {
        let section = reader.section("phone");
        let mut mistakes = Mistakes::default();
        let mut phone: Self = section.read(&mut mistakes);
        let named = phone.profile.iter().map(|name| ("profile", name));
        let by_number = phone.numbers.values().map(|name| ("numbers", name));
        let by_key = phone.menu.iter().flat_map(|menu| menu.keys.values());
        let by_key = by_key.map(|name| ("menu", name));
        let by_agent = phone.website.agents.values();
        let by_agent = by_agent.map(|name| ("website.agents", name));
        for (key, name) in named.chain(by_number).chain(by_key).chain(by_agent) {
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
        name_contact(&mut phone.website, contacts);
        check_website(&section, &mut phone.website, &mut mistakes);
        let application = account.is_none_or(|account| account.twiml_app.is_some());
        if phone.conference == Conferencing::Twilio && !application {
            mistakes.add(
                "TWILIO_TWIML_APP_SID is not set: with conference = \"twilio\" the agent comes by it".to_owned(),
                "TWILIO_TWIML_APP_SID=AP…",
            );
        }
        reader.add_mistakes(mistakes);
        if let Some(contact) = reader.parsed(&CONTACT, parse::phone_number) {
            phone.website.contact = Some(contact);
        }
        phone
    }

    /// Returns the profile that answers on a number.
    #[must_use]
    pub fn profile_for(&self, number: &str) -> Option<&str> {
        let own = self.numbers.get(number).or(self.profile.as_ref());
        own.map(String::as_str)
    }
}

/// Puts the number and the name of a contact in the place of their id.
fn name_contact(website: &mut Website, contacts: &[Contact]) {
    let meant = |contact: &&Contact| Some(&contact.id) == website.contact.as_ref();
    let Some(contact) = contacts.iter().find(meant) else {
        return;
    };
    let is_phone = |way: &&Way| matches!(way, Way::Phone(_));
    let Some(way) = contact.ways.iter().find(is_phone) else {
        return;
    };
    website.contact = Some(way.number().e164().to_owned());
    if website.contact_name == Website::default().contact_name {
        website.contact_name.clone_from(&contact.name);
    }
}

/// Origins are written as browsers do, numbers as the telephone company does.
fn check_website(section: &Section, website: &mut Website, mistakes: &mut Mistakes) {
    for origin in &mut website.origins {
        match KeyKind::origin(origin) {
            Some(written) => *origin = written,
            None => section.mistake(
                "website.origins",
                &format!("names `{origin}`, which is no origin of a page"),
                "[\"https://www.example.com\"]",
                mistakes,
            ),
        }
    }
    let contact = website.contact.as_deref();
    if contact.is_some_and(|contact| parse::phone_number(contact).is_err()) {
        section.mistake(
            "website.contact",
            "is neither the id of a table [contacts.<id>] nor a number in international form (E.164)",
            "\"+4930123456\"",
            mistakes,
        );
    }
}
