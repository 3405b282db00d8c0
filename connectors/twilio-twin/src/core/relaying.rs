//! `<Connect><ConversationRelay>` in a call.

use std::time::Duration;

use super::{Action, Machine, Method, SocketNews, machine::Doing};
use crate::{
    Closed, Reason, What,
    relay::{Card, Over, Relay},
    twiml::Element,
};

/// A session in a call.
#[derive(Debug)]
pub(super) struct Relaying {
    pub(super) relay: Relay,
    action: Option<(String, Method)>,
    began: Duration,
}

impl Machine {
    /// Opens a session; returns false when its address is wrong.
    pub(super) fn relay(
        &mut self,
        noun: &Element,
        action: Option<(String, Method)>,
        now: Duration,
    ) -> bool {
        let url = self
            .program
            .resolve_socket(noun.attribute("url").unwrap_or_default());
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        if scheme != "wss" && !(self.rules.plain_sockets && scheme == "ws") {
            self.out.warn(
                64_102,
                "ConversationRelay - Unable to connect to WebSocket URL",
            );
            return false;
        }
        let socket = self.next_id();
        let session_sid = self.sids.next("VX");
        self.out.log(What::StreamConnecting {
            stream_sid: session_sid.clone(),
            url: url.clone(),
        });
        self.out.push(Action::OpenSocket { socket, url });
        let card = Card {
            account_sid: self.facts.account_sid.clone(),
            call_sid: self.facts.call_sid.clone(),
            session_sid,
            from: self.facts.from.clone(),
            to: self.facts.to.clone(),
            direction: self.facts.direction.word(),
            verb: noun.clone(),
            parameters: noun.parameters(),
        };
        let relay = Relay::new(card, socket, std::sync::Arc::clone(&self.rules.voice));
        self.doing = Doing::Relaying(Box::new(Relaying {
            relay,
            action,
            began: now,
        }));
        true
    }

    /// Takes the news of a session's socket; returns false when it is not the session's.
    pub(super) fn handle_relay_socket(
        &mut self,
        now: Duration,
        socket: u64,
        news: &SocketNews,
    ) -> bool {
        let Doing::Relaying(relaying) = &mut self.doing else {
            return false;
        };
        if relaying.relay.socket != socket {
            return false;
        }
        match news {
            SocketNews::Open => relaying.relay.handle_open(&mut self.out),
            SocketNews::Binary => self.handle_relay_text(now, ""),
            SocketNews::Text(text) => self.handle_relay_text(now, text),
            SocketNews::Closed { by, code } => {
                self.out.log(What::SocketClosed {
                    by: *by,
                    code: *code,
                });
                self.out
                    .warn(64_105, "ConversationRelay - WebSocket ended unexpectedly");
                if self.rules.hang_up_on_lost_socket && *by != Closed::Server {
                    self.end(now, Reason::SocketLost);
                } else {
                    self.finish_relay(now, "failed", None, Some(64_105));
                }
            }
            SocketNews::Refused { text, .. } => {
                self.out.log(What::SocketClosed {
                    by: Closed::Refused,
                    code: None,
                });
                self.out.warn(64_102, text);
                self.finish_relay(now, "failed", None, Some(64_102));
            }
        }
        true
    }

    fn handle_relay_text(&mut self, now: Duration, text: &str) {
        let Doing::Relaying(relaying) = &mut self.doing else {
            return;
        };
        let over = relaying.relay.handle_text(text, &mut self.out);
        let Some(over) = over else { return };
        self.out.log(What::SocketClosed {
            by: Closed::Twin,
            code: None,
        });
        match over {
            Over::Ended { handoff } => self.finish_relay(now, "ended", handoff, None),
            Over::Malformed => self.finish_relay(now, "failed", None, Some(64_105)),
        }
    }

    fn finish_relay(
        &mut self,
        now: Duration,
        status: &str,
        handoff: Option<String>,
        error: Option<u32>,
    ) {
        let doing = std::mem::replace(&mut self.doing, Doing::Nothing);
        let Doing::Relaying(relaying) = doing else {
            return;
        };
        let parameters = relaying.parameters(now, status, handoff, error);
        match relaying.action {
            Some((url, method)) => {
                let url = self.program.resolve(Some(&url));
                self.fetch(url, method, parameters);
            }
            None => self.advance(now),
        }
    }

    /// Tells the action that the call was over before the session.
    pub(super) fn leave_relay(&mut self, now: Duration, relaying: Relaying) {
        self.out
            .close_with(relaying.relay.socket, 1000, "Closing websocket session");
        self.out.log(What::SocketClosed {
            by: Closed::Twin,
            code: None,
        });
        let mut parameters = self.facts.parameters(self.status);
        parameters.extend(relaying.parameters(now, "completed", None, None));
        if let Some((url, method)) = relaying.action {
            let url = self.program.resolve(Some(&url));
            self.notify(0, "relay", (url, method), parameters);
        }
    }
}

impl Relaying {
    fn parameters(
        &self,
        now: Duration,
        status: &str,
        handoff: Option<String>,
        error: Option<u32>,
    ) -> Vec<(String, String)> {
        let seconds = now.saturating_sub(self.began).as_secs();
        let mut parameters = vec![
            ("SessionId".to_owned(), self.relay.card.session_sid.clone()),
            ("SessionStatus".to_owned(), status.to_owned()),
            ("SessionDuration".to_owned(), seconds.to_string()),
        ];
        parameters.extend(handoff.map(|handoff| ("HandoffData".to_owned(), handoff)));
        if let Some(code) = error {
            parameters.push(("ErrorCode".to_owned(), code.to_string()));
            parameters.push((
                "ErrorMessage".to_owned(),
                "WebSocket connection failed".to_owned(),
            ));
        }
        parameters
    }
}
