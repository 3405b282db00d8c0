//! The one place that places calls: policy, a row, one request, the row again. What nobody knows is looked up.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::{
    Ask, CallSid, FoundCall, IntentId, IntentState, Number, Order, Paths, Pending, PlaceError,
    Placer, Policy, Progress, Refusal, Search, Verdict, reconcile,
};
use crate::store::{Claimed, Entry, IntentRecord, IntentRef, Moment, NewIntent, Store, StoreError};
use crate::telemetry::chain;

/// How long the carrier may take to answer.
const REQUEST: Duration = Duration::from_secs(10);

/// A pending row that is younger may still get its answer.
const UNDER_WAY: Duration = Duration::from_secs(15);

/// How long a repeated request waits for the answer to the first.
const REPEATED: Duration = Duration::from_secs(12);

/// How often it looks.
const GLANCE: Duration = Duration::from_millis(50);

/// How often open rows are looked up: soon while there are some, seldom otherwise, for those of a node that died.
const SOON: Duration = Duration::from_secs(5);
const SELDOM: Duration = Duration::from_secs(60);

/// Somebody wants a call.
#[derive(Debug, Clone)]
pub struct DialRequest {
    /// For which business.
    pub tenant: String,
    /// Who wants it: the name of an API key.
    pub caller: String,
    /// The `Idempotency-Key`, if there was one.
    pub key: Option<String>,
    /// A digest of everything else that was asked for.
    pub digest: String,
    /// Whom to call.
    pub to: Number,
    /// From which number of ours.
    pub from: Number,
    /// The session that the call belongs to.
    pub session: String,
    /// What the carrier is to send back in every webhook of the call, besides the id.
    pub carried: Vec<(&'static str, String)>,
    /// Where the carrier asks and tells.
    pub paths: Paths,
}

/// A call that was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialled {
    /// Its id with us.
    pub intent: IntentId,
    /// Its id with the carrier.
    pub call: CallSid,
    /// The session that it belongs to: that of the first request, where one was repeated.
    pub session: String,
}

/// A call was not placed, or nobody knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// It may not be: the text says who could change that.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The carrier does not take it: the text says what to do.
    #[error("the carrier refused the call ({code}): {text}")]
    Carrier {
        /// Its code.
        code: String,
        /// What it means.
        text: String,
    },
    /// The carrier cannot be reached, and there is no call: try again later.
    #[error("the carrier cannot be reached; no call was placed")]
    Unreachable,
    /// Nobody knows whether there is a call: it is being looked up. Ask again with the same key.
    #[error("the carrier did not answer; whether the call was placed is being looked up")]
    Unanswered,
    /// The first request with this key is under way: ask again shortly.
    #[error("the first request with this key is under way")]
    UnderWay,
    /// The key belongs to another request: choose another.
    #[error("this key was used for another request")]
    KeyReused,
    /// The records do not answer, so nothing may be placed: try again.
    #[error("the records do not answer; no call was placed")]
    Records(#[from] StoreError),
    /// The server stops.
    #[error("the server is stopping")]
    Stopping,
}

/// Places calls. Cheap to clone.
#[derive(Clone)]
pub struct Dialler(Arc<Parts>);

struct Parts {
    policy: Policy,
    store: Store,
    placer: Arc<dyn Placer>,
    tasks: TaskTracker,
    unanswered: Notify,
}

impl Dialler {
    /// Makes one. [`run`](Self::run) has to run beside it.
    #[must_use]
    pub fn new(policy: Policy, store: Store, placer: Arc<dyn Placer>) -> Self {
        Self(Arc::new(Parts {
            policy,
            store,
            placer,
            tasks: TaskTracker::new(),
            unanswered: Notify::new(),
        }))
    }

    /// Places a call, unless it may not be. It is carried through even when nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// There is no call, or nobody knows.
    pub async fn dial(&self, request: DialRequest) -> Result<Dialled, DialError> {
        if self.0.tasks.is_closed() {
            return Err(DialError::Stopping);
        }
        let own = self.clone();
        let placing = self
            .0
            .tasks
            .spawn(async move { own.carry_out(request).await });
        placing.await.unwrap_or(Err(DialError::Unanswered))
    }

    /// Takes news of a call, by its id with us or with the carrier; late and repeated ones change nothing.
    pub fn heard(&self, which: IntentRef, progress: Progress) {
        self.0.store.records().push(Entry::Dialled {
            which,
            progress,
            at: Moment::now(),
        });
    }

    /// Ends a call.
    ///
    /// # Errors
    ///
    /// It may go on.
    pub async fn end(&self, call: &CallSid) -> Result<(), PlaceError> {
        timeout(REQUEST, self.0.placer.end(call))
            .await
            .unwrap_or(Err(PlaceError::Unanswered))
    }

