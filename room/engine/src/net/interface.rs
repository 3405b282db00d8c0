//! Which addresses of this machine a connection may use.

use std::io;
use std::net::IpAddr;

use if_addrs::{IfOperStatus, Interface};

/// More addresses than any sane host has; each one costs a socket per connection.
const MAX_ADDRESSES: usize = 16;

/// Returns the usable addresses, sorted, without doubles.
pub(super) fn addresses() -> io::Result<Vec<IpAddr>> {
    Ok(select(&if_addrs::get_if_addrs()?))
}

fn select(interfaces: &[Interface]) -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = interfaces
        .iter()
        .filter(|interface| is_usable(interface))
        .map(Interface::ip)
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.truncate(MAX_ADDRESSES);
    addresses
}

/// Link-local addresses need a scope that SDP cannot carry.
fn is_usable(interface: &Interface) -> bool {
    let up = !matches!(
        interface.oper_status,
        IfOperStatus::Down | IfOperStatus::NotPresent | IfOperStatus::LowerLayerDown
    );
    let ip = interface.ip();
    up && !interface.is_link_local() && !ip.is_unspecified() && !ip.is_multicast()
}

#[cfg(test)]
mod tests {
    use if_addrs::{IfAddr, Ifv4Addr, Ifv6Addr};
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn interface(ip: &str, oper_status: IfOperStatus) -> Interface {
        let addr = match ip.parse().unwrap() {
            IpAddr::V4(ip) => IfAddr::V4(Ifv4Addr {
                ip,
                netmask: Ipv4Addr::BROADCAST,
                prefixlen: 32,
                broadcast: None,
            }),
            IpAddr::V6(ip) => IfAddr::V6(Ifv6Addr {
                ip,
                netmask: Ipv6Addr::UNSPECIFIED,
                prefixlen: 128,
                broadcast: None,
            }),
        };
        Interface {
            name: "test0".into(),
            addr,
            index: None,
            oper_status,
            is_p2p: false,
        }
    }

    #[test]
    fn link_local_addresses_and_interfaces_that_are_down_are_left_out() {
        let selected = select(&[
            interface("10.0.0.2", IfOperStatus::Up),
            interface("10.0.0.3", IfOperStatus::Down),
            interface("169.254.1.1", IfOperStatus::Up),
            interface("fe80::1", IfOperStatus::Up),
            interface("fd00::1", IfOperStatus::Unknown),
            interface("127.0.0.1", IfOperStatus::Up),
            interface("10.0.0.2", IfOperStatus::Up),
        ]);

        let expected: Vec<IpAddr> = ["10.0.0.2", "127.0.0.1", "fd00::1"]
            .map(|ip| ip.parse().unwrap())
            .into();
        assert_eq!(selected, expected);
    }

    #[test]
    fn a_machine_with_very_many_addresses_does_not_cost_a_socket_for_each() {
        let many: Vec<_> = (0..200)
            .map(|n| interface(&format!("10.0.0.{n}"), IfOperStatus::Up))
            .collect();

        assert_eq!(select(&many).len(), MAX_ADDRESSES);
    }
}
