//! What a call is told to do, in `TwiML`. Pure.

use std::time::Duration;

use room_contract::RoomName;
use url::form_urlencoded;

use crate::config::{Menu, Profiles};
use crate::wiring::twilio::{
    CallSid, Connect, Gather, Hangup, Pause, PublicUrl, Redirect, Response, Say, Stream,
};

use super::{RingError, Ringing, Ticket};

/// Under which name a media socket brings its ticket.
pub(crate) const TICKET: &str = "ticket";

/// Under which name it says what the website calls the agent.
const AGENT_ID: &str = "agent_id";

/// Asked again this often when this server does not answer: it may be starting again.
/// See <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>.
const PERSISTENT: &str = "#rc=5&rp=all";

/// Before a caller whose connection broke is asked for patience: one who is sent back at once does not hear it.
const UNNOTICED: Duration = Duration::from_secs(2);

/// From there until Twilio asks this server by itself. Its attempts take no time when nobody listens, so this is what a
/// server that was killed has to start again. One that lives sends the caller back itself.
const AWAY: Duration = Duration::from_secs(12);

/// A call that comes back more often than this leads nowhere: it is ended.
const MOST_RETURNS: u32 = 50;

/// How long a menu waits for a key.
const MENU_PATIENCE: Duration = Duration::from_secs(5);

/// The language of the few words that no agent says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    English,
    French,
}

impl Tongue {
    /// Returns the nearest one to what a profile speaks; the default profile's, when none is named.
    pub(crate) fn of_profile(profiles: &Profiles, name: Option<&str>) -> Self {
        let profile = profiles.get(name);
        profile.map_or(Self::English, |(_, profile)| {
            Self::of(profile.talk.language().as_str())
        })
    }

    /// Returns the nearest one to a language's tag.
    pub(crate) fn of(tag: &str) -> Self {
        if tag.split('-').next() == Some("fr") {
            Self::French
        } else {
            Self::English
        }
    }

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en-US",
            Self::French => "fr-FR",
        }
    }

    fn one_moment(self) -> &'static str {
        match self {
            Self::English => "One moment, please.",
            Self::French => "Un instant, s'il vous plaît.",
        }
    }

    pub(super) fn say(self, text: &str) -> Say {
        Say::new(text).language(self.tag())
    }
}

/// Where a call's sound goes. The ticket alone decides whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Socket<'a> {
    /// A path of the call's own.
    Call,
    /// A path that websites know, and the name by which they know the agent.
    Site {
        path: &'static str,
        agent: Option<&'a str>,
    },
}

/// Connects the call to its room. When that ends, which is not the end of the call, it waits for this server.
pub(crate) fn connect(
    public: &PublicUrl,
    (ringing, ticket): (&Ringing, &Ticket),
    (tongue, announcement): (Tongue, Option<&str>),
    socket: Socket<'_>,
) -> Response {
    let (path, agent) = match socket {
        Socket::Call => (format!("/twilio/stream/{}", ringing.call), None),
        Socket::Site { path, agent } => (path.to_owned(), agent),
    };
    let stream = Stream::new(&public.socket_at(&path)).parameter(TICKET, ticket.expose());
    let stream = match agent {
        Some(agent) => stream.parameter(AGENT_ID, agent),
        None => stream,
    };
    let begin = match announcement {
        Some(text) => Response::new().then(tongue.say(text)),
        None => Response::new(),
    };
    begin
        .then(Connect::stream(stream))
        .then(Pause::of(UNNOTICED))
        .then(tongue.say(tongue.one_moment()))
        .then(Pause::of(AWAY))
        .then(Redirect::to(&WayBack::of(ringing).address(public)))
}

/// Where a call belongs that has lost its connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WayBack<'a> {
    /// The call.
    pub(crate) call: &'a CallSid,
    /// The room of somebody else's session that it was in.
    pub(crate) guest_of: Option<&'a RoomName>,
    /// The name that is shown there.
    pub(crate) name: Option<&'a str>,
    /// Whether it is a contact who was called in to help.
    pub(crate) is_contact: bool,
    /// How often it has come back already.
    pub(crate) returns: u32,
}

