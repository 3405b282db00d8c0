//! Conferences of a website's visitor, the contact and the agent: their names, and what each call of them is told.
//! Pure.

use std::fmt;
use std::time::Duration;

use room_contract::RoomName;
use url::form_urlencoded;

use super::Tongue;
use crate::wiring::twilio::{Beep, Conference, Dial, Hangup, Play, PublicUrl, Redirect, Response};

/// The beginning of every name, so that no website reaches a room that was opened by anybody else.
const PREFIX: &str = "site-";

/// Shorter ids could be guessed.
const SHORTEST: usize = 8;
const LONGEST: usize = 64;

/// How the agent is called in a conference of Twilio's: nobody else may have the label, so it comes once.
pub(crate) const AGENT: &str = "agent";

/// How long the music plays between two words to somebody who waits.
pub(crate) const MUSIC: Duration = Duration::from_secs(20);

/// People in one conference, the agent included.
const MOST: u16 = 10;

/// The name of a conference, and of its room where it is held in one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ConferenceName(String);

impl ConferenceName {
    /// Makes one that nobody has guessed.
    pub(crate) fn random() -> Self {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes).expect("the operating system has randomness");
        let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{PREFIX}{id}"))
    }

    /// Makes the one that stands for an id which a website has chosen.
    pub(crate) fn of_site(id: &str) -> Option<Self> {
        let id = id.strip_prefix(PREFIX).unwrap_or(id);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let fits = (SHORTEST..=LONGEST).contains(&id.len()) && id.bytes().all(is_plain);
        fits.then(|| Self(format!("{PREFIX}{id}")))
    }

    /// Takes one that came back.
    pub(crate) fn brought(text: &str) -> Option<Self> {
        text.starts_with(PREFIX).then(|| Self::of_site(text))?
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the room of that name.
    pub(crate) fn room(&self) -> RoomName {
        RoomName::new(self.0.clone()).expect("a conference's name is short and plain")
    }
}

impl fmt::Display for ConferenceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who somebody is in a conference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Who wanted it.
    Visitor,
    /// Whom they want to speak with.
    Contact,
    /// Somebody else.
    Guest,
}

impl Part {
    /// Reads how websites write it; whoever is neither wanted it nor is wanted is a guest.
    pub(crate) fn read(text: &str) -> Self {
        match text {
            "visitor" | "user" | "customer" => Self::Visitor,
            "contact" | "thomas" => Self::Contact,
            _ => Self::Guest,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Contact => "contact",
            Self::Guest => "guest",
        }
    }

    /// Returns what they hear first.
    pub(crate) fn welcome(self, tongue: Tongue, contact: &str) -> String {
        match (self, tongue) {
            (Self::Visitor, Tongue::English) => {
                format!("Hello! You asked for a call. We are connecting you with {contact}.")
            }
            (Self::Visitor, Tongue::French) => {
                format!(
                    "Bonjour ! Vous avez demandé un appel. Nous vous mettons en relation avec {contact}."
                )
            }
            (Self::Contact, Tongue::English) => {
                format!("Hello {contact}. A visitor of the website wants to speak with you.")
            }
            (Self::Contact, Tongue::French) => {
                format!("Bonjour {contact}. Un visiteur du site souhaite vous parler.")
            }
            (Self::Guest, Tongue::English) => "Hello! We are connecting you.".to_owned(),
            (Self::Guest, Tongue::French) => "Bonjour ! Nous vous mettons en relation.".to_owned(),
        }
    }
}

/// When the agent comes into a conference of Twilio's: who waits alone hears music instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AgentComes {
    /// With the first one.
    First,
    /// With the second one.
    Second,
}

impl AgentComes {
    pub(crate) fn read(text: &str) -> Self {
        if text == "first" {
            Self::First
        } else {
            Self::Second
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }

    /// Tells whether it is time, with so many people there.
    pub(crate) const fn is_due(self, people: usize) -> bool {
        match self {
            Self::First => people >= 1,
            Self::Second => people >= 2,
        }
    }
}

/// What every request about a conference's call carries.
pub(crate) fn query(name: &ConferenceName, agent: AgentComes) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("name", name.as_str())
        .append_pair("agent", agent.name())
        .finish()
}

