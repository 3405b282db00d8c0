//! Opens the connection to a TURN server: name, socket, TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::super::framing::Framing;
use super::super::host::HostSocket;
use super::super::link::StreamLink;
use super::super::resolve::{ResolveError, resolve};
use super::super::server::{ServerTransport, ServerUrl};
use super::super::tcp::plain_link;

/// The way to a TURN server.
pub(super) enum RelayTransport {
    Udp(HostSocket, SocketAddr),
    Stream(StreamLink),
}

/// The server could not be reached.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    #[error("no way to the TURN server: {0}")]
    Socket(io::Error),
    #[error("the TLS connection to the TURN server failed: {0}")]
    Tls(io::Error),
    #[error("the TURN server's name cannot stand in a certificate")]
    Name,
    #[error("TLS is not available: {0}")]
    Config(rustls::Error),
}

/// Connects to the first of the server's addresses that accepts. Has no deadline of its own.
pub(super) async fn open(
    url: ServerUrl,
    roots: Option<Arc<RootCertStore>>,
) -> Result<RelayTransport, OpenError> {
    let mut failure = OpenError::Resolve(ResolveError::Empty);
    for server in resolve(&url.host, url.port).await? {
        let opened = match url.transport {
            ServerTransport::Udp => HostSocket::bind_towards(server)
                .map(|socket| RelayTransport::Udp(socket, server))
                .map_err(OpenError::Socket),
            ServerTransport::Tcp => connect(server)
                .await
                .and_then(|stream| plain_link(stream, Framing::Turn))
                .map(RelayTransport::Stream)
                .map_err(OpenError::Socket),
            ServerTransport::Tls => open_tls(server, &url.host, roots.clone()).await,
        };
        match opened {
            Ok(transport) => return Ok(transport),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(server).await
}

async fn open_tls(
    server: SocketAddr,
    host: &str,
    roots: Option<Arc<RootCertStore>>,
) -> Result<RelayTransport, OpenError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| OpenError::Name)?;
    let config = client_config(roots)?;
    let stream = connect(server).await.map_err(OpenError::Socket)?;
    stream.set_nodelay(true).map_err(OpenError::Socket)?;
    let addresses = stream
        .local_addr()
        .and_then(|local| Ok((local, stream.peer_addr()?)))
        .map_err(OpenError::Socket)?;
    let stream = TlsConnector::from(config)
        .connect(name, stream)
        .await
        .map_err(OpenError::Tls)?;
    Ok(RelayTransport::Stream(StreamLink::new(
        Box::new(stream),
        addresses,
        Framing::Turn,
    )))
}

fn client_config(roots: Option<Arc<RootCertStore>>) -> Result<Arc<ClientConfig>, OpenError> {
    /// Reading the system's roots takes tens of milliseconds: once per process, when needed.
    static SYSTEM_ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        Arc::new(roots)
    });

    let roots = roots.unwrap_or_else(|| SYSTEM_ROOTS.clone());
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(OpenError::Config)?
            .with_root_certificates(roots)
            .with_no_client_auth();
    Ok(Arc::new(config))
}
