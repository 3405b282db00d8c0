//! `Idempotency-Key`: the same request twice has its effect once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio_util::task::TaskTracker;

use super::auth::Caller;
use super::error::ApiError;

/// As long as the token in a repeated answer lets anybody in.
const KEPT_FOR: Duration = room_contract::token::TIME_TO_JOIN;

/// Answers kept; when full the oldest goes, and a repeated request counts as a new one.
const CAPACITY: usize = 4096;

/// The longest key.
const MAX_LENGTH: usize = 255;

/// The header, if it was sent.
pub(crate) struct IdempotencyKey(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        let usable = |key: &&str| !key.is_empty() && key.len() <= MAX_LENGTH;
        match value.to_str().ok().filter(usable) {
            Some(key) => Ok(Self(Some(key.to_owned()))),
            None => Err(ApiError::Malformed(format!(
                "Idempotency-Key takes 1 to {MAX_LENGTH} visible ASCII characters"
            ))),
        }
    }
}

impl IdempotencyKey {
    /// Returns the key as one of this caller's.
    pub(crate) fn of(self, caller: &Caller) -> Option<KeyOf> {
        let caller = caller.0.clone();
        self.0.map(|key| KeyOf { caller, key })
    }
}

/// Who used which key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct KeyOf {
    caller: String,
    key: String,
}

/// The answers given to requests with a key.
#[derive(Debug)]
pub(crate) struct Answers<A>(Arc<Mutex<HashMap<KeyOf, Entry<A>>>>);

#[derive(Debug)]
struct Entry<A> {
    digest: [u8; 32],
    since: Instant,
    /// `None` while the request is under way.
    answer: Option<A>,
}

/// What a request with a key is.
#[derive(Debug)]
enum Claim<A> {
    /// The first of its kind: to be carried out.
    First(Ticket<A>),
    /// A repetition: this was the answer.
    Repeated(A),
}

/// The right to answer for a key. Dropped unused, the key is free again.
#[derive(Debug)]
struct Ticket<A> {
    answers: Answers<A>,
    key: KeyOf,
}

impl<A> Clone for Answers<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A> Default for Answers<A> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<A: Clone + Send + 'static> Answers<A> {
    /// Carries a request out, unless one with its key was: that one's answer is given again. It goes on when whoever asks
    /// hangs up, so that asking again finds the answer.
    pub(crate) async fn once(
        &self,
        tasks: &TaskTracker,
        asked: (Option<KeyOf>, [u8; 32]),
        work: impl Future<Output = Result<A, ApiError>> + Send + 'static,
    ) -> Result<A, ApiError> {
        let ticket = match asked {
            (None, _) => None,
            (Some(key), digest) => match self.claim(Instant::now(), key, digest)? {
                Claim::Repeated(answer) => return Ok(answer),
                Claim::First(ticket) => Some(ticket),
            },
        };
        let working = tasks.spawn(async move {
            let answer = work.await?;
            if let Some(ticket) = ticket {
                ticket.settle(answer.clone());
            }
            Ok(answer)
        });
        working.await.unwrap_or(Err(ApiError::Internal))
    }
}

impl<A: Clone> Answers<A> {
    /// Claims a key for a request with this digest.
    fn claim(&self, now: Instant, key: KeyOf, digest: [u8; 32]) -> Result<Claim<A>, ApiError> {
        let mut entries = self.lock();
        entries.retain(|_, entry| {
            entry.answer.is_none() || now.saturating_duration_since(entry.since) < KEPT_FOR
        });
        match entries.get(&key) {
            Some(entry) if entry.digest != digest => return Err(ApiError::KeyReused),
            Some(Entry {
                answer: Some(answer),
                ..
            }) => return Ok(Claim::Repeated(answer.clone())),
            Some(Entry { answer: None, .. }) => return Err(ApiError::KeyBusy),
            None => {}
        }

        if entries.len() >= CAPACITY {
            forget_oldest(&mut entries);
        }
        entries.insert(
            key.clone(),
            Entry {
                digest,
                since: now,
                answer: None,
            },
        );
        Ok(Claim::First(Ticket {
            answers: self.clone(),
            key,
        }))
    }
}

