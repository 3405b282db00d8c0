//! Sessions of servers that die while this one lives: they are looked for again and again, and taken over.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::escalation::Escalations;
use crate::phone::Telephone;
use crate::sessions::Sessions;
use crate::store::{CallRecord, GONE, Store};
use crate::telemetry::chain;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(10);

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
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = sleep(EVERY) => {}
        }
        match store.calls_adrift(GONE, None).await {
            Ok(none) if none.is_empty() => {}
            Ok(left_behind) => {
                take_over(left_behind, &sessions, telephone.as_ref()).await;
                escalations.take_up();
            }
            Err(error) => debug!(error = chain(&error), "nobody knows which servers live"),
        }
    }
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
