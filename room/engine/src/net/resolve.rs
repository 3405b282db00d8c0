//! Looks up the addresses of STUN and TURN servers.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

/// A resolver that is slower than this is as good as silent.
const DEADLINE: Duration = Duration::from_secs(5);

/// Each lookup may hold a thread of the runtime until the system's resolver gives up. With more
/// than this under way the others wait their turn, within their own deadline.
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
        let _turn = UNDER_WAY.acquire().await;
        let found = tokio::net::lookup_host((host, port))
            .await
            .map_err(ResolveError::Failed)?;
        Ok(found.collect())
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
