//! Keeps tools away from addresses that a stranger on the phone must not make this machine ask.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use agent_contract::BoxError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How far a tool may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The internet.
    Public,
    /// The internet, this machine and private networks.
    Private,
}

impl Reach {
    pub(super) fn of(allow_private: bool) -> Self {
        if allow_private {
            Self::Private
        } else {
            Self::Public
        }
    }

    pub(super) fn allows(self, address: IpAddr) -> bool {
        match Zone::of(address) {
            Zone::Public => true,
            Zone::Private => self == Self::Private,
            Zone::Nobody => false,
        }
    }
}

/// A name leads only to places that a tool must not reach.
#[derive(Debug, thiserror::Error)]
#[error("the host has no address that a tool may reach")]
pub(super) struct OutOfReach;

/// Finds the addresses of a name and hands on those that are allowed. The connection goes to what it hands on, so a
/// name cannot change its mind in between.
#[derive(Debug)]
pub(super) struct Guard {
    reach: Reach,
}

impl Guard {
    pub(super) fn new(reach: Reach) -> Arc<Self> {
        Arc::new(Self { reach })
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(BoxError::from(OutOfReach));
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Where an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    Public,
    /// This machine, or a network of one's own.
    Private,
    /// Link-local, where clouds hand out their credentials; groups; what is kept for other purposes.
    Nobody,
}

impl Zone {
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Zone {
    match address.octets() {
        [127 | 10, ..] | [192, 168, ..] => Zone::Private,
        [172, second, ..] if (16..32).contains(&second) => Zone::Private,
        // Shared by the customers of one provider, and by some private networks.
        [100, second, ..] if (64..128).contains(&second) => Zone::Private,
        [0 | 224..=255, ..] | [169, 254, ..] => Zone::Nobody,
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => Zone::Nobody,
        [198, 51, 100, _] | [203, 0, 113, _] => Zone::Nobody,
        _ => Zone::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Zone {
    if address.is_loopback() {
        return Zone::Private;
    }
    match address.segments() {
        // These hold an IPv4 address, and lead to it: mapped, translated, 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            of_v4(embedded(high, low))
        }
        [0x2002, high, low, ..] => of_v4(embedded(high, low)),
        [0xfc00..=0xfdff, ..] => Zone::Private,
        // Teredo, documentation and the like.
        [0x2001, 0..0x200 | 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => Zone::Nobody,
        // All that is given out to networks begins with 001.
        [0x2000..=0x3fff, ..] => Zone::Public,
        _ => Zone::Nobody,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(address: &str) -> Zone {
        Zone::of(address.parse().expect("an address"))
    }

    #[test]
    fn the_internet_is_public() {
        for address in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
        ] {
            assert_eq!(zone(address), Zone::Public, "{address}");
        }
    }

    #[test]
    fn this_machine_and_networks_of_ones_own_are_private() {
        let addresses = [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ];
        for address in addresses {
            assert_eq!(zone(address), Zone::Private, "{address}");
        }
    }

    #[test]
    fn credentials_of_clouds_groups_and_reserved_addresses_are_for_nobody() {
        let addresses = [
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "203.0.113.5",
            "::",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "::ffff:169.254.169.254",
            "::ffff:0.0.0.0",
            "2001:db8::1",
            "2001:0:1::",
            "64:ff9b::a9fe:a9fe",
            "::7f00:1",
        ];
        for address in addresses {
            assert_eq!(zone(address), Zone::Nobody, "{address}");
        }
    }
}