/// Greets somebody and lets them into a conference of Twilio's.
pub(crate) fn enter(
    public: &PublicUrl,
    (name, agent): (&ConferenceName, AgentComes),
    part: Part,
    (tongue, welcome): (Tongue, &str),
) -> Response {
    let query = query(name, agent);
    let conference = Conference::new(name.as_str())
        .starts(true)
        .ends_with_me(false)
        .beep(Beep::Never)
        .most(MOST)
        .wait_url(&public.at("/api/call/hold"))
        .status_callback(&public.at(&format!("/api/call/events?{query}")));
    let conference = match part {
        Part::Visitor | Part::Contact => conference.label(part.name()),
        // There may be several.
        Part::Guest => conference,
    };
    Response::new()
        .then(tongue.say(welcome))
        .then(Dial::conference(conference))
        .then(Hangup)
}

/// What somebody hears who waits alone: music, and a word now and then.
pub(crate) fn hold(public: &PublicUrl, tongue: Tongue) -> Response {
    let text = match tongue {
        Tongue::English => "Please hold the line, we are connecting you.",
        Tongue::French => "Veuillez patienter, nous vous mettons en relation.",
    };
    Response::new()
        .then(tongue.say(text))
        .then(Play::url(&public.at("/api/call/hold.wav")))
        .then(Redirect::to(&public.at("/api/call/hold")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> PublicUrl {
        PublicUrl::parse("https://voice.example").expect("it is an address")
    }

    #[test]
    fn a_website_reaches_no_room_but_its_own() {
        let named = |id| ConferenceName::of_site(id).map(|name| name.to_string());

        assert_eq!(
            named("conf-1731231231"),
            Some("site-conf-1731231231".into())
        );
        assert_eq!(named("site-conf-1731231231"), named("conf-1731231231"));
        for id in ["", "short", "twilio CA0123", "room&more=1", &"x".repeat(65)] {
            assert_eq!(named(id), None, "{id}");
        }
        assert_eq!(ConferenceName::brought("twilio-CA0123456789"), None);
        assert_ne!(ConferenceName::random(), ConferenceName::random());
    }

    #[test]
    fn everybody_is_greeted_for_who_they_are_and_told_apart_in_the_conference() {
        let name = ConferenceName::of_site("conf-1731231231").expect("it is plain");
        for (written, part, greeting) in [
            ("user", Part::Visitor, "with Thomas."),
            ("contact", Part::Contact, "Hello Thomas."),
            ("", Part::Guest, "connecting you."),
        ] {
            assert_eq!(Part::read(written), part);
            let welcome = part.welcome(Tongue::English, "Thomas");

            let at = (&name, AgentComes::Second);
            let xml = enter(&public(), at, part, (Tongue::English, &welcome)).to_xml();

            let xml = xml.expect("it is within the limits");
            assert!(xml.contains(greeting), "{xml}");
            assert!(xml.contains(">site-conf-1731231231</Conference>"), "{xml}");
            assert!(xml.contains("endConferenceOnExit=\"false\""), "{xml}");
            assert!(
                xml.contains("waitUrl=\"https://voice.example/api/call/hold\""),
                "{xml}"
            );
            assert!(
                xml.contains("/api/call/events?name=site-conf-1731231231&amp;agent=second"),
                "{xml}"
            );
            assert_eq!(
                xml.contains("participantLabel"),
                part != Part::Guest,
                "{xml}"
            );
        }
    }

    #[test]
    fn the_agent_comes_when_it_is_needed() {
        let second = AgentComes::read(AgentComes::Second.name());
        let first = AgentComes::read(AgentComes::First.name());

        assert!(first.is_due(1) && !first.is_due(0));
        assert!(second.is_due(2) && !second.is_due(1));
    }

    #[test]
    fn whoever_waits_hears_music_and_a_word_now_and_then() {
        let xml = hold(&public(), Tongue::French).to_xml().expect("short");

        assert!(xml.contains("Veuillez patienter"), "{xml}");
        assert!(xml.contains("/api/call/hold.wav</Play>"), "{xml}");
        assert!(xml.contains("/api/call/hold</Redirect>"), "{xml}");
    }
}
