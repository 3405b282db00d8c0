//! What a callback has reported, to be waited for.

use std::sync::Arc;

use parking_lot::Mutex;
use room_engine::Handler;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::PATIENCE;

/// A list that grows with every call of its handler.
pub(crate) struct Seen<T>(Arc<Inner<T>>);

struct Inner<T> {
    items: Mutex<Vec<T>>,
    grown: Notify,
}

impl<T: Clone + Send + 'static> Seen<T> {
    pub(crate) fn handler(&self) -> Handler<T> {
        let inner = self.0.clone();
        Box::new(move |item| {
            inner.items.lock().push(item);
            inner.grown.notify_waiters();
        })
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.items.lock().clone()
    }

    /// Waits until an item like that was reported, and returns the first one.
    pub(crate) async fn wait_for(&self, wanted: impl Fn(&T) -> bool) -> T {
        self.wait_until(|items| items.iter().find(|item| wanted(item)).cloned())
            .await
    }

    /// Waits until `check` finds what it wants in the list.
    pub(crate) async fn wait_until<R>(&self, check: impl Fn(&[T]) -> Option<R>) -> R {
        let wait = async {
            loop {
                let grown = self.0.grown.notified();
                tokio::pin!(grown);
                grown.as_mut().enable();
                if let Some(result) = check(&self.0.items.lock()) {
                    return result;
                }
                grown.await;
            }
        };
        timeout(PATIENCE, wait)
            .await
            .expect("it is reported within the patience of a test")
    }
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self(Arc::new(Inner {
            items: Mutex::new(Vec::new()),
            grown: Notify::new(),
        }))
    }
}

impl<T> Clone for Seen<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
