//! A TCP proxy that breaks, on command, what it carries.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
    time::sleep,
};
use url::Url;

use crate::server::Listening;

/// How much is carried at once.
const BLOCK: usize = 16 << 10;

/// Between two bytes that drip.
const DRIP: Duration = Duration::from_millis(20);

/// What is not a protocol of anybody.
const GARBAGE: &[u8] = b"\x00\xff\x17<html>\xc3\x28 garbage \x01\x02\x03\r\n\r\n";

/// What happens to everything that is carried, until the next command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    /// Nothing: bytes go through.
    None,
    /// Bytes wait, in both directions. Nothing is lost.
    Stall,
    /// All connections are reset, and each new one at once.
    Reset,
    /// The next bytes of the server are replaced by garbage.
    Garbage,
    /// The server's bytes come one by one.
    Drip,
}

/// A proxy before one server.
#[derive(Debug)]
pub struct Chaos {
    listening: Listening,
    command: Arc<watch::Sender<Mischief>>,
    target: Url,
}

impl Chaos {
    /// Starts a proxy before the server of `target`.
    ///
    /// # Errors
    /// `target` has no address, or no port is free.
    pub async fn before(target: &Url) -> io::Result<Self> {
        let invalid = || io::Error::from(io::ErrorKind::InvalidInput);
        let server = *target.socket_addrs(|| None)?.first().ok_or_else(invalid)?;
        let command = Arc::new(watch::Sender::new(Mischief::None));
        let orders = Arc::clone(&command);
        let listening =
            Listening::start(0, move |client| carry(client, server, orders.subscribe()));
        Ok(Self {
            listening: listening.await?,
            command,
            target: target.clone(),
        })
    }

    /// Returns the target's address with the proxy in its place.
    #[must_use]
    pub fn url(&self) -> Url {
        let mut url = self.target.clone();
        let address = self.listening.address;
        // Neither can fail for a URL that had an address.
        let _ = url.set_ip_host(address.ip());
        let _ = url.set_port(Some(address.port()));
        url
    }

    /// Does this to everything from here on.
    pub fn order(&self, mischief: Mischief) {
        self.command.send_replace(mischief);
    }
}

/// Carries one connection until one side hangs up or it is reset.
async fn carry(mut client: TcpStream, server: SocketAddr, mut orders: watch::Receiver<Mischief>) {
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    let _ = server.set_nodelay(true);
    let is_reset = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let mut resets = orders.clone();
        tokio::select! {
            () = up(from_client, to_server, orders.clone()) => false,
            () = down(from_server, to_client, &mut orders) => false,
            _ = resets.wait_for(|order| *order == Mischief::Reset) => true,
        }
    };
    if is_reset {
        for stream in [&client, &server] {
            let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
    }
}

/// What the client sends only ever waits.
async fn up(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut orders: watch::Receiver<Mischief>,
) {
    let mut block = vec![0; BLOCK];
    while let Ok(length @ 1..) = from.read(&mut block).await {
        let flows = orders
            .wait_for(|order| *order != Mischief::Stall)
            .await
            .is_ok();
        if !flows || to.write_all(&block[..length]).await.is_err() {
            return;
        }
    }
}

async fn down(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    orders: &mut watch::Receiver<Mischief>,
) {
    let mut block = vec![0; BLOCK];
    while let Ok(length @ 1..) = from.read(&mut block).await {
        let Ok(order) = orders
            .wait_for(|order| *order != Mischief::Stall)
            .await
            .map(|order| *order)
        else {
            return;
        };
        let written = match order {
            Mischief::Garbage => to.write_all(GARBAGE).await,
            Mischief::Drip => drip(&mut to, &block[..length]).await,
            Mischief::None | Mischief::Stall | Mischief::Reset => {
                to.write_all(&block[..length]).await
            }
        };
        if written.is_err() {
            return;
        }
    }
}

async fn drip(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        to.write_all(&[*byte]).await?;
        sleep(DRIP).await;
    }
    Ok(())
}
