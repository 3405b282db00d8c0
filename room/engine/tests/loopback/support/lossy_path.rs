//! A path between two connections that loses packets, and can be cut.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use room_engine::IceCandidate;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// Lost packets of a hundred, each way.
#[derive(Clone, Copy)]
pub(crate) struct Loss(pub(crate) u32);

/// Everything is lost: the path is cut.
const ALL: u32 = 100;

/// Stands in front of the callee: what the caller sends here is passed on, and back.
pub(crate) struct LossyPath {
    front: SocketAddr,
    loss: Arc<AtomicU32>,
    callee: Address,
    _pumps: JoinSet<()>,
}

impl LossyPath {
    pub(crate) async fn new(loss: Loss) -> Self {
        let front = Arc::new(bind().await);
        let back = Arc::new(bind().await);
        let loss = Arc::new(AtomicU32::new(loss.0));
        let (caller, callee) = (Address::default(), Address::default());
        let address = front.local_addr().unwrap();
        let mut pumps = JoinSet::new();
        pumps.spawn(pump(
            front.clone(),
            back,
            (caller, callee.clone()),
            loss.clone(),
        ));
        Self {
            front: address,
            loss,
            callee,
            _pumps: pumps,
        }
    }

    pub(crate) fn cut(&self) {
        self.loss.store(ALL, Ordering::Relaxed);
    }

    /// Makes the callee's loopback candidate one of this path and leaves the others out.
    pub(crate) fn redirection(
        &self,
    ) -> impl Fn(IceCandidate) -> Option<IceCandidate> + Send + use<> {
        let (front, callee) = (self.front, self.callee.clone());
        move |candidate| {
            let mut words: Vec<String> = candidate.text.split(' ').map(str::to_owned).collect();
            let is_usable = words[2].eq_ignore_ascii_case("udp") && words[4] == "127.0.0.1";
            if !is_usable {
                return None;
            }
            *callee.lock() = Some(format!("{}:{}", words[4], words[5]).parse().unwrap());
            words[5] = front.port().to_string();
            Some(IceCandidate {
                text: words.join(" "),
                ..candidate
            })
        }
    }
}

type Address = Arc<Mutex<Option<SocketAddr>>>;

async fn pump(
    front: Arc<UdpSocket>,
    back: Arc<UdpSocket>,
    (caller, callee): (Address, Address),
    loss: Arc<AtomicU32>,
) {
    let (mut out, mut home) = ([0; 2048], [0; 2048]);
    loop {
        tokio::select! {
            Ok((length, from)) = front.recv_from(&mut out) => {
                *caller.lock() = Some(from);
                let to = *callee.lock();
                pass(&back, to, &out[..length], &loss).await;
            }
            Ok((length, _)) = back.recv_from(&mut home) => {
                let to = *caller.lock();
                pass(&front, to, &home[..length], &loss).await;
            }
        }
    }
}

async fn pass(socket: &UdpSocket, to: Option<SocketAddr>, packet: &[u8], loss: &AtomicU32) {
    let is_lost = fastrand::u32(0..ALL) < loss.load(Ordering::Relaxed);
    if let Some(to) = to.filter(|_| !is_lost) {
        drop(socket.send_to(packet, to).await);
    }
}

async fn bind() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}
