//! Gathering: what the hosts, the STUN servers and the TURN servers give as candidates.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use str0m::Candidate;
use str0m::net::Protocol;

use super::super::event::{CandidateError, NetworkEvent, UNREACHABLE};
use super::super::host::HostSocket;
use super::super::resolve::resolve;
use super::super::server::{ServerKind, ServerUrl, TransportPolicy};
use super::super::stun::StunNews;
use super::{Gathering, Paths, Resolved};

impl Paths {
    pub(super) fn gather_again(&mut self) {
        if self.policy == TransportPolicy::All {
            for host in &self.hosts {
                match Candidate::host(host.address(), Protocol::Udp) {
                    Ok(candidate) => self
                        .events
                        .push_back(NetworkEvent::LocalCandidate(candidate)),
                    Err(error) => tracing::debug!(%error, "an address makes no candidate"),
                }
            }
        }
        self.events
            .extend(self.relays.candidates().map(NetworkEvent::LocalCandidate));
        self.ask_servers();
    }

    pub(super) fn tell_hosts(&mut self, hosts: &[SocketAddr]) {
        if self.policy != TransportPolicy::All {
            return;
        }
        for host in hosts {
            match Candidate::host(*host, Protocol::Udp) {
                Ok(candidate) => self
                    .events
                    .push_back(NetworkEvent::LocalCandidate(candidate)),
                Err(error) => tracing::debug!(%error, "an address makes no candidate"),
            }
        }
    }

    pub(super) fn ask_servers(&mut self) {
        self.gathering = Gathering::Running;
        for server in &self.servers {
            for url in &server.urls {
                match ServerUrl::parse(url) {
                    Ok(parsed) if parsed.kind == ServerKind::Turn => {
                        self.relays.start(url, parsed, server);
                    }
                    Ok(_) if self.policy == TransportPolicy::Relay => {}
                    Ok(parsed) => {
                        let url: Arc<str> = url.as_str().into();
                        self.resolving.push(Box::pin(async move {
                            let addresses = resolve(&parsed.host, parsed.port).await;
                            (url, addresses)
                        }));
                    }
                    Err(error) => {
                        let (url, text) = (url.clone(), error.to_string());
                        let error = CandidateError {
                            url,
                            code: UNREACHABLE,
                            text,
                        };
                        self.events.push_back(NetworkEvent::CandidateError(error));
                    }
                }
            }
        }
    }

    /// Says so when the last server has answered or failed.
    pub(super) fn settle(&mut self) {
        let settled = self.resolving.is_empty() && self.stun.is_idle() && self.relays.is_settled();
        if self.gathering != Gathering::Running || !settled {
            return;
        }
        self.gathering = Gathering::Done;
        if self.policy == TransportPolicy::Relay && self.relays.candidates().next().is_none() {
            let text =
                "only relayed candidates are allowed, and no TURN server gave one".to_owned();
            let error = CandidateError {
                url: String::new(),
                code: UNREACHABLE,
                text,
            };
            self.events.push_back(NetworkEvent::CandidateError(error));
        }
        self.events.push_back(NetworkEvent::GatheringDone);
    }

    pub(super) fn handle_resolved(&mut self, now: Instant, (url, resolved): Resolved) {
        let servers = match resolved {
            Ok(servers) => servers,
            Err(error) => {
                let (url, text) = (url.to_string(), error.to_string());
                let error = CandidateError {
                    url,
                    code: UNREACHABLE,
                    text,
                };
                self.events.push_back(NetworkEvent::CandidateError(error));
                return;
            }
        };
        for host in self.hosts.iter().map(HostSocket::address) {
            let server = servers.iter().find(|server| {
                server.is_ipv4() == host.is_ipv4()
                    && host.ip().is_loopback() == server.ip().is_loopback()
            });
            if let Some(server) = server {
                self.stun.start(now, url.clone(), *server, host);
            }
        }
        self.ask_stun(now);
    }

    pub(super) fn ask_stun(&mut self, now: Instant) {
        while let Some(transmit) = self.stun.poll_transmit(now) {
            if let Some(host) = self
                .hosts
                .iter()
                .find(|host| host.address() == transmit.base)
            {
                host.send(transmit.server, &transmit.contents);
            }
        }
        self.take_stun_news();
    }

    pub(super) fn take_stun_news(&mut self) {
        while let Some(news) = self.stun.poll_news() {
            match news {
                // No translation: the host candidate says the same.
                StunNews::Mapped { base, mapped } if base == mapped => {}
                StunNews::Mapped { base, mapped } => {
                    match Candidate::server_reflexive(mapped, base, Protocol::Udp) {
                        Ok(candidate) => {
                            self.events
                                .push_back(NetworkEvent::LocalCandidate(candidate));
                        }
                        Err(error) => {
                            tracing::debug!(%error, "a STUN server's answer makes no candidate")
                        }
                    }
                }
                StunNews::Failed(error) => {
                    self.events.push_back(NetworkEvent::CandidateError(error));
                }
            }
        }
    }
}
