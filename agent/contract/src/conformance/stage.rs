//! Patience, and a way to fail.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{Language, ListenOptions, ProviderError, SpeakOptions};

/// Longer than anything takes on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Counts what an adapter holds open.
pub type OpenCount = Arc<dyn Fn() -> usize + Send + Sync>;

/// Waits for something that has to come.
pub(super) async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    timeout(PATIENCE, coming)
        .await
        .unwrap_or_else(|_| fail(&format!("waited in vain for {what}")))
}

/// Waits until nothing is open any more, where that can be counted.
pub(super) async fn all_closed(open: Option<&OpenCount>) {
    let Some(open) = open else { return };
    let closed = timeout(PATIENCE, async {
        while open() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    if closed.await.is_err() {
        fail(&format!("{} are still open", open()));
    }
}

/// Unwraps what must not fail.
pub(super) fn well<T>(what: &str, result: Result<T, ProviderError>) -> T {
    result.unwrap_or_else(|error| fail(&format!("{what}: {error:?}")))
}

pub(super) fn listen_options() -> ListenOptions {
    ListenOptions {
        language: Language::english(),
        keywords: Arc::new([]),
    }
}

pub(super) fn speak_options() -> SpeakOptions {
    SpeakOptions {
        voice: None,
        language: Language::english(),
    }
}

/// Returns words without case and punctuation.
pub(super) fn bare(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower
        .split_whitespace()
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect())
        .filter(|word: &String| !word.is_empty())
        .collect()
}

#[expect(
    clippy::panic,
    reason = "a behaviour that does not hold fails its test"
)]
pub(super) fn fail(why: &str) -> ! {
    panic!("{why}")
}
