//! Sessions and the servers that share them: those of servers that die are taken over, and those that others have taken
//! over are let go of.
//!
//! A server that cannot reach the database keeps its sessions: nobody else may be there to have them. Others that can
//! take them for left behind meanwhile, so it looks whose they are as soon as it can, and until then it closes no room
//! because somebody seems to have left, and puts in no agent where its own was put out. And it takes nothing over until it
//! has seen for a while how the others are: after an outage that all had, everybody looks dead.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::clock::now;
use crate::escalation::Escalations;
use crate::phone::Telephone;
use crate::sessions::Sessions;
use crate::store::{CallRecord, GONE, Store, StoreError};
use crate::telemetry::chain;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(10);

/// A look that takes longer is none: a connection may be gone without a word.
const LOOK: Duration = Duration::from_secs(20);

/// Looks until `stop` is cancelled: a server that stops takes nothing over any more.
pub(crate) async fn run(
    store: Store,
    sessions: Sessions,
    telephone: Option<Telephone>,
    escalations: Escalations,
    stop: CancellationToken,
) {
    if !store.is_shared() {
        return;
    }
    let mut outlook = Outlook::new(now());
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = sleep(EVERY) => {}
        }
        let looked = timeout(LOOK, look(&store, &sessions, &mut outlook)).await;
        match looked {
            Ok(Ok(none)) if none.is_empty() => {}
            Ok(Ok(left_behind)) => {
                take_over(left_behind, &sessions, telephone.as_ref()).await;
                escalations.take_up();
            }
            Ok(Err(error)) => {
                outlook.handle_failure();
                debug!(error = chain(&error), "nobody knows which servers live");
            }
            Err(_) => {
                outlook.handle_failure();
                debug!("the database does not answer");
            }
        }
    }
}

/// Lets go of what another server has, and takes what others have left behind.
async fn look(
    store: &Store,
    sessions: &Sessions,
    outlook: &mut Outlook,
) -> Result<Vec<CallRecord>, StoreError> {
    let_go(store, sessions).await?;
    if outlook.handle_sight(now()) {
        store.calls_adrift(GONE, None).await
    } else {
        Ok(Vec::new())
    }
}

/// Lets go of what another server has.
async fn let_go(store: &Store, sessions: &Sessions) -> Result<(), StoreError> {
    let Ok(live) = sessions.list().await else {
        return Ok(());
    };
    let calls: Vec<_> = live.iter().map(|live| live.call().clone()).collect();
    // Whoever has none has to ask as well: it would see others die whom it cannot see.
    store.answers().await?;
    let elsewhere = store.calls_elsewhere(&calls).await?;
    if !elsewhere.is_empty() {
        warn!(
            sessions = elsewhere.len(),
            "this server was taken for gone, and others have its sessions"
        );
    }
    if let Err(error) = sessions.let_go(elsewhere) {
        // The next look finds them again.
        warn!(error = chain(&error), "sessions are not let go of");
    }
    Ok(())
}

async fn take_over(
    left_behind: Vec<CallRecord>,
    sessions: &Sessions,
    telephone: Option<&Telephone>,
) {
    info!(sessions = left_behind.len(), "another server is gone");
    match sessions.adopt(left_behind).await {
        Ok(adopted) => {
            if let Some(telephone) = telephone {
                telephone.call_back(adopted);
            }
        }
        // They are this node's own: it finds them when it starts again.
        Err(error) => warn!(error = chain(&error), "sessions are not taken over"),
    }
}

/// How long this server has seen the others. Pure.
#[derive(Debug)]
struct Outlook {
    /// Since when, without a pause in which the others could have shown themselves unseen.
    since: Option<Instant>,
    last: Instant,
}

impl Outlook {
    /// Whoever starts has just read the database.
    fn new(now: Instant) -> Self {
        Self {
            since: Some(now),
            last: now,
        }
    }

    /// The database could be read; tells whether those who seem gone are.
    fn handle_sight(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.last) > GONE {
            self.since = None;
        }
        self.last = now;
        let since = *self.since.get_or_insert(now);
        now.saturating_duration_since(since) >= GONE
    }

    /// The database could not be read.
    fn handle_failure(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use room_contract::memory::MemoryRooms;
    use tests_harness::postgres::{Relay, new_database};

    use super::*;
    use crate::config::{Database, SessionLimits};
    use crate::metrics::Metrics;
    use crate::sessions::{Desk, Furniture};

    fn at(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn after_an_outage_the_others_have_the_time_to_show_themselves() {
        let start = now();
        let mut outlook = Outlook::new(start);
        let told = [10, 20, 30, 40].map(|second| outlook.handle_sight(at(start, second)));

        outlook.handle_failure();
        let later = [60, 70, 80, 90].map(|second| outlook.handle_sight(at(start, second)));

        assert_eq!(told, [false, false, true, true]);
        assert_eq!(later, [false, false, false, true]);
    }

    #[tokio::test]
    async fn a_server_without_sessions_notices_as_well_that_it_cannot_see_the_others() {
        let wire = Relay::to(&new_database().unwrap()).await.unwrap();
        let database = Database::Postgres(wire.database().parse().unwrap());
        let (store, _writer) = Store::open_as(&database, "idle").await.unwrap();
        let (desk, sessions) = Desk::new(Furniture {
            limits: SessionLimits::default(),
            rooms: Arc::new(MemoryRooms::new()),
            agent: None,
            store: store.clone(),
            metrics: Metrics::default(),
        });
        let stop = CancellationToken::new();
        let working = tokio::spawn(desk.run(stop.clone(), Duration::ZERO));

        let before = let_go(&store, &sessions).await;
        wire.cut();
        let after = let_go(&store, &sessions).await;

        assert!(before.is_ok());
        assert!(after.is_err());
        stop.cancel();
        working.await.unwrap();
    }

    #[test]
    fn a_server_that_stood_still_has_seen_nobody() {
        let start = now();
        let mut outlook = Outlook::new(start);
        outlook.handle_sight(at(start, 10));

        let told = [100, 110, 120, 130].map(|second| outlook.handle_sight(at(start, second)));

        assert_eq!(told, [false, false, false, true]);
    }
}
