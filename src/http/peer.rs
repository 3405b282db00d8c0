//! Where a request comes from.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

const FORWARDED: &str = "x-forwarded-for";

/// The other end of the connection, put onto each of its requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The address of whoever asks. A proxy on this machine or in a private network is believed about whom it asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker(pub(crate) IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>();
        // Called without a socket there is no other end.
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| {
            peer.0.to_canonical()
        });
        let told = is_near(peer).then(|| forwarded(&parts.headers)).flatten();
        Ok(Self(told.unwrap_or(peer)))
    }
}

/// The last entry is the proxy's own; those before it are whatever the asker wrote.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers
        .get_all(FORWARDED)
        .iter()
        .next_back()?
        .to_str()
        .ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[tokio::test]
    async fn a_near_proxy_is_believed_and_nobody_else() {
        for (peer, headers, asker) in [
            (
                "127.0.0.1",
                &["198.51.100.1, 203.0.113.7"][..],
                "203.0.113.7",
            ),
            ("10.0.0.2", &["192.0.2.9", "203.0.113.7"], "203.0.113.7"),
            ("::ffff:10.0.0.2", &["2001:db8::1"], "2001:db8::1"),
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("127.0.0.1", &["rubbish"], "127.0.0.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
        ] {
            let mut request = Request::get("/");
            for value in headers {
                request = request.header(FORWARDED, *value);
            }
            let (mut parts, ()) = request.body(()).unwrap().into_parts();
            parts.extensions.insert(Peer(peer.parse().unwrap()));

            let Ok(found) = Asker::from_request_parts(&mut parts, &()).await;

            assert_eq!(
                found.0,
                asker.parse::<IpAddr>().unwrap(),
                "{peer} {headers:?}"
            );
        }
    }
}