impl<'a> WayBack<'a> {
    /// Returns that of a call on the line.
    pub(crate) fn of(ringing: &'a Ringing) -> Self {
        Self {
            call: &ringing.call,
            guest_of: ringing.guest_of.as_ref(),
            name: ringing.name.as_deref(),
            is_contact: ringing.is_contact(),
            returns: ringing.returns,
        }
    }

    /// Returns the address where the call is brought back.
    pub(crate) fn address(self, public: &PublicUrl) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("again", &self.returns.saturating_add(1).to_string());
        query.extend_pairs(self.guest_of.map(|room| ("room", room.as_str())));
        query.extend_pairs(self.name.map(|name| ("name", name)));
        query.extend_pairs(self.is_contact.then_some(("contact", "true")));
        let path = format!("/twilio/resume/{}?{}", self.call, query.finish());
        format!("{}{PERSISTENT}", public.at(&path))
    }
}

/// Tells whether a call that comes back for the nth time may.
pub(crate) fn may_return(nth: u32) -> bool {
    nth <= MOST_RETURNS
}

/// Offers a choice; who presses nothing is connected as if there were none.
pub(crate) fn menu(public: &PublicUrl, menu: &Menu, tongue: Tongue) -> Response {
    let chosen = public.at("/twilio/routing");
    let gather = Gather::new(&chosen)
        .keys(1)
        .timeout(MENU_PATIENCE)
        .act_on_nothing()
        .say(tongue.say(&menu.prompt));
    Response::new().then(gather)
}

/// Says why a call cannot be taken, and ends it.
pub(crate) fn refuse(why: &RingError, tongue: Tongue) -> Response {
    let text = match (why, tongue) {
        (RingError::Over, _) => return hang_up(),
        (RingError::Draining, Tongue::English) => {
            "We are just about to restart. Please call again in a minute. Goodbye."
        }
        (RingError::Draining, Tongue::French) => {
            "Nous redémarrons à l'instant. Rappelez dans une minute, s'il vous plaît. Au revoir."
        }
        (RingError::Full, Tongue::English) => {
            "All lines are busy at the moment. Please call again in a few minutes. Goodbye."
        }
        (RingError::Full, Tongue::French) => {
            "Toutes nos lignes sont occupées. Rappelez dans quelques minutes, s'il vous plaît. Au revoir."
        }
        (RingError::Unavailable, Tongue::English) => {
            "I am sorry, we cannot take your call because of a technical problem. Please call again later. Goodbye."
        }
        (RingError::Unavailable, Tongue::French) => {
            "Désolé, un problème technique nous empêche de prendre votre appel. Rappelez plus tard, \
             s'il vous plaît. Au revoir."
        }
    };
    Response::new().then(tongue.say(text)).then(Hangup)
}

/// Leaves a message on an answering machine.
pub(crate) fn leave_message(text: &str, tongue: Tongue) -> Response {
    Response::new().then(tongue.say(text)).then(Hangup)
}

/// Says to whoever waits that the one they wait for does not come.
pub(crate) fn nobody_answers(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::English => {
            "I am sorry, nobody answers there at the moment. I am here for you: what can I do?"
        }
        Tongue::French => {
            "Je suis désolé, personne ne répond pour le moment. Je suis là pour vous : que puis-je faire ?"
        }
    }
}

/// Ends the call.
pub(crate) fn hang_up() -> Response {
    Response::new().then(Hangup)
}

#[cfg(test)]
mod tests {
    use room_contract::RoomName;

    use super::*;
    use crate::phone::{Absence, News, PickUp};
    use crate::sessions::Channel;
    use crate::store::Direction;
    use crate::wiring::twilio::{CallSid, Party};

    fn public() -> PublicUrl {
        PublicUrl::parse("https://voice.example").expect("it is an address")
    }

