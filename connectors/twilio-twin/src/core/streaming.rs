//! What happens to a call's sockets.

use std::time::Duration;

use super::{Machine, SocketNews, machine::Doing};
use crate::{Closed, Reason, What, stream::Stream};

impl Machine {
    pub(super) fn handle_socket(&mut self, now: Duration, socket: u64, news: SocketNews) {
        if self.handle_relay_socket(now, socket, &news) {
            return;
        }
        let main = match &mut self.doing {
            Doing::Streaming { stream, .. } if stream.socket == socket => Some(stream.as_mut()),
            _ => None,
        };
        let is_main = main.is_some();
        let stream = main.or_else(|| self.forks.iter_mut().find(|fork| fork.socket == socket));
        let Some(stream) = stream else { return };
        match news {
            SocketNews::Text(text) => stream.handle_text(&text, &mut self.out),
            SocketNews::Binary => stream.handle_binary(&mut self.out),
            SocketNews::Open => {
                stream.handle_open(&mut self.out);
                let card = stream.card.clone();
                self.tell_of_stream(now, &card, "stream-started", None);
            }
            SocketNews::Closed { by, code } => {
                let card = stream.card.clone();
                self.out.log(What::SocketClosed { by, code });
                if by != Closed::Server {
                    self.out
                        .warn(31_921, "Stream - Connection - Server closed abnormally");
                }
                self.tell_of_stream(now, &card, "stream-stopped", None);
                if is_main && by != Closed::Server && self.rules.hang_up_on_lost_socket {
                    return self.end(now, Reason::SocketLost);
                }
                self.leave_stream(now, socket, is_main);
            }
            SocketNews::Refused { code, text } => {
                let card = stream.card.clone();
                self.out.log(What::SocketClosed {
                    by: Closed::Refused,
                    code: None,
                });
                self.out.warn(code, &text);
                self.tell_of_stream(now, &card, "stream-error", Some(&text));
                self.leave_stream(now, socket, is_main);
            }
        }
    }

    pub(super) fn leave_stream(&mut self, now: Duration, socket: u64, is_main: bool) {
        self.forks.retain(|fork| fork.socket != socket);
        if !is_main {
            return;
        }
        let doing = std::mem::replace(&mut self.doing, Doing::Nothing);
        if let Doing::Streaming {
            action: Some((url, method)),
            ..
        } = doing
        {
            let url = self.program.resolve(Some(&url));
            return self.fetch(url, method, Vec::new());
        }
        self.advance(now);
    }

    pub(super) fn say_goodbye(&mut self, now: Duration, stream: &mut Stream) {
        if stream.is_open() {
            let card = stream.card.clone();
            self.tell_of_stream(now, &card, "stream-stopped", None);
        }
        stream.stop(&mut self.out);
        self.out.log(What::SocketClosed {
            by: Closed::Twin,
            code: None,
        });
    }
}
