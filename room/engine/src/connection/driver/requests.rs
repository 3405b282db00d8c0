//! What the handle asks for: the exchange of descriptions, candidates and figures.

use str0m::Candidate;

use super::{Driver, now};
use crate::candidate::IceCandidate;
use crate::channel::DataChannel;
use crate::config::OfferPurpose;
use crate::description::{Description, DescriptionKind};
use crate::error::EngineError;
use crate::events::Event;
use crate::link::Request;
use crate::negotiation::WantedTransceivers;
use crate::stats::ConnectionStats;

impl Driver {
    pub(super) fn handle_request(&mut self, request: Request) {
        match request {
            Request::CreateOffer(purpose, reply) => {
                let offer = self.create_offer(purpose);
                drop(reply.send(offer));
            }
            Request::CreateAnswer(reply) => drop(reply.send(self.negotiation.create_answer())),
            Request::SetLocal(description, reply) => {
                let result = self.set_local(description);
                drop(reply.send(result));
            }
            Request::SetRemote(description, reply) => {
                let result = self.set_remote(description);
                drop(reply.send(result));
            }
            Request::AddCandidate(candidate, reply) => {
                self.add_remote_candidate(&candidate);
                drop(reply.send(Ok(())));
            }
            Request::Stats(reply) => drop(reply.send(Ok(self.stats()))),
        }
    }

    fn create_offer(&mut self, purpose: OfferPurpose) -> Result<Description, EngineError> {
        if !self.rtc.is_alive() {
            // Whoever tries to save it by a restart of ICE had better begin anew at once.
            return Err(EngineError::state("the peer has closed the transport"));
        }
        let (transceivers, data) = {
            let snapshot = self.shared.snapshot.lock();
            (
                snapshot.transceivers.clone(),
                snapshot.channels.iter().any(DataChannel::is_alive),
            )
        };
        let wanted = WantedTransceivers {
            transceivers: &transceivers,
            data,
            purpose,
        };
        let streams = &mut self.association.streams;
        let offer = self
            .negotiation
            .create_offer(&mut self.rtc, streams, wanted)?;
        self.restarts_ice = purpose == OfferPurpose::IceRestart;
        Ok(offer)
    }

    fn set_local(&mut self, description: Description) -> Result<(), EngineError> {
        let is_offer = description.kind() == DescriptionKind::Offer;
        self.negotiation.set_local(&mut self.rtc, description)?;
        // Not earlier: a server that learns a candidate with the offer checks it before we have its
        // credentials, and its next attempt comes 250 ms later.
        self.network.gather();
        if is_offer && std::mem::take(&mut self.restarts_ice) {
            self.network.restart();
        }
        self.publish_negotiation();
        Ok(())
    }

    fn set_remote(&mut self, description: Description) -> Result<(), EngineError> {
        let candidates = candidates(description.sdp());
        let former = self.negotiation.remote().cloned();
        let agreement = self.negotiation.set_remote(&mut self.rtc, description)?;
        self.shared
            .publish(|snapshot| snapshot.transceivers.extend(agreement.added));
        for candidate in candidates {
            self.network.add_remote(&candidate);
        }
        self.health.handle_negotiated(now());
        if is_restart(former.as_ref(), self.negotiation.remote()) {
            self.health.handle_restart(now());
        }
        self.publish_negotiation();
        self.reconcile();
        for transceiver in agreement.tracks {
            self.shared.events.push(Event::Track(transceiver));
        }
        Ok(())
    }

    fn add_remote_candidate(&mut self, candidate: &IceCandidate) {
        if candidate.text.is_empty() {
            return;
        }
        match Candidate::from_sdp_string(&candidate.text) {
            Ok(candidate) => {
                self.network.add_remote(&candidate);
                self.rtc.add_remote_candidate(candidate);
            }
            Err(error) => tracing::debug!(%error, "a candidate of the peer was left out"),
        }
    }

    fn stats(&self) -> ConnectionStats {
        let mut stats = ConnectionStats {
            path: self.path.clone(),
            ..Default::default()
        };
        stats.path.packets_dropped = self.network.packets_dropped();
        self.media.fill(&mut stats);
        stats
    }

    fn publish_negotiation(&self) {
        self.shared.publish(|snapshot| {
            snapshot.signaling = self.negotiation.signaling();
            snapshot.local = self.negotiation.local().cloned();
            snapshot.remote = self.negotiation.remote().cloned();
        });
    }
}

/// Tells whether ICE begins anew: whoever restarts it, the peer's credentials are others then.
fn is_restart(former: Option<&Description>, remote: Option<&Description>) -> bool {
    former
        .zip(remote)
        .is_some_and(|(former, remote)| former.ice_user() != remote.ice_user())
}

/// The candidates that a description brings along. str0m reads them itself; the sockets want them
/// too.
fn candidates(sdp: &str) -> Vec<Candidate> {
    sdp.lines()
        .filter_map(|line| line.strip_prefix("a="))
        .filter(|line| line.starts_with("candidate:"))
        .filter_map(|line| Candidate::from_sdp_string(line).ok())
        .collect()
}
