//! What the leg tells the room, without being held up by it.

use std::{sync::Arc, time::Duration};

use room_contract::{
    Attributes, DataPacket, Room, Topic,
    telephone::{DELAY_MS, KEYS},
};
use serde_json::json;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use super::keys::Key;

/// Things that wait to be told. When it is full, keys are lost and a delay is told later.
const QUEUE: usize = 64;

/// Tells one thing after the other. Dropping it drops what waits.
pub(super) struct Outbox {
    queue: mpsc::Sender<Notice>,
    _telling: JoinSet<()>,
}

enum Notice {
    Key(Key),
    Delay(Duration),
    Show(Attributes, oneshot::Sender<()>),
}

impl Outbox {
    pub(super) fn new(room: Arc<dyn Room>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let mut telling = JoinSet::new();
        telling.spawn(tell(room, waiting));
        Self {
            queue,
            _telling: telling,
        }
    }

    /// Tells which key was pressed.
    pub(super) fn key(&self, key: Key) {
        if self.queue.try_send(Notice::Key(key)).is_err() {
            tracing::warn!("a key is lost: the room takes none");
        }
    }

    /// Tells what the participant says of itself.
    pub(super) fn show(&self, changed: Attributes, shown: oneshot::Sender<()>) {
        if self.queue.try_send(Notice::Show(changed, shown)).is_err() {
            tracing::warn!("a change of attributes is lost: the room takes none");
        }
    }

    /// Tells how late the caller hears; returns whether it will be told.
    pub(super) fn delay(&self, delay: Duration) -> bool {
        self.queue.try_send(Notice::Delay(delay)).is_ok()
    }
}

async fn tell(room: Arc<dyn Room>, mut waiting: mpsc::Receiver<Notice>) {
    while let Some(notice) = waiting.recv().await {
        let told = match notice {
            Notice::Key(key) => {
                let topic = Topic::new(KEYS).expect("it is short and not empty");
                let mut pressed = json!({ "digit": key.digit });
                if let Some(circle) = key.circle {
                    pressed["circle"] = circle.into();
                }
                let payload = pressed.to_string();
                room.send(DataPacket::reliable(topic, payload)).await
            }
            Notice::Show(changed, shown) => {
                let told = room.set_attributes(changed).await;
                // Whoever waited may have gone.
                let _ = shown.send(());
                told
            }
            Notice::Delay(delay) => {
                let value = delay.as_millis().to_string();
                room.set_attributes(Attributes::from([(DELAY_MS.to_owned(), value)]))
                    .await
            }
        };
        if let Err(error) = told {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "the room was not told"
            );
        }
    }
}
