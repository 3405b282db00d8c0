//! Leaving without a trace. The SDK keeps a connection in memory for as long as it knows somebody with tracks, also
//! when it has left: their publications hold them, and they hold their publications and the connection. So it hears
//! that the others are gone, as if from the server, before it leaves or learns that it was dismissed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

use livekit::DisconnectReason;
use livekit::participant::RemoteParticipant;
use livekit_protocol::signal_response::Message;
use livekit_protocol::{
    ParticipantInfo, ParticipantUpdate, SignalResponse, leave_request::Action, participant_info,
};
use parking_lot::Mutex;
use prost::Message as _;
use tokio::select;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use url::Url;

/// How long the SDK may take to forget the others.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// The farewells of connections, by the number that is the fragment of their addresses: no server ever sees that,
/// and the SDK keeps it for whenever it reaches the server again.
static PREPARED: LazyLock<Mutex<HashMap<u64, Weak<Farewell>>>> = LazyLock::new(Mutex::default);

/// How one connection parts from the others in its room.
pub(crate) struct Farewell {
    number: u64,
    stage: watch::Sender<Stage>,
    /// Since when the server is looked for, while it is.
    missed: Mutex<Option<Instant>>,
}

enum Stage {
    Joining,
    Joined,
    /// The server has ended the connection, which the SDK does not know yet.
    Dismissed(DisconnectReason),
    /// What the SDK has to read before anything else, until it has.
    Parting(Option<Vec<u8>>),
    Over,
}

impl Farewell {
    pub(crate) fn prepare() -> Arc<Self> {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let farewell = Arc::new(Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            stage: watch::Sender::new(Stage::Joining),
            missed: Mutex::default(),
        });
        let known = Arc::downgrade(&farewell);
        PREPARED.lock().insert(farewell.number, known);
        farewell
    }

    /// Returns the farewell that this address was made for, or one that never holds anything back.
    pub(super) fn of(address: &str) -> Arc<Self> {
        let number = address
            .rsplit_once('#')
            .and_then(|(_, number)| number.parse().ok());
        number
            .and_then(|number: u64| PREPARED.lock().get(&number)?.upgrade())
            .unwrap_or_else(Self::prepare)
    }

    /// Returns the server's address for the SDK, from which [`Farewell::of`] finds back here.
    pub(crate) fn address(&self, url: &str) -> String {
        match Url::parse(url) {
            Ok(mut url) => {
                url.set_fragment(Some(&self.number.to_string()));
                url.into()
            }
            // The SDK says what is wrong with it.
            Err(_) => url.to_owned(),
        }
    }

    /// From here on somebody waits to be [`dismissed`](Self::dismissed).
    pub(crate) fn joined(&self) {
        self.stage.send_replace(Stage::Joined);
    }

    /// Waits until the server ends the connection. The SDK will not know before [`Farewell::end`], or too long after.
    pub(crate) async fn dismissed(&self) -> DisconnectReason {
        let mut stage = self.stage.subscribe();
        loop {
            if let Stage::Dismissed(reason) = *stage.borrow_and_update() {
                return reason;
            }
            // Cannot fail: the sender is held here.
            let _ = stage.changed().await;
        }
    }

    /// Has the SDK hear that these have gone. Returns whether it can hear anything.
    pub(crate) fn begin<'a>(&self, others: impl Iterator<Item = &'a RemoteParticipant>) -> bool {
        let participants = others.map(|other| ParticipantInfo {
            sid: other.sid().into(),
            identity: other.identity().into(),
            state: participant_info::State::Disconnected.into(),
            ..ParticipantInfo::default()
        });
        let update = ParticipantUpdate {
            participants: participants.collect(),
        };
        let update = SignalResponse {
            message: Some(Message::Update(update)),
        };
        let frame = update.encode_to_vec();
        self.stage.send_replace(Stage::Parting(Some(frame)));
        self.stage.receiver_count() > 0
    }

    /// The SDK may hear everything.
    pub(crate) fn end(&self) {
        self.stage.send_replace(Stage::Over);
    }

    /// Waits until it begins.
    pub(super) async fn begun(&self) {
        let mut stage = self.stage.subscribe();
        let begun = |stage: &Stage| matches!(stage, Stage::Parting(_) | Stage::Over);
        // Cannot fail: the sender is held here.
        let _ = stage.wait_for(begun).await;
    }

    /// Somebody looks for the server. Returns since when, if the connection was there before and is to go on.
    pub(super) fn missed_since(&self, now: Instant) -> Option<Instant> {
        let goes_on = matches!(*self.stage.borrow(), Stage::Joined);
        goes_on.then(|| *self.missed.lock().get_or_insert(now))
    }

    /// The server was found.
    pub(super) fn found(&self) {
        *self.missed.lock() = None;
    }

    pub(super) fn listener(self: &Arc<Self>) -> Listener {
        Listener {
            stage: self.stage.subscribe(),
            farewell: Arc::clone(self),
        }
    }
}

impl Drop for Farewell {
    fn drop(&mut self) {
        PREPARED.lock().remove(&self.number);
    }
}

/// The farewell as a line to the server sees it.
pub(super) struct Listener {
    farewell: Arc<Farewell>,
    stage: watch::Receiver<Stage>,
}

