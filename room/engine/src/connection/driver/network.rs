//! What the sockets report: packets, candidates, changes of this machine's addresses.

use std::net::SocketAddr;

use str0m::net::Receive;
use str0m::{Candidate, Input};

use super::{Driver, now};
use crate::candidate::{CandidateError, IceCandidate};
use crate::events::Event;
use crate::net::{NetworkEvent, Received};

impl Driver {
    pub(super) fn handle_network(&mut self, event: NetworkEvent) {
        match event {
            NetworkEvent::Received(received) => self.receive(&received),
            NetworkEvent::LocalCandidate(candidate) => self.add_local_candidate(candidate),
            NetworkEvent::LocalGone(address) => self.remove_local_candidates(address),
            NetworkEvent::NetworkChanged => self.health.handle_path_lost(),
            NetworkEvent::CandidateError(error) => {
                let error = CandidateError {
                    url: error.url,
                    code: error.code,
                    text: error.text,
                };
                self.shared.events.push(Event::CandidateError(error));
            }
            NetworkEvent::GatheringDone => self.shared.events.push(Event::GatheringDone),
        }
    }

    fn receive(&mut self, received: &Received) {
        // The application does not keep up with its messages. To SCTP this looks like loss: the
        // peer slows down and repeats.
        if is_dtls(&received.contents) && self.shared.events.is_full() {
            return;
        }
        self.health.handle_packet(now());
        let Received {
            protocol,
            source,
            destination,
            contents,
        } = received;
        if let Ok(receive) = Receive::new(*protocol, *source, *destination, contents) {
            self.input(Input::Receive(now(), receive));
        }
    }

    fn add_local_candidate(&mut self, candidate: Candidate) {
        let text = candidate.to_sdp_string();
        let text = text.strip_prefix("a=").unwrap_or(&text).to_owned();
        let mid = self.negotiation.first_mid();
        self.rtc.add_local_candidate(candidate.clone());
        self.local_candidates.retain(|known| *known != candidate);
        self.local_candidates.push(candidate);
        let candidate = IceCandidate {
            mid,
            line_index: 0,
            text,
        };
        self.shared.events.push(Event::Candidate(candidate));
    }

    fn remove_local_candidates(&mut self, address: SocketAddr) {
        let is_gone = |c: &Candidate| c.addr() == address || c.local() == address;
        let (gone, left) = self.local_candidates.drain(..).partition(is_gone);
        self.local_candidates = left;
        let gone: Vec<Candidate> = gone;
        for candidate in gone {
            self.rtc.direct_api().invalidate_candidate(&candidate);
        }
    }
}

/// RFC 7983: DTLS records begin with 20 to 63.
fn is_dtls(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| (20..64).contains(first))
}
