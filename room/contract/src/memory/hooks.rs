//! Webhooks in memory: made, signed and verified here.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::{Occurrence, RoomName, WebhookError, WebhookEvent};

/// Webhooks that wait to be taken; when it is full new ones are lost, as real ones may be.
const QUEUE: usize = 1024;

/// A webhook as it would be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedWebhook {
    /// The request's body.
    pub body: Bytes,
    /// The value of the request's `Authorization` header.
    pub authorization: String,
}

/// The webhooks of one service, in order.
#[derive(Debug)]
pub struct Webhooks {
    queue: mpsc::Receiver<SignedWebhook>,
}

impl Webhooks {
    /// Waits for the next webhook.
    pub async fn next(&mut self) -> Option<SignedWebhook> {
        self.queue.recv().await
    }
}

pub(super) struct Hooks {
    key: RandomState,
    count: AtomicU64,
    listener: Mutex<Option<mpsc::Sender<SignedWebhook>>>,
}

impl Hooks {
    pub(super) fn new() -> Self {
        Self {
            key: RandomState::new(),
            count: AtomicU64::new(0),
            listener: Mutex::new(None),
        }
    }

    pub(super) fn listen(&self) -> Webhooks {
        let (sender, queue) = mpsc::channel(QUEUE);
        *self.listener.lock() = Some(sender);
        Webhooks { queue }
    }

    pub(super) fn tell(&self, room: &RoomName, occurrence: Occurrence) {
        let listener = self.listener.lock();
        let Some(sender) = listener.as_ref() else {
            return;
        };
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let event = WebhookEvent {
            id: format!("EV_{number}"),
            created_at: seconds_since_1970(),
            room: Some(room.clone()),
            occurrence,
        };
        let body = Bytes::from(serde_json::to_vec(&event).expect("an event is plain data"));
        let authorization = self.signature(&body);
        // Lost when nobody takes them: that is what webhooks are.
        let _ = sender.try_send(SignedWebhook {
            body,
            authorization,
        });
    }

    pub(super) fn verify(
        &self,
        body: &[u8],
        authorization: &str,
    ) -> Result<WebhookEvent, WebhookError> {
        if authorization != self.signature(body) {
            return Err(WebhookError::Forged(
                "the signature is for another body".into(),
            ));
        }
        serde_json::from_slice(body).map_err(|error| WebhookError::Unreadable(error.into()))
    }

    fn signature(&self, body: &[u8]) -> String {
        format!("{:016x}", self.key.hash_one(body))
    }
}

pub(super) fn seconds_since_1970() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
