//! One WebSocket from Twilio to a server.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest as _,
        error::UrlError,
        handshake::client::Request,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};
use url::Url;

use super::{Office, webhook::authority};
use crate::{
    Closed,
    core::{Input, SocketNews},
    sign,
};

/// How long Twilio waits for the handshake.
const CONNECT: Duration = Duration::from_secs(5);

/// A server that takes nothing for so long is gone.
const WRITE: Duration = Duration::from_secs(5);

/// A server that was told goodbye has this long to answer.
const GOODBYE: Duration = Duration::from_secs(2);

/// Far more than a server has to say at once.
const LONGEST_MESSAGE: usize = 16 << 20;

/// What is read at once: some messages of 20 ms. The reader blanks as much before each attempt.
const READ_AT_ONCE: usize = 4 << 10;

/// Messages that may wait for a slow server: two seconds of sound. What comes then is lost (31930).
pub(super) const QUEUE: usize = 100;

/// What a call wants of its socket.
#[derive(Debug)]
pub(super) enum Order {
    Send(String),
    Close { code: u16, reason: &'static str },
    Kill,
}

/// Opens a socket and carries messages both ways until it is closed. Its last news say how.
pub(super) async fn run(
    office: Arc<Office>,
    socket: u64,
    url: String,
    mut orders: mpsc::Receiver<Order>,
    inbox: mpsc::Sender<Input>,
) -> Input {
    let news = |news| Input::Socket { socket, news };
    let mut stream = match timeout(CONNECT, open(&office, &url)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err((code, text))) => {
            return news(SocketNews::Refused {
                code,
                text: text.to_owned(),
            });
        }
        Err(_) => {
            let text = "Stream - Connection - Connection timed out".to_owned();
            return news(SocketNews::Refused { code: 31_901, text });
        }
    };
    if inbox.send(news(SocketNews::Open)).await.is_err() {
        return news(closed(Closed::Twin, None));
    }
    let mut listens = true;
    loop {
        let heard = tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Send(text)) => {
                    match timeout(WRITE, stream.send(Message::text(text))).await {
                        Ok(Ok(())) => continue,
                        Ok(Err(_)) | Err(_) => return news(closed(Closed::Broken, None)),
                    }
                }
                Some(Order::Close { code, reason }) => {
                    say_goodbye(stream, code, reason).await;
                    return news(closed(Closed::Twin, None));
                }
                None => {
                    say_goodbye(stream, 1000, "").await;
                    return news(closed(Closed::Twin, None));
                }
                Some(Order::Kill) => return news(closed(Closed::Killed, None)),
            },
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => SocketNews::Text(text.as_str().to_owned()),
                Some(Ok(Message::Binary(_))) => SocketNews::Binary,
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(frame))) => {
                    drop(timeout(GOODBYE, stream.flush()).await);
                    return news(closed(Closed::Server, frame.map(|frame| frame.code.into())));
                }
                Some(Err(_)) | None => return news(closed(Closed::Broken, None)),
            },
        };
        // The call reads at its own pace; a server that says too much has to wait. A call that is over listens no more, but
        // its goodbye is still among the orders.
        if listens {
            listens = inbox.send(news(heard)).await.is_ok();
        }
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(office: &Office, url: &str) -> Result<Socket, (u16, &'static str)> {
    let reached = office.settings.reach(url);
    let address = Url::parse(&reached).map_err(|_| MALFORMED)?;
    let addresses = address.socket_addrs(|| None).map_err(|_| REFUSED)?;
    let tcp = TcpStream::connect(&*addresses).await.map_err(|_| REFUSED)?;
    // Small pieces of sound must not wait for each other.
    tcp.set_nodelay(true).map_err(|_| REFUSED)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_AT_ONCE)
        .max_message_size(Some(LONGEST_MESSAGE))
        .max_frame_size(Some(LONGEST_MESSAGE));
    let connector = match address.scheme() {
        "wss" => Connector::Rustls(Arc::clone(&office.tls)),
        _ => Connector::Plain,
    };
    let request = request(office, &reached, url).ok_or(MALFORMED)?;
    let opening = client_async_tls_with_config(request, tcp, Some(config), Some(connector));
    let (stream, _) = opening.await.map_err(|error| match error {
        Error::Tls(_) | Error::Url(UrlError::TlsFeatureNotEnabled) => {
            (31_910, "Stream - Connection - TLS error")
        }
        _ => (31_920, "Stream - WebSocket - Handshake Error"),
    })?;
    Ok(stream)
}

const MALFORMED: (u16, &str) = (31_923, "Stream - Connection - Malformed URL");
const REFUSED: (u16, &str) = (31_902, "Stream - Connection - Connection refused");

/// Returns the upgrade, signed for the public address.
fn request(office: &Office, reached: &str, url: &str) -> Option<Request> {
    let mut request = reached.into_client_request().ok()?;
    let signature = sign(&office.settings.auth_token, url, &[]);
    let host = authority(&Url::parse(url).ok()?);
    let headers = request.headers_mut();
    headers.insert("host", host.parse().ok()?);
    headers.insert("x-twilio-signature", signature.parse().ok()?);
    headers.insert("user-agent", "Twilio.TmeWs/1.0".parse().ok()?);
    Some(request)
}

async fn say_goodbye(mut stream: Socket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: reason.into(),
    };
    let answered = async {
        if stream.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    drop(timeout(GOODBYE, answered).await);
}

pub(super) const fn closed(by: Closed, code: Option<u16>) -> SocketNews {
    SocketNews::Closed { by, code }
}
