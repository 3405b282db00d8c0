//! A wire between a guest and the server's signalling that a test can cut.

use std::net::SocketAddr;

use anyhow::Result;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// Passes TCP connections on, until it is told to cut them.
pub(crate) struct CuttableProxy {
    address: SocketAddr,
    cuts: watch::Sender<u32>,
    _accepting: JoinSet<()>,
}

impl CuttableProxy {
    /// Passes connections on to `server`.
    pub(crate) async fn to(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let cuts = watch::Sender::new(0);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, server, cuts.clone()));
        Ok(Self {
            address,
            cuts,
            _accepting: accepting,
        })
    }

    /// Returns what guests connect to.
    pub(crate) fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Cuts all connections. New ones are welcome.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, cuts: watch::Sender<u32>) {
    let mut connections = JoinSet::new();
    while let Ok((mut inside, _)) = listener.accept().await {
        let mut cut = cuts.subscribe();
        connections.spawn(async move {
            let Ok(mut outside) = TcpStream::connect(server).await else {
                return;
            };
            tokio::select! {
                _ = copy_bidirectional(&mut inside, &mut outside) => {}
                _ = cut.changed() => {}
            }
        });
        while connections.try_join_next().is_some() {}
    }
}
