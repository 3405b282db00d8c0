//! What the engine's tests share: a server with its guests, their voices and ears.

mod ear;
mod figures;
mod guest;
mod history;
mod logging;
mod namespace;
mod process;
mod proxy;
mod venue;
mod voice;

pub(crate) use ear::{Ear, Recording};
pub(crate) use figures::{figure, percentile};
pub(crate) use guest::Guest;
pub(crate) use namespace::Namespace;
pub(crate) use process::Usage;
pub(crate) use proxy::CuttableProxy;
pub(crate) use venue::Venue;
pub(crate) use voice::{LEVEL, RATE, Voice, frame, publish_source};

use std::{future::Future, time::Duration};

use anyhow::{Context, Result};

/// How long anything may take before a test gives up: generous, for a machine that is busy with
/// other tests. What has a promised bound is measured and printed instead.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something, but not for ever.
pub(crate) async fn soon<T>(what: &str, waited_for: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(PATIENCE, waited_for)
        .await
        .with_context(|| format!("waited {PATIENCE:?} for {what}"))
}
