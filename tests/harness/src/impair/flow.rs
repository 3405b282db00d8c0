//! Carries one client's packets over two links, up and down.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use tokio::{
    net::UdpSocket,
    sync::{mpsc, watch},
    time::sleep_until,
};

use super::{Carried, Conditions, Link, media::LARGEST_PACKET};

/// One client's path to the server and back.
pub(super) struct Flow {
    pub(super) client: SocketAddr,
    pub(super) front: Arc<UdpSocket>,
    /// What the server takes for the client.
    pub(super) back: UdpSocket,
    pub(super) conditions: watch::Receiver<Conditions>,
    pub(super) seed: u64,
}

impl Flow {
    /// Runs until nobody sends any more, or the network itself is gone.
    pub(super) async fn carry(
        mut self,
        mut packets: mpsc::Receiver<Vec<u8>>,
        carried: Arc<Carried>,
    ) {
        let mut up = Link::new(self.seed);
        let mut down = Link::new(!self.seed);
        let mut buffer = [0; LARGEST_PACKET];
        loop {
            let conditions = *self.conditions.borrow_and_update();
            up.handle_conditions(conditions);
            down.handle_conditions(conditions);
            tokio::select! {
                packet = packets.recv() => match packet {
                    Some(packet) => up.handle_packet(Instant::now(), packet),
                    None => return,
                },
                // An error tells of a server that is gone for the moment.
                received = self.back.recv(&mut buffer) => if let Ok(length) = received {
                    down.handle_packet(Instant::now(), buffer[..length].to_vec());
                },
                changed = self.conditions.changed() => if changed.is_err() { return },
                () = next_arrival(&up, &down) => {}
            }
            while let Some(packet) = up.poll_packet(Instant::now()) {
                carried.up.fetch_add(1, Ordering::Relaxed);
                // A packet that a socket does not take is lost, which networks may do.
                let _ = self.back.send(&packet).await;
            }
            while let Some(packet) = down.poll_packet(Instant::now()) {
                carried.down.fetch_add(1, Ordering::Relaxed);
                let _ = self.front.send_to(&packet, self.client).await;
            }
        }
    }
}

async fn next_arrival(up: &Link<Vec<u8>>, down: &Link<Vec<u8>>) {
    match up.deadline().into_iter().chain(down.deadline()).min() {
        Some(due) => sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
