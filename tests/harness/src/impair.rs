//! A bad network in user space, in front of a LiveKit server.
//!
//! A client that connects to [`Impairer::url`] instead of the server's address has its signalling
//! passed on, in which the server's candidates are replaced by the impairer's own address and the
//! client's are taken out. So all media must pass the impairer, which loses, delays, reorders and
//! repeats packets as told. It works for any client and needs no rights.

mod conditions;
mod flow;
mod link;
mod media;
mod rewrite;
mod signalling;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Result;
use room_launcher::LiveKitServer;
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::watch,
    task::JoinSet,
};

pub use conditions::Conditions;
pub use link::Link;

/// One bad network between clients and a server. Dropping it cuts everybody off.
#[derive(Debug)]
pub struct Impairer {
    signalling: SocketAddr,
    conditions: watch::Sender<Conditions>,
    /// Counts up to hang up all signalling connections.
    hang_up: watch::Sender<u64>,
    carried: Arc<Carried>,
    /// Both loops end with this value.
    _tasks: JoinSet<()>,
}

/// How many packets were handed over, in each direction.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    up: AtomicU64,
    down: AtomicU64,
}

impl Impairer {
    /// Starts a network in front of `server` that does no harm yet. The same seed gives the same
    /// misfortunes.
    ///
    /// # Errors
    /// When no port on loopback can be had.
    pub async fn start(server: &LiveKitServer, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let front = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?);
        let signalling = listener.local_addr()?;
        let media_server =
            SocketAddr::new(server.signalling_address().ip(), server.ports().rtc_udp());
        let (conditions, told) = watch::channel(Conditions::default());
        let (hang_up, hung_up) = watch::channel(0);
        let carried = Arc::new(Carried::default());

        let mut tasks = JoinSet::new();
        tasks.spawn(signalling::serve(signalling::Proxy {
            listener,
            server: server.signalling_address(),
            front: front.local_addr()?,
            hung_up,
        }));
        let media = media::Media {
            front,
            server: media_server,
            conditions: told,
            seed,
        };
        tasks.spawn(media.carry(Arc::clone(&carried)));
        Ok(Self {
            signalling,
            conditions,
            hang_up,
            carried,
            _tasks: tasks,
        })
    }

    /// Returns the address that clients connect to instead of the server's.
    pub fn url(&self) -> String {
        format!("ws://{}", self.signalling)
    }

    /// Changes what the network does to packets, in both directions, from now on.
    pub fn set(&self, conditions: Conditions) {
        self.conditions.send_replace(conditions);
    }

    /// Cuts all signalling connections; new ones are accepted.
    pub fn hang_up_signalling(&self) {
        self.hang_up.send_modify(|times| *times += 1);
    }

    /// Returns how many packets clients' sides have handed to the server's side.
    pub fn carried_up(&self) -> u64 {
        self.carried.up.load(Ordering::Relaxed)
    }

    /// Returns how many packets the server's side has handed to clients' sides.
    pub fn carried_down(&self) -> u64 {
        self.carried.down.load(Ordering::Relaxed)
    }
}
