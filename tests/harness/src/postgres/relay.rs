//! A wire to the tests' `PostgreSQL` that a test can cut.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How much is carried at once.
const BLOCK: usize = 16 << 10;

/// Carries connections to a database, until it is cut.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    database: String,
    flow: watch::Sender<Flow>,
    _accepting: JoinSet<()>,
}

/// What becomes of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Passes,
    Waits,
}

impl Relay {
    /// Lays a wire to a database that [`new_database`](super::new_database) has made.
    ///
    /// # Errors
    ///
    /// The address is not one of those, or no port is free.
    pub async fn to(database: &str) -> Result<Self> {
        let (database, folder) = database
            .strip_prefix("postgres://patchbay@localhost/")
            .and_then(|rest| rest.split_once("?host="))
            .context("the database is none of the tests'")?;
        let socket = PathBuf::from(folder).join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let flow = watch::Sender::new(Flow::Passes);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, socket, flow.clone()));
        Ok(Self {
            address,
            database: database.to_owned(),
            flow,
            _accepting: accepting,
        })
    }

    /// Returns the address of the database by this wire.
    #[must_use]
    pub fn database(&self) -> String {
        let (address, name) = (self.address, &self.database);
        format!("postgres://patchbay@{address}/{name}?sslmode=disable")
    }

    /// Cuts the wire. As in a network nobody is told: what is sent waits, and so do hang-ups and new connections.
    pub fn cut(&self) {
        self.flow.send_replace(Flow::Waits);
    }

    /// Mends the wire. All that waits arrives.
    pub fn mend(&self) {
        self.flow.send_replace(Flow::Passes);
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, flow: watch::Sender<Flow>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let (socket, flow) = (socket.clone(), flow.subscribe());
        connections.spawn(async move {
            if let Ok(server) = UnixStream::connect(socket).await {
                let (from_client, to_client) = client_halves(client);
                let (from_server, to_server) = server.into_split();
                tokio::select! {
                    () = carry(from_client, to_server, flow.clone()) => {}
                    () = carry(from_server, to_client, flow) => {}
                }
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

fn client_halves(client: TcpStream) -> (impl AsyncRead + Unpin, impl AsyncWrite + Unpin) {
    // A statement and its answer are small, and each waits for the other.
    let _ = client.set_nodelay(true);
    client.into_split()
}

/// Carries bytes one way until somebody has hung up.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut flow: watch::Receiver<Flow>,
) {
    let mut block = vec![0; BLOCK];
    loop {
        let read = from.read(&mut block).await.unwrap_or_default();
        let passes = flow.wait_for(|flow| *flow == Flow::Passes).await.is_ok();
        if read == 0 || !passes || to.write_all(&block[..read]).await.is_err() {
            return;
        }
    }
}
