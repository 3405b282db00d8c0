//! Passes signalling between clients and the server, changed as `rewrite` says.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async, client_async,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        handshake::server::{ErrorResponse, Request, Response},
        http::{HeaderValue, Uri, header::AUTHORIZATION},
    },
};

use super::rewrite;

/// Where clients come in and where their messages go.
pub(super) struct Proxy {
    pub(super) listener: TcpListener,
    pub(super) server: SocketAddr,
    /// Where the server's media seems to be.
    pub(super) front: SocketAddr,
    pub(super) hung_up: watch::Receiver<u64>,
}

/// Runs until it is dropped; connections end with it.
pub(super) async fn serve(proxy: Proxy) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = proxy.listener.accept().await {
        let (server, front, mut hung_up) = (proxy.server, proxy.front, proxy.hung_up.clone());
        hung_up.mark_unchanged();
        connections.spawn(async move {
            tokio::select! {
                // Failures are the business of client and server: both see their connection end.
                _ = pass(client, server, front) => {}
                _ = hung_up.changed() => {}
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn pass(client: TcpStream, server: SocketAddr, front: SocketAddr) -> Result<()> {
    client.set_nodelay(true)?;
    let mut asked = None;
    // The type of the error is the library's.
    #[expect(clippy::result_large_err, reason = "the callback's type is given")]
    let remember = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        asked = Some((
            request.uri().clone(),
            request.headers().get(AUTHORIZATION).cloned(),
        ));
        Ok(response)
    };
    let client = accept_hdr_async(client, remember).await?;
    let (uri, authorization) = asked.context("a handshake without a request")?;
    let server = connect(server, &uri, authorization).await?;
    let (mut to_client, mut from_client) = client.split();
    let (mut to_server, mut from_server) = server.split();
    let up = async {
        while let Some(message) = from_client.next().await {
            if let Some(message) = changed(message?, rewrite::request) {
                to_server.send(message).await?;
            }
        }
        anyhow::Ok(())
    };
    let down = async {
        while let Some(message) = from_server.next().await {
            if let Some(message) = changed(message?, |bytes| rewrite::response(bytes, front)) {
                to_client.send(message).await?;
            }
        }
        anyhow::Ok(())
    };
    tokio::select! {
        ended = up => ended,
        ended = down => ended,
    }
}

async fn connect(
    server: SocketAddr,
    uri: &Uri,
    authorization: Option<HeaderValue>,
) -> Result<WebSocketStream<TcpStream>> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = format!("ws://{server}{path}").into_client_request()?;
    request
        .headers_mut()
        .extend(authorization.map(|value| (AUTHORIZATION, value)));
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(client_async(request, stream).await?.0)
}

fn changed(message: Message, change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Message> {
    match message {
        Message::Binary(bytes) => change(&bytes).map(Message::binary),
        other => Some(other),
    }
}
