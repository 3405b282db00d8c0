//! Receiving: takes what the sockets have, a batch at a time, and sorts it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Instant;

use futures_util::StreamExt;
use str0m::Candidate;
use str0m::net::{Protocol, TcpType};

use super::super::event::{NetworkEvent, Received};
use super::super::server::TransportPolicy;
use super::super::tcp::TcpNews;
use super::super::turn::TurnNews;
use super::Paths;

/// Packets taken from one socket before the others get their turn.
const BATCH: usize = 32;

impl Paths {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = crate::net::now();
        let mut progress = self.poll_hosts(cx, now).is_ready();
        progress |= self.poll_tcp(cx, now).is_ready();
        progress |= self.poll_relays(cx, now).is_ready();
        while let Poll::Ready(Some(resolved)) = self.resolving.poll_next_unpin(cx) {
            self.handle_resolved(now, resolved);
            progress = true;
        }
        if progress {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn poll_hosts(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        let mut progress = Poll::Pending;
        for index in 0..self.hosts.len() {
            for _ in 0..BATCH {
                let Poll::Ready(received) = self.hosts[index].poll_receive(cx, &self.pool) else {
                    break;
                };
                progress = Poll::Ready(());
                let Ok((source, contents)) = received else {
                    break;
                };
                let destination = self.hosts[index].address();
                self.tcp.fallback().handle_udp_packet(now, source);
                if self.stun.handle_packet(source, &contents) {
                    self.take_stun_news();
                } else if self.policy != TransportPolicy::Relay {
                    let protocol = Protocol::Udp;
                    self.receive(Received {
                        protocol,
                        source,
                        destination,
                        contents,
                    });
                }
            }
        }
        progress
    }

    fn poll_tcp(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        let mut news = VecDeque::new();
        let pool = &self.pool;
        let progress = self.tcp.poll(cx, now, &mut |told| {
            news.push_back(match told {
                TcpNews::Connected(local) => match tcp_candidate(local) {
                    Some(candidate) => NetworkEvent::LocalCandidate(candidate),
                    None => NetworkEvent::LocalGone(local),
                },
                TcpNews::Received {
                    local,
                    remote,
                    packet,
                } => NetworkEvent::Received(Received {
                    protocol: Protocol::Tcp,
                    source: remote,
                    destination: local,
                    contents: pool.copy(packet),
                }),
                TcpNews::Closed(local) => NetworkEvent::LocalGone(local),
            });
        });
        for event in news {
            match event {
                NetworkEvent::Received(received) => self.receive(received),
                other => self.events.push_back(other),
            }
        }
        progress
    }

    fn poll_relays(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        let mut progress = Poll::Pending;
        for _ in 0..BATCH {
            let Poll::Ready(news) = self.relays.poll(cx, now, &self.pool) else {
                break;
            };
            progress = Poll::Ready(());
            match news {
                TurnNews::Candidate(candidate) => {
                    self.events
                        .push_back(NetworkEvent::LocalCandidate(candidate));
                }
                TurnNews::Received {
                    peer,
                    relayed,
                    packet,
                } => self.receive(Received {
                    protocol: Protocol::Udp,
                    source: peer,
                    destination: relayed,
                    contents: packet,
                }),
                TurnNews::Failed(error) => {
                    self.events.push_back(NetworkEvent::CandidateError(error))
                }
                TurnNews::Lost(relayed) => {
                    self.events.push_back(NetworkEvent::LocalGone(relayed));
                    if self.in_use == Some(relayed) {
                        self.events.push_back(NetworkEvent::NetworkChanged);
                    }
                }
            }
        }
        progress
    }

    fn receive(&mut self, received: Received) {
        self.events.push_back(NetworkEvent::Received(received));
    }
}

fn tcp_candidate(local: SocketAddr) -> Option<Candidate> {
    Candidate::builder()
        .tcp()
        .host(local)
        .tcptype(TcpType::Active)
        .build()
        .ok()
}
