//! Several providers that stand for one: the next takes over within the turn when one does not deliver.
//!
//! A [`Chain`] is itself the trait: a `Chain<dyn Thinker>` is a [`Thinker`](crate::Thinker). What it promises is that
//! nothing is lost and nothing said twice over a switch, and that nobody waits longer than its [`Settings`] say.
//!
//! * Each candidate has a health that all calls share: one that failed is skipped, rests, and is
//!   [probed](crate::probe) beside the calls until it is well again.
//! * A [`Ledger`] for each call counts what is used and what it costs; past the budget only what is free is asked.
//! * Each failure is told in the stream, in order, as an [`Incident`], and to the [`Observer`] of the process.

mod health;
mod incident;
mod ledger;
mod roster;
mod settings;
mod speaker;
mod thinker;
mod transcriber;

use std::sync::Arc;

pub use health::{Health, Standing};
pub use incident::{Incident, Observation, Observer, Port};
pub use ledger::{Account, Ledger, Money, Price, Usage};
pub use roster::{Candidate, EmptyChain};
pub use settings::{Settings, Warmth};

use crate::{ProviderName, probe::Provider};
use roster::Roster;

/// Candidates in order of preference, for one port.
#[derive(Debug)]
pub struct Chain<P: ?Sized> {
    name: ProviderName,
    roster: Arc<Roster<P>>,
    ledger: Arc<Ledger>,
}

impl<P: Provider + ?Sized> Chain<P> {
    /// Makes a chain that is called like its first candidate.
    ///
    /// # Errors
    /// [`EmptyChain`] when there is no candidate.
    pub fn new(candidates: Vec<Candidate<P>>, settings: Settings) -> Result<Self, EmptyChain> {
        let first = candidates.first().ok_or(EmptyChain)?;
        Ok(Self {
            name: first.provider.called().clone(),
            roster: Arc::new(Roster::new(candidates, settings)),
            ledger: Arc::default(),
        })
    }

    /// Tells an observer what happens, such as the metrics.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Observer>) -> Self {
        self.roster = Arc::new(self.roster.observed_by(observer));
        self
    }

    /// Returns the same chain for one call: health is shared, what it costs goes to `ledger`.
    #[must_use]
    pub fn for_call(&self, ledger: Arc<Ledger>) -> Self {
        Self {
            name: self.name.clone(),
            roster: Arc::clone(&self.roster),
            ledger,
        }
    }

    /// Returns how each candidate stands at present, in order.
    #[must_use]
    pub fn standings(&self) -> Vec<(ProviderName, Standing)> {
        self.roster.standings()
    }
}
