//! The candidates of a chain, with their health, and who is asked next.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{task::JoinSet, time::Instant};

use super::{
    Health, Incident, Ledger, Observation, Observer, Price, Settings, Standing, Usage,
    health::Advice,
};
use crate::{ProviderError, ProviderName, probe::Provider};

/// A provider in a chain. A clone shares its health.
#[derive(Debug)]
pub struct Candidate<P: ?Sized> {
    /// Who.
    pub provider: Arc<P>,
    /// What it takes.
    pub price: Price,
    health: Arc<Mutex<Health>>,
}

impl<P: ?Sized> Candidate<P> {
    /// Returns a candidate that costs nothing and is well.
    #[must_use]
    pub fn new(provider: Arc<P>) -> Self {
        Self {
            provider,
            price: Price::default(),
            health: Arc::default(),
        }
    }

    /// Sets what it takes.
    #[must_use]
    pub fn priced(mut self, price: Price) -> Self {
        self.price = price;
        self
    }
}

impl<P: ?Sized> Clone for Candidate<P> {
    fn clone(&self) -> Self {
        Self {
            provider: Arc::clone(&self.provider),
            price: self.price,
            health: Arc::clone(&self.health),
        }
    }
}

/// A chain without candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a chain needs at least one provider")]
pub struct EmptyChain;

/// Who is left to ask, in order.
pub(super) type Queue<P> = VecDeque<Candidate<P>>;

#[derive(Debug)]
pub(super) struct Roster<P: ?Sized> {
    candidates: Vec<Candidate<P>>,
    pub(super) settings: Settings,
    observer: Option<Arc<dyn Observer>>,
    /// Ends with the roster.
    probes: Mutex<JoinSet<()>>,
}

impl<P: Provider + ?Sized> Roster<P> {
    pub(super) fn new(candidates: Vec<Candidate<P>>, settings: Settings) -> Self {
        Self {
            candidates,
            settings,
            observer: None,
            probes: Mutex::default(),
        }
    }

    pub(super) fn observed_by(&self, observer: Arc<dyn Observer>) -> Self {
        Self {
            candidates: self.candidates.clone(),
            settings: self.settings,
            observer: Some(observer),
            probes: Mutex::default(),
        }
    }

    pub(super) fn candidates(&self) -> &[Candidate<P>] {
        &self.candidates
    }

    pub(super) fn standings(&self) -> Vec<(ProviderName, Standing)> {
        let all = self.candidates.iter();
        all.map(|c| (c.provider.called().clone(), c.health.lock().standing()))
            .collect()
    }

    /// Returns who is asked, in order: those who are well, then, as a last resort, the others. Who costs something is
    /// not asked when the budget is spent. Those whose rest is over are probed meanwhile.
    pub(super) fn queue(&self, ledger: &Ledger) -> Queue<P> {
        let now = Instant::now().into_std();
        let spent = ledger.is_spent();
        let (mut well, mut resting) = (Queue::new(), Queue::new());
        for candidate in &self.candidates {
            let advice = candidate.health.lock().advice(now);
            if advice == Advice::Probe {
                self.probe(candidate);
            }
            if spent && !candidate.price.is_free() {
                continue;
            }
            match advice {
                Advice::Use => well.push_back(candidate.clone()),
                Advice::Skip | Advice::Probe => resting.push_back(candidate.clone()),
            }
        }
        well.append(&mut resting);
        well
    }

    /// Says why nobody can be asked.
    pub(super) fn nobody(&self) -> ProviderError {
        let first = self.candidates.first().expect("a chain is not empty");
        ProviderError::Account {
            provider: first.provider.called().clone(),
            source: "the budget of this call is spent".into(),
        }
    }

    /// Takes note of a failure and says it, and returns what to tell in the stream.
    pub(super) fn failed(
        &self,
        candidate: &Candidate<P>,
        error: &ProviderError,
        waited: Duration,
        next: Option<ProviderName>,
    ) -> Incident {
        let incident = Incident::of(P::PORT, error, waited, next);
        tracing::warn!(
            port = %incident.port,
            provider = %incident.provider,
            kind = incident.kind,
            waited_ms = incident.waited.as_millis(),
            next = incident.next.as_ref().map(ProviderName::as_str),
            "a provider did not deliver"
        );
        let now = Instant::now().into_std();
        judge(candidate, self.observer.as_ref(), |health| {
            health.handle_failure(now, error);
        });
        self.observe(&Observation::Incident(incident.clone()));
        incident
    }

    /// Takes note of a first piece.
    pub(super) fn delivered(&self, candidate: &Candidate<P>, waited: Duration) {
        judge(candidate, self.observer.as_ref(), Health::handle_success);
        self.observe(&Observation::First {
            port: P::PORT,
            provider: candidate.provider.called().clone(),
            waited,
        });
    }

    pub(super) fn used(&self, ledger: &Ledger, candidate: &Candidate<P>, usage: &Usage) {
        ledger.enter(
            P::PORT,
            candidate.provider.called(),
            &candidate.price,
            usage,
        );
    }

    fn observe(&self, seen: &Observation) {
        if let Some(observer) = &self.observer {
            observer.observe(seen);
        }
    }

    /// Tries a provider beside the calls.
    fn probe(&self, candidate: &Candidate<P>) {
        let (candidate, observer) = (candidate.clone(), self.observer.clone());
        let mut probes = self.probes.lock();
        while probes.try_join_next().is_some() {}
        probes.spawn(async move {
            let answer = candidate.provider.probe().await;
            let now = Instant::now().into_std();
            judge(&candidate, observer.as_ref(), |health| match &answer {
                Ok(_) => health.handle_success(),
                Err(error) => health.handle_failure(now, error),
            });
        });
    }
}

/// Changes a provider's health, and says so when it stands otherwise then.
fn judge<P: Provider + ?Sized>(
    candidate: &Candidate<P>,
    observer: Option<&Arc<dyn Observer>>,
    change: impl FnOnce(&mut Health),
) {
    let (before, standing) = {
        let mut health = candidate.health.lock();
        let before = health.standing();
        change(&mut health);
        (before, health.standing())
    };
    if before == standing {
        return;
    }
    let provider = candidate.provider.called();
    tracing::info!(port = %P::PORT, %provider, ?standing, "a provider stands otherwise");
    if let Some(observer) = observer {
        observer.observe(&Observation::Standing {
            port: P::PORT,
            provider: provider.clone(),
            standing,
        });
    }
}
