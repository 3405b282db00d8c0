//! A pair of connections, and the ways to wait for what they report.

mod lossy_path;
mod seen;

use std::time::Duration;

use room_engine::{
    Connection, ConnectionConfig, ConnectionState, DataChannel, DataChannelConfig, Description,
    Direction, IceCandidate, MediaKind, OfferPurpose, SendEncoding, Transceiver, TransceiverInit,
};
use tokio::sync::mpsc;

pub(crate) use lossy_path::{Loss, LossyPath};
pub(crate) use seen::Seen;

/// Nothing on loopback takes longer, not even on a machine with other work to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Two connections whose candidates reach each other.
pub(crate) struct Pair {
    pub(crate) caller: Connection,
    pub(crate) callee: Connection,
    pub(crate) caller_states: Seen<ConnectionState>,
    pub(crate) callee_states: Seen<ConnectionState>,
    path: Option<LossyPath>,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::configured(ConnectionConfig::default())
    }

    pub(crate) fn configured(config: ConnectionConfig) -> Self {
        let pair = Self::unacquainted(config);
        pass_candidates(&pair.caller, &pair.callee, Some);
        pass_candidates(&pair.callee, &pair.caller, Some);
        pair
    }

    /// Two connections that can only reach each other through `path`.
    pub(crate) fn over(path: LossyPath) -> Self {
        let mut pair = Self::unacquainted(ConnectionConfig::default());
        let redirect = path.redirection();
        pass_candidates(&pair.callee, &pair.caller, move |candidate| {
            redirect(candidate)
        });
        pair.path = Some(path);
        pair
    }

    fn unacquainted(config: ConnectionConfig) -> Self {
        let caller = Connection::open(config.clone()).unwrap();
        let callee = Connection::open(config).unwrap();
        let (caller_states, callee_states) = (Seen::default(), Seen::default());
        caller.on_connection_state(Some(caller_states.handler()));
        callee.on_connection_state(Some(callee_states.handler()));
        Self {
            caller,
            callee,
            caller_states,
            callee_states,
            path: None,
        }
    }

    /// Loses everything from here on.
    pub(crate) fn cut(&self) {
        self.path.as_ref().expect("a pair over a path").cut();
    }

    /// One complete exchange, begun by the caller.
    pub(crate) async fn negotiate(&self) {
        self.exchange(OfferPurpose::Renegotiate).await;
    }

    pub(crate) async fn exchange(&self, purpose: OfferPurpose) {
        let offer = self.offer_for(purpose).await;
        let answer = self.answer(offer).await;
        self.caller.set_remote_description(answer).await.unwrap();
    }

    /// An offer of the caller's, which it has not set.
    pub(crate) async fn draft(&self) -> Description {
        let drafting = self.caller.create_offer(OfferPurpose::Renegotiate);
        drafting.await.unwrap()
    }

    /// The caller's offer, which it has set already.
    pub(crate) async fn offer(&self) -> Description {
        self.offer_for(OfferPurpose::Renegotiate).await
    }

    async fn offer_for(&self, purpose: OfferPurpose) -> Description {
        let offer = self.caller.create_offer(purpose).await.unwrap();
        self.caller
            .set_local_description(offer.clone())
            .await
            .unwrap();
        offer
    }

    /// The callee's answer, which it has set already.
    pub(crate) async fn answer(&self, offer: Description) -> Description {
        self.callee.set_remote_description(offer).await.unwrap();
        let answer = self.callee.create_answer().await.unwrap();
        self.callee
            .set_local_description(answer.clone())
            .await
            .unwrap();
        answer
    }

    pub(crate) async fn connected(&self) {
        self.caller_states
            .wait_for(|state| *state == ConnectionState::Connected)
            .await;
        self.callee_states
            .wait_for(|state| *state == ConnectionState::Connected)
            .await;
    }

    /// A channel that both sides agreed on beforehand, open on both.
    pub(crate) async fn open_channels(
        &self,
        config: DataChannelConfig,
    ) -> (DataChannel, DataChannel) {
        let ours = self
            .caller
            .create_data_channel("both", config.clone())
            .unwrap();
        let theirs = self.callee.create_data_channel("both", config).unwrap();
        let (ours_seen, theirs_seen) = (Seen::default(), Seen::default());
        ours.on_state_change(Some(ours_seen.handler()));
        theirs.on_state_change(Some(theirs_seen.handler()));
        self.negotiate().await;
        ours_seen
            .wait_for(|state| *state == room_engine::ChannelState::Open)
            .await;
        theirs_seen
            .wait_for(|state| *state == room_engine::ChannelState::Open)
            .await;
        (ours, theirs)
    }
}

pub(crate) fn negotiated(stream: u16) -> DataChannelConfig {
    DataChannelConfig {
        negotiated: Some(stream),
        ..DataChannelConfig::default()
    }
}

pub(crate) fn add_receiver(connection: &Connection, kind: MediaKind) -> Transceiver {
    connection
        .add_transceiver(kind, None, wanted(Direction::RecvOnly))
        .unwrap()
}

pub(crate) fn wanted(direction: Direction) -> TransceiverInit {
    TransceiverInit {
        direction,
        stream_ids: Vec::new(),
        encoding: SendEncoding::default(),
    }
}

/// Adds each candidate of `from` to `to`, as changed or left out by `edit`.
fn pass_candidates(
    from: &Connection,
    to: &Connection,
    edit: impl Fn(IceCandidate) -> Option<IceCandidate> + Send + 'static,
) {
    let (sender, mut candidates) = mpsc::unbounded_channel();
    from.on_candidate(Some(Box::new(move |candidate| {
        drop(sender.send(candidate))
    })));
    let to = to.clone();
    tokio::spawn(async move {
        while let Some(candidate) = candidates.recv().await {
            if let Some(candidate) = edit(candidate) {
                drop(to.add_candidate(candidate).await);
            }
        }
    });
}
