//! One ConversationRelay session: text over a socket, speech to and from the person. Holds no socket and no clock.

mod talk;
mod wire;

use std::sync::Arc;

use crate::{FRAME, Voice, What, core::Outbox, twiml::Element};

use talk::{Says, Talk};
use wire::Ingoing;

/// So many messages in a row that cannot be read end the session.
const MOST_MALFORMED: u32 = 10;

/// What a session is called, who speaks, and what `<ConversationRelay>` says.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) account_sid: String,
    pub(crate) call_sid: String,
    pub(crate) session_sid: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) direction: &'static str,
    pub(crate) verb: Element,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Card {
    fn language(&self) -> String {
        let named = ["transcriptionLanguage", "language"];
        let language = named.iter().find_map(|name| self.verb.filled(name));
        language.unwrap_or("en-US").to_owned()
    }

    /// Returns whether an attribute such as `interruptible` lets `kind` interrupt.
    fn lets(&self, attribute: &str, kind: &str) -> bool {
        match self.verb.filled(attribute) {
            None | Some("any" | "true") => true,
            Some(given) => given.split_whitespace().any(|given| given == kind),
        }
    }
}

/// What a session is over for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// The server said `end`.
    Ended { handoff: Option<String> },
    /// Too many messages could not be read.
    Malformed,
}

/// A session from the request for its socket to its end.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) card: Card,
    /// Names the socket among those of its call.
    pub(crate) socket: u64,
    voice: Arc<dyn Voice>,
    language: String,
    is_open: bool,
    malformed: u32,
    talk: Talk,
}

impl Relay {
    pub(crate) fn new(card: Card, socket: u64, voice: Arc<dyn Voice>) -> Self {
        Self {
            language: card.language(),
            card,
            socket,
            voice,
            is_open: false,
            malformed: 0,
            talk: Talk::default(),
        }
    }

    pub(crate) fn handle_open(&mut self, out: &mut Outbox) {
        self.is_open = true;
        out.send(self.socket, wire::setup(&self.card));
        out.log(What::StreamStarted {
            stream_sid: self.card.session_sid.clone(),
        });
        if let Some(greeting) = self.card.verb.filled("welcomeGreeting") {
            let (speech, dtmf) = (
                "welcomeGreetingInterruptible",
                "welcomeGreetingInterruptible",
            );
            let says = Says {
                text: greeting.to_owned(),
                codes: talk::speak(self.voice.as_ref(), greeting, &self.language),
                by_speech: self.card.lets(speech, "speech"),
                by_dtmf: self.card.lets(dtmf, "dtmf"),
            };
            self.talk.add(says);
        }
    }

    /// Takes what the server said.
    pub(crate) fn handle_text(&mut self, text: &str, out: &mut Outbox) -> Option<Over> {
        let ingoing = match wire::read(text) {
            Ok(ingoing) => ingoing,
            Err(wrong) => return self.handle_malformed(&wrong, out),
        };
        self.malformed = 0;
        match ingoing {
            Ingoing::Text {
                token,
                last,
                interruptible,
            } => {
                for sentence in self.talk.collect(&token, last) {
                    self.say(sentence, interruptible);
                }
            }
            Ingoing::Digits(digits) => self.talk.add(Says {
                text: String::new(),
                codes: crate::core::tones(&digits),
                by_speech: false,
                by_dtmf: false,
            }),
            // The recording itself is not fetched: its place is a second of the voice.
            Ingoing::Play { interruptible } => self.say("recording".to_owned(), interruptible),
            Ingoing::Language(language) => {
                self.language = language.unwrap_or_else(|| self.language.clone())
            }
            Ingoing::End(handoff) => {
                out.close_with(self.socket, 1000, "Closing websocket session");
                return Some(Over::Ended { handoff });
            }
        }
        None
    }

    fn handle_malformed(&mut self, wrong: &str, out: &mut Outbox) -> Option<Over> {
        self.malformed += 1;
        out.warn(
            64_107,
            &format!("ConversationRelay - Invalid message received: {wrong}"),
        );
        if self.malformed < MOST_MALFORMED {
            out.send(self.socket, wire::error(wrong));
            return None;
        }
        out.warn(64_105, "ConversationRelay - WebSocket ended unexpectedly");
        out.close_with(self.socket, 1007, "Too many consecutive malformed messages");
        Some(Over::Malformed)
    }

    fn say(&mut self, text: String, interruptible: bool) {
        let says = Says {
            codes: talk::speak(self.voice.as_ref(), &text, &self.language),
            text,
            by_speech: interruptible && self.card.lets("interruptible", "speech"),
            by_dtmf: interruptible && self.card.lets("interruptible", "dtmf"),
        };
        self.talk.add(says);
    }

    /// The person said something.
    pub(crate) fn handle_words(&mut self, words: &str, out: &mut Outbox) {
        if !self.is_open {
            return;
        }
        if self.talk.is_interruptible(|says| says.by_speech) {
            self.interrupt(out);
        }
        if self.card.verb.flag("partialPrompts", false) {
            let middle = words
                .char_indices()
                .nth(words.chars().count() / 2)
                .map_or(0, |(index, _)| index);
            out.send(
                self.socket,
                wire::prompt(&words[..middle], &self.language, false),
            );
        }
        out.send(self.socket, wire::prompt(words, &self.language, true));
    }

    /// The person pressed a key.
    pub(crate) fn handle_key(&mut self, key: char, out: &mut Outbox) {
        if !self.is_open {
            return;
        }
        if self.talk.is_interruptible(|says| says.by_dtmf) {
            self.interrupt(out);
        }
        if self.card.verb.flag("dtmfDetection", false) {
            out.send(self.socket, wire::dtmf(key));
        }
    }

    fn interrupt(&mut self, out: &mut Outbox) {
        let (heard, after) = self.talk.cut();
        out.send(self.socket, wire::interrupt(&heard, after));
    }

    /// Returns the next 20 ms for the ear.
    pub(crate) fn play(&mut self) -> [u8; FRAME] {
        self.talk.play()
    }
}

#[cfg(test)]
mod tests;
