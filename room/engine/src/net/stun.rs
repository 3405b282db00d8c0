//! Asks STUN servers how our addresses look from outside (RFC 8489). Holds no socket and no clock.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use turn_client_proto::stun::types::attribute::{ErrorCode, XorMappedAddress};
use turn_client_proto::stun::types::message::{
    BINDING, Message, MessageClass, MessageType, MessageWriteVec, TransactionId,
};
use turn_client_proto::stun::types::prelude::MessageWrite;

use super::event::{CandidateError, UNREACHABLE};

/// Sends at 0, 250, 750 and 1750 ms and gives up after 3750 ms: a slower answer comes too late.
const FIRST_TIMEOUT: Duration = Duration::from_millis(250);
const ATTEMPTS: u32 = 4;

/// Every local address asks every server; beyond this the rest is not asked.
const MAX_REQUESTS: usize = 64;

/// A request to send from one of our addresses.
#[derive(Debug)]
pub(super) struct StunTransmit {
    pub(super) base: SocketAddr,
    pub(super) server: SocketAddr,
    pub(super) contents: Vec<u8>,
}

/// What a server said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StunNews {
    /// Seen from outside, `base` is `mapped`.
    Mapped {
        base: SocketAddr,
        mapped: SocketAddr,
    },
    /// Not one of our addresses got an answer from this server.
    Failed(CandidateError),
}

/// Binding requests under way.
#[derive(Debug, Default)]
pub(super) struct StunRequests {
    requests: Vec<Request>,
    news: VecDeque<StunNews>,
    /// Servers that answered, or whose silence was reported: the rest of it is no news.
    known: Vec<Arc<str>>,
}

#[derive(Debug)]
struct Request {
    url: Arc<str>,
    server: SocketAddr,
    base: SocketAddr,
    transaction: TransactionId,
    attempts: u32,
    next: Instant,
}

impl StunRequests {
    pub(super) fn start(
        &mut self,
        now: Instant,
        url: Arc<str>,
        server: SocketAddr,
        base: SocketAddr,
    ) {
        if self.requests.len() < MAX_REQUESTS {
            let transaction = TransactionId::generate();
            self.requests.push(Request {
                url,
                server,
                base,
                transaction,
                attempts: 0,
                next: now,
            });
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.requests.is_empty() && self.news.is_empty()
    }

    /// Forgets everything: a restart asks anew.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.requests.iter().map(|request| request.next).min()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        let expired: Vec<_> = self
            .requests
            .extract_if(.., |request| {
                request.next <= now && request.attempts == ATTEMPTS
            })
            .collect();
        for request in expired {
            self.fail(
                &request.url,
                UNREACHABLE,
                "the STUN server did not answer".to_owned(),
            );
        }
    }

    pub(super) fn poll_transmit(&mut self, now: Instant) -> Option<StunTransmit> {
        let request = self
            .requests
            .iter_mut()
            .find(|request| request.next <= now && request.attempts < ATTEMPTS)?;
        request.next = now + FIRST_TIMEOUT * 2_u32.pow(request.attempts);
        request.attempts += 1;
        let kind = MessageType::from_class_method(MessageClass::Request, BINDING);
        let message = Message::builder(kind, request.transaction, MessageWriteVec::new());
        Some(StunTransmit {
            base: request.base,
            server: request.server,
            contents: message.finish(),
        })
    }

    /// Takes an answer to one of our requests; false: the packet is for somebody else.
    pub(super) fn handle_packet(&mut self, source: SocketAddr, packet: &[u8]) -> bool {
        if !self.requests.iter().any(|request| request.server == source) {
            return false;
        }
        let Ok(message) = Message::from_bytes(packet) else {
            return false;
        };
        let transaction = message.transaction_id();
        let Some(index) = self
            .requests
            .iter()
            .position(|request| request.server == source && request.transaction == transaction)
        else {
            return false;
        };
        if !message.is_response() {
            return false;
        }
        let request = self.requests.swap_remove(index);
        match message.attribute::<XorMappedAddress>() {
            Ok(mapped) if message.has_class(MessageClass::Success) => {
                let mapped = mapped.addr(transaction);
                self.known.push(request.url);
                self.news.push_back(StunNews::Mapped {
                    base: request.base,
                    mapped,
                });
            }
            _ => {
                let (code, reason) = message
                    .attribute::<ErrorCode>()
                    .map_or((UNREACHABLE, "no address".to_owned()), |error| {
                        (error.code(), error.reason().to_owned())
                    });
                self.fail(
                    &request.url,
                    code,
                    format!("the STUN server refused: {reason}"),
                );
            }
        }
        true
    }