    /// Looks up what nobody knows, what a process before this one left behind first of all, until `stop` is cancelled
    /// and requests under way have their answers.
    pub async fn run(self, stop: CancellationToken) {
        let looking = async {
            loop {
                let open = self.look_up().await.unwrap_or_else(|failure| {
                    warn!(error = chain(&failure), "open calls cannot be looked up");
                    true
                });
                let pause = if open { SOON } else { SELDOM };
                // An early end of the pause is as good as a late one.
                let _ = timeout(pause, self.0.unanswered.notified()).await;
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = looking => {}
        }
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    async fn carry_out(&self, request: DialRequest) -> Result<Dialled, DialError> {
        let intent = IntentId::random();
        let ask = Ask {
            to: &request.to,
            from: &request.from,
        };
        let claimed = self
            .0
            .store
            .claim_intent(&self.row(&intent, &request), |tally| {
                self.0.policy.judge(ask, tally)
            })
            .await?;
        match claimed {
            Claimed::New => self.place(intent, request).await,
            Claimed::Known(record) => self.repeat(record, &request).await,
            Claimed::Refused(refusal) => {
                info!(reason = refusal.name(), "a call was refused");
                Err(refusal.into())
            }
        }
    }

    fn row(&self, intent: &IntentId, request: &DialRequest) -> NewIntent {
        let salt = self.0.store.salt();
        NewIntent {
            id: intent.clone(),
            tenant: request.tenant.clone(),
            caller: request.caller.clone(),
            key: request.key.clone(),
            // It was made of a number among other things, and there are not many numbers.
            request: salt.digest(&request.digest),
            session: request.session.clone(),
            to: request.to.kept(self.0.store.keeping()),
            to_digest: request.to.digest(salt),
            range_digest: request.to.range_digest(salt),
            from: request.from.e164().to_owned(),
            at: Moment::now(),
        }
    }

    /// Asks the carrier, once.
    async fn place(&self, intent: IntentId, request: DialRequest) -> Result<Dialled, DialError> {
        let order = Order {
            intent: intent.clone(),
            to: request.to,
            from: request.from,
            session: request.session.clone(),
            carried: request.carried,
            paths: request.paths,
        };
        let answer = timeout(REQUEST, self.0.placer.place(&order))
            .await
            .unwrap_or(Err(PlaceError::Unanswered));
        let (progress, result) = match answer {
            Ok(call) => {
                info!(intent = %intent, call = %call, "a call was placed");
                let dialled = Dialled {
                    intent: intent.clone(),
                    call: call.clone(),
                    session: request.session,
                };
                (Progress::Placed(call), Ok(dialled))
            }
            Err(PlaceError::Refused { code, text }) => {
                let reason = code.clone();
                let error = DialError::Carrier { code, text };
                (Progress::Refused { reason }, Err(error))
            }
            Err(PlaceError::Unreachable) => {
                let reason = "unreachable".to_owned();
                (Progress::Refused { reason }, Err(DialError::Unreachable))
            }
            Err(PlaceError::Unanswered) => {
                warn!(intent = %intent, "the carrier did not say whether it placed a call");
                (Progress::Unanswered, Err(DialError::Unanswered))
            }
        };
        self.heard(IntentRef::Id(intent), progress);
        if matches!(result, Err(DialError::Unanswered)) {
            self.0.unanswered.notify_one();
        }
        result
    }

    /// Answers what the first request with the key was answered.
    async fn repeat(
        &self,
        mut record: IntentRecord,
        request: &DialRequest,
    ) -> Result<Dialled, DialError> {
        if record.request != self.0.store.salt().digest(&request.digest) {
            return Err(DialError::KeyReused);
        }
        let until = Instant::now() + REPEATED;
        while record.state == IntentState::Pending {
            if Instant::now() >= until {
                return Err(DialError::UnderWay);
            }
            sleep(GLANCE).await;
            let which = IntentRef::Id(record.id.clone());
            record = self
                .0
                .store
                .intent(&which)
                .await?
                .ok_or(DialError::UnderWay)?;
        }
        match record {
            IntentRecord {
                state: IntentState::Refused,
                reason,
                ..
            } => Err(DialError::Carrier {
                code: reason.unwrap_or_default(),
                text: "so was the first request with this key".to_owned(),
            }),
            IntentRecord {
                call: Some(call),
                id,
                session,
                ..
            } => Ok(Dialled {
                intent: id,
                call,
                session,
            }),
            _ => Err(DialError::Unanswered),
        }
    }

    /// Looks up every open row; answers whether some stay open.
    async fn look_up(&self) -> Result<bool, StoreError> {
        // Rows of requests that were just answered are written by now.
        self.0.store.settled().await;
        let rows = self.0.store.open_intents().await?;
        let mut open = false;
        for row in rows {
            let at: SystemTime = row.created_at.into();
            let age = SystemTime::now().duration_since(at).unwrap_or_default();
            if row.state == IntentState::Pending && age < UNDER_WAY {
                open = true;
                continue;
            }
            match self.verdict(&row).await? {
                Verdict::Placed(call) => self.found(row.id, call),
                Verdict::Lost => {
                    warn!(intent = %row.id, "a call was never placed: the carrier does not know it");
                    self.heard(IntentRef::Id(row.id), Progress::Lost);
                }
                Verdict::LookAgain => open = true,
            }
            // The next one must not get the same call.
            self.0.store.settled().await;
        }
        Ok(open)
    }

    async fn verdict(&self, row: &IntentRecord) -> Result<Verdict, StoreError> {
        let pending = Pending {
            to_digest: row.to_digest.clone(),
            at: row.created_at.into(),
        };
        let Ok(from) = Number::parse(&row.from, None) else {
            return Ok(Verdict::Lost);
        };
        let search = Search {
            from,
            since: pending.since(),
        };
        let looking = timeout(REQUEST, self.0.placer.find(&search)).await;
        let Ok(Ok(found)) = looking else {
            return Ok(Verdict::LookAgain);
        };
        let taken = self
            .0
            .store
            .calls_of_intents(pending.since().into())
            .await?;
        let (salt, now) = (self.0.store.salt(), SystemTime::now());
        Ok(reconcile(&pending, &found, &taken, salt, now))
    }

    fn found(&self, intent: IntentId, call: FoundCall) {
        info!(intent = %intent, call = %call.sid, "a call was placed after all");
        let which = IntentRef::Id(intent);
        self.heard(which.clone(), Progress::Placed(call.sid));
        if let Some(reason) = call.ended {
            self.heard(which, Progress::Ended(reason));
        }
    }
}

#[cfg(test)]
mod tests;