/// What becomes of a message from the server.
pub(super) enum Verdict {
    Pass,
    /// The SDK hears it after the [`last word`](Listener::last_word).
    Hold,
    Drop,
}

impl Listener {
    /// Waits for what the SDK has to read before anything else.
    pub(super) async fn word(&mut self) -> Vec<u8> {
        loop {
            let mut word = None;
            self.farewell.stage.send_if_modified(|stage| {
                if let Stage::Parting(frame) = stage {
                    word = frame.take();
                }
                false
            });
            if let Some(word) = word {
                return word;
            }
            // Cannot fail: the sender is held here.
            let _ = self.stage.changed().await;
        }
    }

    pub(super) fn judge(&self, message: Option<&Message>) -> Verdict {
        match message {
            Some(Message::Leave(leave)) if leave.action() == Action::Disconnect => {
                let held = self.farewell.stage.send_if_modified(|stage| {
                    let joined = matches!(stage, Stage::Joined);
                    if joined {
                        *stage = Stage::Dismissed(leave.reason());
                    }
                    joined
                });
                if held { Verdict::Hold } else { Verdict::Pass }
            }
            // It would bring those back who have just been forgotten.
            Some(Message::Update(_))
                if matches!(*self.stage.borrow(), Stage::Parting(_) | Stage::Over) =>
            {
                Verdict::Drop
            }
            _ => Verdict::Pass,
        }
    }

    /// Waits for what the SDK has to read before anything else, if there is such until the farewell's end.
    pub(super) async fn last_word(&mut self) -> Option<Vec<u8>> {
        let mut stage = self.stage.clone();
        // Somebody who forgets to end it shall not keep the SDK from the truth.
        let end = timeout(
            PATIENCE,
            stage.wait_for(|stage| matches!(stage, Stage::Over)),
        );
        select! {
            biased;
            word = self.word() => Some(word),
            _ = end => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use futures_util::FutureExt;
    use livekit_protocol::LeaveRequest;

    use super::*;

    fn deletion() -> Message {
        Message::Leave(LeaveRequest {
            reason: DisconnectReason::RoomDeleted.into(),
            action: Action::Disconnect.into(),
            ..LeaveRequest::default()
        })
    }

    fn is_update(frame: &[u8]) -> bool {
        let read = SignalResponse::decode(frame).expect("it is one");
        matches!(read.message, Some(Message::Update(_)))
    }

    #[test]
    fn whoever_is_on_their_way_in_hears_everything() {
        let line = Farewell::prepare().listener();

        assert!(matches!(line.judge(Some(&deletion())), Verdict::Pass));
        assert!(matches!(line.judge(None), Verdict::Pass));
    }

    #[tokio::test]
    async fn a_dismissal_is_held_until_the_others_are_forgotten() {
        let farewell = Farewell::prepare();
        let mut line = farewell.listener();
        farewell.joined();

        assert!(farewell.dismissed().now_or_never().is_none());
        assert!(matches!(line.judge(Some(&deletion())), Verdict::Hold));
        let reason = farewell.dismissed().now_or_never();
        assert_eq!(reason, Some(DisconnectReason::RoomDeleted));
        assert!(line.last_word().now_or_never().is_none());

        assert!(farewell.begin(iter::empty()));
        let word = line.last_word().now_or_never().flatten();
        assert!(is_update(&word.expect("a word")));
        assert!(line.last_word().now_or_never().is_none());

        farewell.end();
        assert_eq!(line.last_word().now_or_never(), Some(None));
    }

    #[test]
    fn a_reconnection_that_the_server_asks_for_is_none_of_its_business() {
        let farewell = Farewell::prepare();
        let line = farewell.listener();
        farewell.joined();
        let reconnect = Message::Leave(LeaveRequest {
            action: Action::Reconnect.into(),
            ..LeaveRequest::default()
        });

        assert!(matches!(line.judge(Some(&reconnect)), Verdict::Pass));
        assert!(farewell.dismissed().now_or_never().is_none());
    }

    #[test]
    fn nobody_comes_back_after_the_farewell() {
        let farewell = Farewell::prepare();
        let line = farewell.listener();
        let news = Message::Update(ParticipantUpdate::default());

        farewell.joined();
        assert!(matches!(line.judge(Some(&news)), Verdict::Pass));
        farewell.begin(iter::empty());
        assert!(matches!(line.judge(Some(&news)), Verdict::Drop));
        farewell.end();
        assert!(matches!(line.judge(Some(&news)), Verdict::Drop));
    }

    #[test]
    fn without_a_line_nobody_hears_the_farewell() {
        let farewell = Farewell::prepare();
        drop(farewell.listener());

        assert!(!farewell.begin(iter::empty()));
    }

    #[test]
    fn the_address_leads_to_the_farewell_while_there_is_one() {
        let farewell = Farewell::prepare();
        let address = farewell.address("wss://livekit.example/rtc?a=b");
        let number = farewell.number;

        assert_eq!(address, format!("wss://livekit.example/rtc?a=b#{number}"));
        assert_eq!(Farewell::of(&address).number, number);
        drop(farewell);
        assert_ne!(Farewell::of(&address).number, number);
    }
}
