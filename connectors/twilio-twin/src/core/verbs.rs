//! What the verbs of TwiML do to a call.

use std::time::Duration;

use url::Url;

use super::{
    Action, Machine, Method,
    gather::{Gathered, Gathering},
    machine::Doing,
    performance::Performance,
    program::action_of,
};
use crate::{
    Reason, What,
    stream::{Card, Kind, Stream},
    twiml::Element,
};

/// Audio forks of one call, as far as Twilio allows.
const MOST_FORKS: usize = 4;

/// Whether the program goes on after a verb.
enum Then {
    Next,
    Wait,
}

impl Machine {
    /// Goes on with the program until something takes time.
    pub(super) fn advance(&mut self, now: Duration) {
        self.doing = Doing::Nothing;
        while let Some(verb) = self.program.next() {
            self.out.log(What::Verb(verb.name.clone()));
            if matches!(self.perform(&verb, now), Then::Wait) {
                return;
            }
        }
        self.end_of_program(now);
    }

    fn perform(&mut self, verb: &Element, now: Duration) -> Then {
        match verb.name.as_str() {
            "Say" | "Play" | "Pause" => {
                // A pause at the beginning lets it ring for longer.
                if verb.name != "Pause" {
                    self.answer(now);
                }
                let performance = self.performance(std::slice::from_ref(verb));
                self.doing = Doing::Playing {
                    performance,
                    fetch: 0,
                };
                Then::Wait
            }
            "Gather" => {
                self.answer(now);
                let gathering = Gathering::new(verb, self.performance(&verb.children));
                self.doing = Doing::Gathering {
                    gathering,
                    fetch: 0,
                };
                Then::Wait
            }
            "Redirect" => {
                let address = (!verb.text.is_empty()).then_some(verb.text.as_str());
                let url = self.program.resolve(address);
                self.fetch(url, Method::read(verb.attribute("method")), Vec::new());
                Then::Wait
            }
            "Hangup" => {
                self.answer(now);
                self.end(now, Reason::Hangup);
                Then::Wait
            }
            "Reject" if self.answered.is_none() => {
                let is_busy = verb.attribute("reason") == Some("busy");
                self.end(
                    now,
                    if is_busy {
                        Reason::Busy
                    } else {
                        Reason::Reject
                    },
                );
                Then::Wait
            }
            "Connect" => self.connect(verb, now),
            "Dial" => {
                self.answer(now);
                if self.dial(verb) {
                    Then::Wait
                } else {
                    Then::Next
                }
            }
            "Start" => {
                self.answer(now);
                self.start(verb);
                Then::Next
            }
            "Stop" => {
                self.stop(verb, now);
                Then::Next
            }
            name => {
                self.out
                    .warn(12_200, &format!("<{name}> is not known here"));
                Then::Next
            }
        }
    }

    fn performance(&self, verbs: &[Element]) -> Performance {
        let resolve = |address: &str| self.program.resolve(Some(address));
        Performance::of(verbs, self.rules.voice.as_ref(), &resolve)
    }

    fn connect(&mut self, verb: &Element, now: Duration) -> Then {
        self.answer(now);
        if let Some(noun) = verb.child("ConversationRelay") {
            let relays = self.relay(noun, action_of(verb), now);
            return if relays { Then::Wait } else { Then::Next };
        }
        let Some(noun) = verb.child("Stream") else {
            self.out.warn(12_200, "<Connect> has nothing to connect to");
            return Then::Next;
        };
        let track = noun.attribute("track").unwrap_or("inbound_track");
        if track != "inbound_track" {
            self.out
                .warn(31_941, "Stream - TwiML - Invalid track configuration");
            return Then::Next;
        }
        let Some(stream) = self.open(noun, Kind::Both) else {
            return Then::Next;
        };
        self.doing = Doing::Streaming {
            stream: Box::new(stream),
            action: action_of(verb),
        };
        Then::Wait
    }

    pub(super) fn start(&mut self, verb: &Element) {
        if let Some(noun) = verb.child("Recording") {
            self.out.push(Action::Record(noun.clone()));
        }
        let Some(noun) = verb.child("Stream") else {
            return;
        };
        let (inbound, outbound) = match noun.attribute("track") {
            None | Some("inbound_track") => (true, false),
            Some("outbound_track") => (false, true),
            Some("both_tracks") => (true, true),
            Some(_) => {
                self.out
                    .warn(31_941, "Stream - TwiML - Invalid track configuration");
                return;
            }
        };
        if self.forks.len() < MOST_FORKS
            && let Some(fork) = self.open(noun, Kind::Copy { inbound, outbound })
        {
            self.forks.push(fork);
        }
    }