    fn ringing(guest_of: Option<&str>) -> Ringing {
        Ringing {
            call: CallSid::new("CA0123456789abcdef0123456789abcdef").expect("it is an id"),
            channel: Channel::Phone,
            direction: Direction::Inbound,
            from: Party::Unknown,
            to: Party::Unknown,
            profile: None,
            guest_of: guest_of.map(|room| RoomName::new(room).expect("a name")),
            name: None,
            shows: room_contract::Attributes::default(),
            owner: None,
            absence: Absence::Borne,
            context: None,
            news: News::New,
            pick_up: PickUp::AtOnce,
            returns: 0,
        }
    }

    fn connected(ringing: &Ringing) -> String {
        let ticket = Ticket::brought("once");
        let greeting = (Tongue::English, None);
        let response = connect(&public(), (ringing, &ticket), greeting, Socket::Call);
        response.to_xml().expect("it is within the limits")
    }

    #[test]
    fn a_call_whose_socket_is_lost_waits_for_a_server_that_starts_again() {
        let xml = connected(&ringing(None));

        let sid = "CA0123456789abcdef0123456789abcdef";
        let stream = format!(
            "<Connect><Stream url=\"wss://voice.example/twilio/stream/{sid}\">\
             <Parameter name=\"ticket\" value=\"once\"/></Stream></Connect>"
        );
        let wait = "<Pause length=\"2\"/><Say language=\"en-US\">One moment, please.</Say><Pause length=\"12\"/>";
        let redirect = format!(
            "<Redirect>https://voice.example/twilio/resume/{sid}?again=1#rc=5&amp;rp=all</Redirect>"
        );
        assert!(xml.contains(&format!("{stream}{wait}{redirect}")), "{xml}");
    }

    #[test]
    fn a_guest_comes_back_into_the_room_of_the_host() {
        let xml = connected(&ringing(Some("a room & more")));

        assert!(
            xml.contains("?again=1&amp;room=a+room+%26+more#rc=5"),
            "{xml}"
        );
    }

    #[test]
    fn a_call_does_not_come_back_for_ever() {
        let call = Ringing {
            returns: MOST_RETURNS - 1,
            ..ringing(None)
        };
        let last = WayBack::of(&call).address(&public());

        assert!(last.contains(&format!("?again={MOST_RETURNS}#")), "{last}");
        assert!(may_return(MOST_RETURNS) && !may_return(MOST_RETURNS + 1));
    }

    #[test]
    fn a_website_finds_its_own_socket_and_its_agents_name() {
        let ticket = Ticket::brought("once");
        let socket = Socket::Site {
            path: "/api/call/media-stream",
            agent: Some("agent_7"),
        };

        let greeting = (Tongue::English, None);
        let xml = connect(&public(), (&ringing(None), &ticket), greeting, socket).to_xml();

        let xml = xml.expect("it is within the limits");
        let stream = "<Stream url=\"wss://voice.example/api/call/media-stream\">\
            <Parameter name=\"ticket\" value=\"once\"/>\
            <Parameter name=\"agent_id\" value=\"agent_7\"/></Stream>";
        assert!(xml.contains(stream), "{xml}");
    }

    #[test]
    fn every_refusal_is_spoken_in_the_callers_language() {
        for why in [RingError::Draining, RingError::Full, RingError::Unavailable] {
            for (tongue, goodbye) in [
                (Tongue::of("en-GB"), "Goodbye."),
                (Tongue::of("fr"), "Au revoir."),
            ] {
                let xml = refuse(&why, tongue).to_xml().expect("short");
                assert!(xml.contains(goodbye) && xml.contains("<Hangup/>"), "{xml}");
            }
        }
    }

    #[test]
    fn a_call_that_is_over_is_hung_up() {
        let xml = refuse(&RingError::Over, Tongue::English).to_xml();

        assert!(
            xml.expect("short")
                .ends_with("<Response><Hangup/></Response>")
        );
    }
}