impl<A> Answers<A> {
    fn lock(&self) -> MutexGuard<'_, HashMap<KeyOf, Entry<A>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A> Ticket<A> {
    /// Keeps the answer for repetitions.
    fn settle(self, answer: A) {
        if let Some(entry) = self.answers.lock().get_mut(&self.key) {
            entry.answer = Some(answer);
        }
    }
}

impl<A> Drop for Ticket<A> {
    fn drop(&mut self) {
        let mut entries = self.answers.lock();
        if entries
            .get(&self.key)
            .is_some_and(|entry| entry.answer.is_none())
        {
            entries.remove(&self.key);
        }
    }
}

fn forget_oldest<A>(entries: &mut HashMap<KeyOf, Entry<A>>) {
    let oldest = entries
        .iter()
        .min_by_key(|(_, entry)| entry.since)
        .map(|(key, _)| key.clone());
    if let Some(key) = oldest {
        entries.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_request_gets_the_first_answer_until_it_is_forgotten() {
        let (answers, now) = (Answers::<u32>::default(), Instant::now());
        let Ok(Claim::First(ticket)) = answers.claim(now, key(), [1; 32]) else {
            panic!("the first request with a key is carried out")
        };

        assert!(matches!(
            answers.claim(now, key(), [1; 32]),
            Err(ApiError::KeyBusy)
        ));
        ticket.settle(7);

        assert!(matches!(
            answers.claim(now, key(), [1; 32]),
            Ok(Claim::Repeated(7))
        ));
        assert!(matches!(
            answers.claim(now, key(), [2; 32]),
            Err(ApiError::KeyReused)
        ));
        assert!(matches!(
            answers.claim(now + KEPT_FOR, key(), [2; 32]),
            Ok(Claim::First(_))
        ));
    }

    #[test]
    fn a_request_that_failed_may_be_tried_again() {
        let (answers, now) = (Answers::<u32>::default(), Instant::now());

        drop(answers.claim(now, key(), [1; 32]));

        assert!(matches!(
            answers.claim(now, key(), [1; 32]),
            Ok(Claim::First(_))
        ));
    }

    #[test]
    fn the_oldest_answer_goes_when_there_are_too_many() {
        let (answers, now) = (Answers::<u32>::default(), Instant::now());

        for number in 0..CAPACITY + 1 {
            let key = KeyOf {
                caller: "a".to_owned(),
                key: number.to_string(),
            };
            let at = now + Duration::from_millis(number as u64);
            if let Ok(Claim::First(ticket)) = answers.claim(at, key, [0; 32]) {
                ticket.settle(0);
            }
        }

        assert_eq!(answers.lock().len(), CAPACITY);
    }

    #[tokio::test]
    async fn a_request_is_carried_out_once_even_when_nobody_waits_for_its_answer() {
        let (answers, tasks) = (Answers::<u32>::default(), TaskTracker::new());
        let (go, gate) = tokio::sync::oneshot::channel();
        let first = answers.once(&tasks, (Some(key()), [1; 32]), async move {
            gate.await.map_err(|_| ApiError::Internal)
        });
        let hung_up = futures_util::FutureExt::now_or_never(first);
        assert!(hung_up.is_none(), "it is under way");

        go.send(7).unwrap();
        tasks.close();
        tasks.wait().await;

        let never = async { panic!("it was carried out before") };
        let again = answers.once(&tasks, (Some(key()), [1; 32]), never).await;
        assert_eq!(again.ok(), Some(7));
    }

    fn key() -> KeyOf {
        KeyOf {
            caller: "admin".to_owned(),
            key: "k".to_owned(),
        }
    }
}
