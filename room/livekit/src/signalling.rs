//! How the SDK reaches the server's signalling. What it brings along leaves Nagle's algorithm on, which holds each
//! message back that follows another one until the server has acknowledged that (40 ms on Linux), reads into a buffer of
//! 128 KiB for each connection, and sleeps for up to seven seconds between two looks for a server that was lost.

pub(crate) mod farewell;
mod line;
pub(crate) mod reach;
mod resumption;

use std::env;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use livekit_net::{Header, TransportError, WsClient, WsConnectResult, set_ws_client, ws_client};
use tokio_tungstenite::tungstenite::Error;

pub(crate) use self::farewell::Farewell;
use self::line::Line;
use self::reach::reach;

/// Has the SDK reach servers in this way from here on, in the whole process. Only the first call matters.
pub fn register() {
    set_ws_client(Arc::new(Client {
        behind_proxies: ws_client(),
    }));
}

struct Client {
    /// What the SDK brings along knows how to get through proxies.
    behind_proxies: Option<Arc<dyn WsClient>>,
}

#[async_trait]
impl WsClient for Client {
    async fn connect(
        &self,
        url: String,
        headers: Vec<Header>,
        timeout_ms: u64,
    ) -> Result<WsConnectResult, TransportError> {
        if let Some(other) = self.behind_proxies.as_ref().filter(|_| has_proxy(&url)) {
            return other.connect(url, headers, timeout_ms).await;
        }
        let farewell = Farewell::of(&url);
        let patience = Duration::from_millis(timeout_ms);
        let socket = reach(&url, headers, patience, &farewell).await?;
        Ok(WsConnectResult {
            connection: Arc::new(Line::new(socket, farewell.listener())),
        })
    }
}

/// Returns whether the environment names a proxy for this address, in the ways that the SDK knows.
fn has_proxy(url: &str) -> bool {
    let names = if url.starts_with("wss:") {
        ["HTTPS_PROXY", "https_proxy"]
    } else {
        ["HTTP_PROXY", "http_proxy"]
    };
    names
        .iter()
        .any(|name| env::var_os(name).is_some_and(|proxy| !proxy.is_empty()))
}

/// Says what went wrong in the SDK's terms.
fn told(error: Error) -> TransportError {
    match error {
        Error::Http(response) => TransportError::Http {
            status: response.status().as_u16(),
        },
        error => TransportError::Connection(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, SinkExt, StreamExt};
    use livekit_protocol::signal_response::Message as Said;
    use livekit_protocol::{ParticipantUpdate, ReconnectResponse, SignalResponse};
    use prost::Message as _;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::sync::oneshot;
    use tokio_tungstenite::accept_async;
    use tokio_tungstenite::tungstenite::Message;

    use super::reach::BUFFER;
    use super::*;

    const SOON: u64 = 10_000;

    /// A server for one caller, and its address.
    async fn server() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        (listener, format!("ws://{address}/rtc"))
    }

    fn frame(message: Said) -> Vec<u8> {
        let message = Some(message);
        SignalResponse { message }.encode_to_vec()
    }

    async fn connect(url: String, within: u64) -> Result<WsConnectResult, TransportError> {
        let client = Client {
            behind_proxies: None,
        };
        client.connect(url, Vec::new(), within).await
    }

    #[tokio::test]
    async fn what_is_said_arrives_both_ways_and_the_end_is_told() {
        let (listener, url) = server().await;
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a caller");
            let mut socket = accept_async(stream).await.expect("a handshake");
            let heard = socket.next().await.expect("a message").expect("whole");
            socket
                .send(Message::Ping("ping".into()))
                .await
                .expect("sent");
            socket.send(heard).await.expect("sent");
            let answer = socket.next().await.expect("an answer").expect("whole");
            socket.close(None).await.expect("closed");
            answer
        });

        let line = connect(url, SOON).await.expect("connected").connection;
        let long = vec![7; 10 * BUFFER];
        line.send(long.clone()).await.expect("sent");

        assert_eq!(line.recv().await.expect("heard"), Some(long));
        assert_eq!(line.recv().await.expect("the end"), None);
        assert_eq!(
            serving.await.expect("served"),
            Message::Pong("ping".into()),
            "pings are answered"
        );
    }

    #[tokio::test]
    async fn whoever_resumes_learns_at_the_same_time_who_is_there() {
        let (listener, url) = server().await;
        let answer = frame(Said::Reconnect(ReconnectResponse::default()));
        let names = frame(Said::Update(ParticipantUpdate::default()));
        let (sent_answer, sent_names) = (answer.clone(), names.clone());
        let (read_on, has_read_on) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a caller");
            let mut socket = accept_async(stream).await.expect("a handshake");
            for message in [
                Message::Binary(sent_answer.into()),
                Message::Ping("ping".into()),
            ] {
                socket.send(message).await.expect("sent");
            }
            let pong = socket.next().await.expect("an answer").expect("whole");
            assert_eq!(pong, Message::Pong("ping".into()));
            read_on.send(()).expect("somebody wants to know");
            let names = Message::Binary(sent_names.into());
            socket.send(names).await.expect("sent");
            socket
        });
        let line = connect(url, SOON).await.expect("connected").connection;

        assert_eq!(line.recv().await.expect("the answer"), Some(answer));
        has_read_on
            .now_or_never()
            .expect("not before the names")
            .expect("sent");
        assert_eq!(line.recv().await.expect("the names"), Some(names));
        drop(serving.await.expect("served"));
    }

    #[tokio::test]
    async fn a_refusal_is_told_with_its_status() {
        let (listener, url) = server().await;
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(refusal).await.expect("sent");
            stream
        });

        let refused = connect(url, SOON).await;

        assert!(matches!(refused, Err(TransportError::Http { status: 401 })));
        drop(serving.await.expect("served"));
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_not_waited_for() {
        let (_listener, url) = server().await;

        let late = connect(url, 50).await;

        assert!(matches!(late, Err(TransportError::Timeout)));
    }

    #[tokio::test]
    async fn what_is_no_address_is_an_error() {
        let refused = connect("ws://no port:x/".to_owned(), SOON).await;

        assert!(matches!(refused, Err(TransportError::Connection(_))));
    }
}
