//! `<Dial>`: who is called, and which conference is entered.

use std::time::Duration;

use super::{Action, Callback, Detection, First, Machine, Method, program::action_of};
use crate::{
    conference::{Guest, Telling, WaitDocument},
    twiml::Element,
};

/// How long it rings when nothing is said.
const RINGS: Duration = Duration::from_secs(30);
/// How many may ring together.
const MOST_LEGS: usize = 10;
const LONGEST_CALL: Duration = Duration::from_hours(4);

/// A call that another one places.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) timeout: Duration,
    pub(crate) time_limit: Duration,
    pub(crate) callback: Option<Callback>,
    pub(crate) detection: Option<Detection>,
    pub(crate) digits: Option<String>,
    /// The document that the person called hears before they meet the caller.
    pub(crate) document: Option<(String, Method)>,
    /// Where they meet.
    pub(crate) guest: Guest,
}

impl PartialEq for Leg {
    fn eq(&self, other: &Self) -> bool {
        (&self.to, &self.guest) == (&other.to, &other.guest)
    }
}

impl Leg {
    /// Returns what is done first when the leg is answered.
    pub(crate) fn first(&self) -> (First, Option<Guest>) {
        match &self.document {
            Some((url, method)) => {
                let first = First::Fetch {
                    url: url.clone(),
                    method: *method,
                    fallback: None,
                };
                (first, Some(self.guest.clone()))
            }
            None => (First::Meet(self.guest.clone()), None),
        }
    }
}

impl Machine {
    /// Does a `<Dial>`; returns false when there is nobody to dial.
    pub(super) fn dial(&mut self, verb: &Element) -> bool {
        let action = action_of(verb);
        if let Some(noun) = verb.child("Conference") {
            let guest = self.guest(noun);
            self.meet(guest, action);
            return true;
        }
        let id = self.next_id();
        let name = format!("dial-{}-{id}", self.facts.call_sid);
        let here = |call: &str| Guest {
            is_private: true,
            ..Guest::new(&name, call)
        };
        let mut nouns: Vec<Element> = verb
            .children
            .iter()
            .filter(|noun| matches!(noun.name.as_str(), "Number" | "Client" | "Sip" | "WhatsApp"))
            .take(MOST_LEGS)
            .cloned()
            .collect();
        if nouns.is_empty() && !verb.text.is_empty() {
            nouns.push(Element::verb("Number", &verb.text));
        }
        if nouns.is_empty() {
            self.out.warn(13_221, "Dial->Number: nobody to dial");
            return false;
        }
        let legs: Vec<Leg> = nouns
            .iter()
            .map(|noun| self.leg(verb, noun, here("")))
            .collect();
        let own = here(&self.facts.call_sid);
        self.wait_for_legs(own, legs.len(), action);
        self.out.push(Action::Dial(legs));
        true
    }

    fn leg(&self, verb: &Element, noun: &Element, guest: Guest) -> Leg {
        let seconds = |name: &str| {
            verb.number(name)
                .map(|value| Duration::from_secs_f64(value.min(14_400.0)))
        };
        let to = match noun.name.as_str() {
            "Client" => {
                let identity = noun
                    .child("Identity")
                    .map_or(&noun.text, |identity| &identity.text);
                format!("client:{identity}")
            }
            "WhatsApp" => format!("whatsapp:{}", noun.text),
            _ => noun.text.clone(),
        };
        let detection = noun.filled("machineDetection").map(|kind| Detection {
            until_end: kind == "DetectMessageEnd",
            is_async: true,
            callback: noun.filled("amdStatusCallback").map(|url| {
                let method = Method::read(noun.attribute("amdStatusCallbackMethod"));
                (self.program.resolve(Some(url)), method)
            }),
            ..Detection::default()
        });
        Leg {
            to,
            from: verb
                .filled("callerId")
                .unwrap_or(&self.facts.from)
                .to_owned(),
            timeout: seconds("timeout").unwrap_or(RINGS),
            time_limit: seconds("timeLimit").unwrap_or(LONGEST_CALL),
            callback: self.callback_of(noun),
            detection,
            digits: noun.filled("sendDigits").map(str::to_owned),
            document: noun.filled("url").map(|url| {
                (
                    self.program.resolve(Some(url)),
                    Method::read(noun.attribute("method")),
                )
            }),
            guest,
        }
    }

    fn callback_of(&self, noun: &Element) -> Option<Callback> {
        let url = noun.filled("statusCallback")?;
        let events = noun.attribute("statusCallbackEvent").unwrap_or("completed");
        Some(Callback {
            url: self.program.resolve(Some(url)),
            method: Method::read(noun.attribute("statusCallbackMethod")),
            events: events.split_whitespace().map(str::to_owned).collect(),
        })
    }

    fn guest(&self, noun: &Element) -> Guest {
        let standard = Guest::new(&noun.text, &self.facts.call_sid);
        let telling = noun.filled("statusCallback").map(|url| Telling {
            url: self.program.resolve(Some(url)),
            method: Method::read(noun.attribute("statusCallbackMethod")),
            events: noun
                .attribute("statusCallbackEvent")
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        });
        Guest {
            label: noun.filled("participantLabel").map(str::to_owned),
            muted: noun.flag("muted", false),
            start_on_enter: noun.flag("startConferenceOnEnter", true),
            end_on_exit: noun.flag("endConferenceOnExit", false),
            coaches: noun.filled("coach").map(str::to_owned),
            most: noun
                .number("maxParticipants")
                .map_or(standard.most, |most| most as usize),
            telling,
            wait: noun.filled("waitUrl").map(|url| WaitDocument {
                url: self.program.resolve(Some(url)),
                method: Method::read(noun.attribute("waitMethod")),
            }),
            ..standard
        }
    }
}
