//! How a server is reached: at once or not at all by whoever comes, as soon as it is back by whoever was there.

use std::time::Duration;

use livekit_net::{Header, TransportError};
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::client_async_tls_with_config;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::{ClientRequestBuilder, uri_mode};
use tokio_tungstenite::tungstenite::error::UrlError;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::stream::Mode;

use super::farewell::Farewell;
use super::line::Socket;
use super::told;

/// Opening a connection: some six round trips of a slow network.
const CONNECT: Duration = Duration::from_secs(3);

/// How long a server that was lost is looked for, in all attempts of the SDK together: between two of them it pauses for
/// up to seven seconds.
const LOOKED_FOR: Duration = Duration::from_secs(20);

/// How long one glance takes. The network sends what was lost again, but later each time.
const GLANCE: Duration = Duration::from_secs(1);

/// From one glance to the next when nobody is there.
const PAUSE: Duration = Duration::from_millis(250);

/// An attempt takes no longer than this.
pub(crate) const LONGEST: Duration = LOOKED_FOR.saturating_add(CONNECT).saturating_add(CONNECT);

/// Most messages fit; longer ones make room for themselves.
pub(super) const BUFFER: usize = 4 << 10;

/// Opens a connection to a server's signalling.
///
/// # Errors
/// What stood in the way, in the SDK's terms.
pub(super) async fn reach(
    url: &str,
    headers: Vec<Header>,
    patience: Duration,
    farewell: &Farewell,
) -> Result<Socket, TransportError> {
    let address: Uri = url.parse().map_err(|error| told(Error::from(error)))?;
    let Some(since) = farewell.missed_since(Instant::now()) else {
        let opening = async { open(connect(&address).await?, &address, headers).await };
        return within(patience.min(CONNECT), opening).await;
    };
    let returning = async {
        let stream = select! {
            biased;
            () = farewell.begun() => return Err(TransportError::Connection("we leave".to_owned())),
            found = look_for(&address, since + LOOKED_FOR) => found?,
        };
        within(CONNECT, open(stream, &address, headers)).await
    };
    let socket = within(patience, returning).await?;
    farewell.found();
    Ok(socket)
}

/// Tries until somebody is there, once at least.
async fn look_for(address: &Uri, until: Instant) -> Result<TcpStream, TransportError> {
    loop {
        let next = Instant::now() + PAUSE;
        match within(GLANCE, connect(address)).await {
            Err(_) if next < until => sleep_until(next).await,
            found => return found,
        }
    }
}

async fn connect(address: &Uri) -> Result<TcpStream, TransportError> {
    let host = address.host().ok_or(Error::Url(UrlError::NoHostName));
    let host = host.map_err(told)?.trim_matches(['[', ']']);
    let usual = match uri_mode(address).map_err(told)? {
        Mode::Plain => 80,
        Mode::Tls => 443,
    };
    let port = address.port_u16().unwrap_or(usual);
    let connecting = TcpStream::connect((host, port)).await;
    let stream = connecting.map_err(|error| told(error.into()))?;
    // What is said is not held back until what was said before has arrived.
    stream
        .set_nodelay(true)
        .map_err(|error| told(error.into()))?;
    Ok(stream)
}

async fn open(
    stream: TcpStream,
    address: &Uri,
    headers: Vec<Header>,
) -> Result<Socket, TransportError> {
    let request = headers.into_iter().fold(
        ClientRequestBuilder::new(address.clone()),
        |request, header| request.with_header(header.name, header.value),
    );
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER);
    let opening = client_async_tls_with_config(request, stream, Some(config), None);
    let (socket, _) = opening.await.map_err(told)?;
    Ok(socket)
}

async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    timeout(time, work)
        .await
        .map_err(|_| TransportError::Timeout)?
}

#[cfg(test)]
mod tests {
    use std::iter;
    use std::net::SocketAddr;

    use futures_util::FutureExt;
    use tokio::net::TcpListener;
    use tokio_tungstenite::accept_async;

    use super::*;

    /// An address at which nobody listens.
    async fn nowhere() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address")
    }

    async fn reached(at: SocketAddr, farewell: &Farewell) -> Result<Socket, TransportError> {
        let url = format!("ws://{at}/rtc");
        reach(&url, Vec::new(), LONGEST, farewell).await
    }

    #[tokio::test]
    async fn whoever_comes_learns_at_once_that_nobody_is_there() {
        let refused = reached(nowhere().await, &Farewell::prepare()).await;

        assert!(matches!(refused, Err(TransportError::Connection(_))));
    }

    #[tokio::test]
    async fn messages_are_not_held_back() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let serving = async {
            let (stream, _) = listener.accept().await.expect("a caller");
            accept_async(stream).await.expect("a handshake")
        };
        let farewell = Farewell::prepare();

        let (found, _socket) = tokio::join!(reached(at, &farewell), serving);

        let socket = found.expect("connected");
        assert!(socket.get_ref().get_ref().nodelay().expect("an option"));
    }

    #[tokio::test]
    async fn whoever_was_there_finds_a_server_that_comes_back() {
        let (at, farewell) = (nowhere().await, Farewell::prepare());
        farewell.joined();
        let looking = reached(at, &farewell);
        tokio::pin!(looking);
        // It has looked once, and is to look again.
        let waits = timeout(PAUSE / 2, &mut looking).await;
        assert!(waits.is_err(), "{waits:?}");

        let listener = TcpListener::bind(at).await.expect("the same port");
        let serving = async {
            let (stream, _) = listener.accept().await.expect("a caller");
            accept_async(stream).await.expect("a handshake")
        };
        let (found, _socket) = tokio::join!(looking, serving);

        let stream = found.expect("found");
        assert!(stream.get_ref().get_ref().nodelay().expect("an option"));
        let again = Instant::now();
        assert_eq!(farewell.missed_since(again), Some(again), "it was found");
    }

    #[tokio::test]
    async fn a_server_that_stays_away_is_not_looked_for_any_more() {
        let (at, farewell) = (nowhere().await, Farewell::prepare());
        farewell.joined();
        let long_ago = Instant::now().checked_sub(LOOKED_FOR).expect("not long up");
        farewell.missed_since(long_ago);

        let given_up = reached(at, &farewell).await;

        assert!(matches!(given_up, Err(TransportError::Connection(_))));
    }

    #[tokio::test]
    async fn whoever_leaves_meanwhile_is_not_kept() {
        let (at, farewell) = (nowhere().await, Farewell::prepare());
        farewell.joined();
        let looking = reached(at, &farewell);
        tokio::pin!(looking);
        assert!(looking.as_mut().now_or_never().is_none());

        farewell.begin(iter::empty());

        assert!(looking.await.is_err());
    }
}