    pub(super) fn stop(&mut self, verb: &Element, now: Duration) {
        let name = verb.child("Stream").and_then(|noun| noun.filled("name"));
        let Some(name) = name else { return };
        if let Some(index) = self
            .forks
            .iter()
            .position(|fork| fork.card.name == name || fork.card.stream_sid == name)
        {
            let mut fork = self.forks.remove(index);
            self.say_goodbye(now, &mut fork);
        }
    }

    /// Opens the socket of a `<Stream>`, unless its address is wrong.
    fn open(&mut self, noun: &Element, kind: Kind) -> Option<Stream> {
        let url = self
            .program
            .resolve_socket(noun.attribute("url").unwrap_or_default());
        let wrong = match Url::parse(&url) {
            Err(_) => Some((31_923, "Stream - Connection - Malformed URL")),
            Ok(url) if !self.takes_scheme(url.scheme()) => {
                Some((31_922, "Stream - Connection - Invalid URL scheme"))
            }
            Ok(url) if url.query().is_some() => Some((
                31_920,
                "Stream - Connection - Query parameters are not supported",
            )),
            Ok(_) => None,
        };
        if let Some((code, text)) = wrong {
            self.out.warn(code, text);
            return None;
        }
        let socket = self.next_id();
        // One that was started by REST has its identifier already.
        let stream_sid = noun
            .filled("sid")
            .map_or_else(|| self.sids.next("MZ"), str::to_owned);
        self.out.log(What::StreamConnecting {
            stream_sid: stream_sid.clone(),
            url: url.clone(),
        });
        self.out.push(Action::OpenSocket { socket, url });
        let status_callback = noun.filled("statusCallback").map(|callback| {
            let method = noun.attribute("statusCallbackMethod").unwrap_or("POST");
            (self.program.resolve(Some(callback)), method.to_owned())
        });
        let card = Card {
            account_sid: self.facts.account_sid.clone(),
            call_sid: self.facts.call_sid.clone(),
            name: noun.filled("name").unwrap_or(&stream_sid).to_owned(),
            stream_sid,
            parameters: noun.parameters(),
            status_callback,
        };
        Some(Stream::new(card, kind, socket))
    }

    fn takes_scheme(&self, scheme: &str) -> bool {
        scheme == "wss" || (self.rules.plain_sockets && scheme == "ws")
    }

    pub(super) fn tell_of_stream(
        &mut self,
        now: Duration,
        card: &Card,
        event: &str,
        error: Option<&str>,
    ) {
        let Some((url, method)) = card.status_callback.clone() else {
            return;
        };
        let pairs = [
            ("AccountSid", card.account_sid.as_str()),
            ("CallSid", &card.call_sid),
            ("StreamSid", &card.stream_sid),
            ("StreamName", &card.name),
            ("StreamEvent", event),
            ("Timestamp", &self.facts.iso_date(now)),
        ];
        let pairs = pairs
            .into_iter()
            .chain(error.map(|error| ("StreamError", error)));
        let parameters = pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        self.notify(0, event, (url, Method::read(Some(&method))), parameters);
    }

    /// Sends what was gathered to whom it concerns.
    pub(super) fn finish_gather(&mut self, now: Duration, gathered: Gathered) {
        let doing = std::mem::replace(&mut self.doing, Doing::Nothing);
        let Doing::Gathering { gathering, .. } = doing else {
            return;
        };
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let (digits, speech, parameters) = match gathered {
            Gathered::Nothing => return self.advance(now),
            Gathered::Keys {
                digits,
                finished_on,
            } => {
                let mut parameters = vec![pair("Digits", digits.clone())];
                parameters.push(pair(
                    "FinishedOnKey",
                    finished_on.map(String::from).unwrap_or_default(),
                ));
                (digits, None, parameters)
            }
            Gathered::Speech(words) => {
                let parameters = vec![
                    pair("SpeechResult", words.clone()),
                    pair("Confidence", "0.9".to_owned()),
                ];
                (String::new(), Some(words), parameters)
            }
        };
        self.out.log(What::Gathered { digits, speech });
        let url = self.program.resolve(gathering.action.as_deref());
        self.fetch(url, gathering.method, parameters);
    }
}
