//! Blocks of ports, one per server, that no two launchers on a machine share.

use std::{
    net::{Ipv4Addr, TcpListener},
    process,
    sync::atomic::{AtomicU16, Ordering},
};

use crate::LaunchError;

/// Below the range from which Linux takes ephemeral ports (32768 and up), so that no outgoing
/// connection sits on a port of ours.
const FIRST: u16 = 20_000;
const BLOCKS: u16 = 300;
const SIZE: u16 = 40;

/// The ports of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    base: u16,
}

impl Ports {
    /// Returns the port of signalling, HTTP API and health.
    pub fn signalling(self) -> u16 {
        self.base + 1
    }

    /// Returns the port of ICE over TCP.
    pub fn rtc_tcp(self) -> u16 {
        self.base + 2
    }

    /// Returns the one UDP port of all media.
    pub fn rtc_udp(self) -> u16 {
        self.base + 3
    }

    /// Returns the port of TURN over UDP; in use when that is switched on.
    pub fn turn_udp(self) -> u16 {
        self.base + 4
    }

    /// Returns the port of TURN over TLS; in use when that is switched on.
    pub fn turn_tls(self) -> u16 {
        self.base + 5
    }

    /// Returns first and last of the ports that TURN relays from.
    pub fn turn_relays(self) -> (u16, u16) {
        (self.base + 8, self.base + SIZE - 1)
    }
}

/// A claimed block: as long as it lives, no other launcher takes its ports.
#[derive(Debug)]
pub(crate) struct PortBlock {
    pub(crate) ports: Ports,
    /// The claim is a bound socket on the block's first port: the kernel gives it to one process
    /// only, and takes it back however that process ends.
    _claim: TcpListener,
}

impl PortBlock {
    /// Claims a block that nobody holds.
    pub(crate) fn claim() -> Result<Self, LaunchError> {
        static NEXT: AtomicU16 = AtomicU16::new(0);

        // Processes start at different places, so that they seldom try the same block at once.
        let start = u16::try_from(process::id() % u32::from(BLOCKS)).unwrap_or_default();
        for _ in 0..BLOCKS {
            let turn = NEXT.fetch_add(1, Ordering::Relaxed) % BLOCKS;
            let ports = Ports {
                base: FIRST + (start + turn) % BLOCKS * SIZE,
            };
            if let Ok(claim) = TcpListener::bind((Ipv4Addr::LOCALHOST, ports.base)) {
                return Ok(Self {
                    ports,
                    _claim: claim,
                });
            }
        }
        Err(LaunchError::NoPorts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_claims_never_share_a_port() {
        let one = PortBlock::claim().unwrap();
        let two = PortBlock::claim().unwrap();

        assert!(one.ports.base.abs_diff(two.ports.base) >= SIZE);
    }

    #[test]
    fn all_blocks_stay_below_the_ephemeral_ports() {
        let last = Ports {
            base: FIRST + (BLOCKS - 1) * SIZE,
        };

        assert!(last.turn_relays().1 < 32_768);
    }
}
