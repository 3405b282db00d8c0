//! The end of a subscription. Its streams look at it each time they are polled, so looking takes no lock.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::Context,
};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

#[derive(Default)]
pub(super) struct Ending {
    reached: AtomicBool,
    waiting: Mutex<Vec<Weak<AtomicWaker>>>,
}

/// What one stream has of it.
pub(super) struct Outlook {
    ending: Arc<Ending>,
    waker: Arc<AtomicWaker>,
}

impl Ending {
    pub(super) fn outlook(self: &Arc<Self>) -> Outlook {
        let waker = Arc::new(AtomicWaker::new());
        let mut waiting = self.waiting.lock();
        waiting.retain(|former| former.strong_count() > 0);
        waiting.push(Arc::downgrade(&waker));
        Outlook {
            ending: Arc::clone(self),
            waker,
        }
    }

    pub(super) fn reach(&self) {
        self.reached.store(true, Ordering::Release);
        for waker in self.waiting.lock().drain(..).filter_map(|it| it.upgrade()) {
            waker.wake();
        }
    }
}

impl Outlook {
    /// Tells whether the end is reached; wakes the task when it is.
    pub(super) fn is_over(&self, cx: &Context<'_>) -> bool {
        self.waker.register(cx.waker());
        self.ending.reached.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Poll};

    use super::*;

    async fn over(outlook: Outlook) {
        poll_fn(|cx| match outlook.is_over(cx) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let ending = Arc::new(Ending::default());
        let one = tokio::spawn(over(ending.outlook()));
        let other = tokio::spawn(over(ending.outlook()));
        tokio::task::yield_now().await;
        assert!(!one.is_finished() && !other.is_finished());

        ending.reach();

        one.await.expect("woken");
        other.await.expect("woken");
    }

    #[tokio::test]
    async fn whoever_comes_later_does_not_wait() {
        let ending = Arc::new(Ending::default());

        ending.reach();

        over(ending.outlook()).await;
    }
}
