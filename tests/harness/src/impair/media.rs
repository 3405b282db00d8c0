//! Receives clients' packets on one socket and gives each client a flow of its own.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use tokio::{
    net::UdpSocket,
    sync::{
        mpsc::{self, error::TrySendError},
        watch,
    },
    task::JoinSet,
};

use super::{Carried, Conditions, flow::Flow};

/// Larger than any packet that passes a network.
pub(super) const LARGEST_PACKET: usize = 2_048;
/// Packets wait here for a scheduler's moment only. When full, they are dropped, as by a socket.
const WAITING: usize = 1_024;

/// Where media comes in and where it goes.
pub(super) struct Media {
    pub(super) front: Arc<UdpSocket>,
    pub(super) server: SocketAddr,
    pub(super) conditions: watch::Receiver<Conditions>,
    pub(super) seed: u64,
}

impl Media {
    /// Runs until it is dropped; flows end with it.
    pub(super) async fn carry(self, carried: Arc<Carried>) {
        let mut flows = JoinSet::new();
        let mut clients: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>> = HashMap::new();
        let mut buffer = [0; LARGEST_PACKET];
        loop {
            // An error is the echo of a packet that an ended client did not take.
            let Ok((length, client)) = self.front.recv_from(&mut buffer).await else {
                continue;
            };
            let packet = buffer[..length].to_vec();
            let Some(packets) = clients.get(&client) else {
                let (packets, taken) = mpsc::channel(WAITING);
                let seed = self.seed.wrapping_add(clients.len() as u64);
                let Ok(flow) = self.flow(client, seed).await else {
                    continue;
                };
                flows.spawn(flow.carry(taken, Arc::clone(&carried)));
                // The first packet fits in an empty queue.
                let _ = packets.try_send(packet);
                clients.insert(client, packets);
                continue;
            };
            if let Err(TrySendError::Closed(_)) = packets.try_send(packet) {
                clients.remove(&client);
            }
        }
    }

    async fn flow(&self, client: SocketAddr, seed: u64) -> std::io::Result<Flow> {
        let back = UdpSocket::bind((self.server.ip(), 0)).await?;
        back.connect(self.server).await?;
        Ok(Flow {
            client,
            front: Arc::clone(&self.front),
            back,
            conditions: self.conditions.clone(),
            seed,
        })
    }
}
