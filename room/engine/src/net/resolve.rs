//! Looks up the addresses of STUN and TURN servers.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// A resolver that is slower than this is as good as silent.
const DEADLINE: Duration = Duration::from_secs(5);

/// Each lookup may hold a thread of the runtime until the system's resolver gives up, whoever has
/// stopped waiting for it. With more than this under way the others wait their turn, within their
/// own deadline, and go with the connection that wanted them.
static UNDER_WAY: Semaphore = Semaphore::const_new(8);

/// A server's name could not be turned into an address.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    #[error("the server's name could not be looked up in time")]
    TimedOut,
    #[error("the server's name could not be looked up: {0}")]
    Failed(std::io::Error),
    #[error("the server's name has no address")]
    Empty,
}

/// Returns at least one address.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
    let lookup = async {
        // A literal address needs no resolver.
        if let Ok(ip) = host.parse() {
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        let turn = UNDER_WAY.acquire().await;
        let name = (host.to_owned(), port);
        let lookup = spawn_blocking(move || {
            // Held until the resolver is through, not until nobody waits any more.
            let _turn = turn;
            Ok::<Vec<_>, std::io::Error>(name.to_socket_addrs()?.collect())
        });
        let found = lookup.await.map_err(std::io::Error::from);
        found.and_then(|found| found).map_err(ResolveError::Failed)
    };
    let addresses: Vec<SocketAddr> = timeout(DEADLINE, lookup)
        .await
        .map_err(|_| ResolveError::TimedOut)??;
    if addresses.is_empty() {
        Err(ResolveError::Empty)
    } else {
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn literal_addresses_need_no_resolver() {
        let address = resolve("::1", 3478).await.unwrap();

        assert_eq!(address, ["[::1]:3478".parse::<SocketAddr>().unwrap()]);
    }
}