    pub(super) fn poll_news(&mut self) -> Option<StunNews> {
        self.news.pop_front()
    }

    /// One error per server is enough, and none when another of our addresses got an answer.
    fn fail(&mut self, url: &Arc<str>, code: u16, text: String) {
        let hopeful = self.requests.iter().any(|request| request.url == *url);
        if !hopeful && !self.known.contains(url) {
            self.known.push(url.clone());
            self.news.push_back(StunNews::Failed(CandidateError {
                url: url.to_string(),
                code,
                text,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use turn_client_proto::stun::types::prelude::MessageWriteExt;

    use super::*;

    const SERVER: &str = "192.0.2.1:3478";

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn asked(now: Instant) -> StunRequests {
        let mut requests = StunRequests::default();
        requests.start(
            now,
            "stun:a".into(),
            address(SERVER),
            address("10.0.0.2:5000"),
        );
        requests
    }

    fn answer(request: &[u8], mapped: SocketAddr) -> Vec<u8> {
        let request = Message::from_bytes(request).unwrap();
        let mut answer = Message::builder_success(&request, MessageWriteVec::new());
        answer
            .add_attribute(&XorMappedAddress::new(mapped, request.transaction_id()))
            .unwrap();
        answer.add_fingerprint().unwrap();
        answer.finish()
    }

    #[test]
    fn an_answer_names_the_outer_address() {
        let now = Instant::now();
        let mut requests = asked(now);
        let sent = requests.poll_transmit(now).unwrap();
        let mapped = address("198.51.100.7:1234");

        assert!(requests.handle_packet(sent.server, &answer(&sent.contents, mapped)));

        assert_eq!(
            requests.poll_news(),
            Some(StunNews::Mapped {
                base: address("10.0.0.2:5000"),
                mapped
            })
        );
        assert!(requests.is_idle());
    }

    #[test]
    fn an_answer_from_a_stranger_is_not_taken() {
        let now = Instant::now();
        let mut requests = asked(now);
        let sent = requests.poll_transmit(now).unwrap();
        let answer = answer(&sent.contents, address("198.51.100.7:1234"));

        assert!(!requests.handle_packet(address("203.0.113.9:3478"), &answer));
    }

    #[test]
    fn a_silent_server_is_asked_four_times_and_reported_once() {
        let mut now = Instant::now();
        let start = now;
        let mut requests = asked(now);
        requests.start(
            now,
            "stun:a".into(),
            address(SERVER),
            address("10.0.0.3:5000"),
        );

        let mut sent = 0;
        while let Some(deadline) = requests.deadline() {
            now = deadline;
            requests.handle_timeout(now);
            sent += std::iter::from_fn(|| requests.poll_transmit(now)).count();
        }

        assert_eq!(sent, 8);
        assert_eq!(now - start, Duration::from_millis(3750));
        let Some(StunNews::Failed(error)) = requests.poll_news() else {
            panic!("no news")
        };
        assert_eq!((error.url.as_str(), error.code), ("stun:a", UNREACHABLE));
        assert!(requests.is_idle());
    }

    proptest! {
        #[test]
        fn no_packet_from_the_server_makes_us_panic(
            mut packet in proptest::collection::vec(any::<u8>(), 0..200),
            genuine_header: bool,
        ) {
            let now = Instant::now();
            let mut requests = asked(now);
            let sent = requests.poll_transmit(now).unwrap();
            if genuine_header && packet.len() >= 20 {
                packet[..20].copy_from_slice(&sent.contents[..20]);
                packet[0] = 1;
                let length = u16::try_from(packet.len() - 20).unwrap();
                packet[2..4].copy_from_slice(&length.to_be_bytes());
            }

            requests.handle_packet(sent.server, &packet);
        }
    }
}
