//! What a call has used and what that costs.

use std::{collections::BTreeMap, fmt, time::Duration};

use parking_lot::Mutex;

use super::Port;
use crate::{ProviderName, Tokens};

/// An amount in the operator's currency, counted in billionths. Cheap to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Money(u64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Returns so many billionths.
    #[must_use]
    pub const fn billionths(amount: u64) -> Self {
        Self(amount)
    }

    /// Returns the amount in billionths.
    #[must_use]
    pub const fn as_billionths(self) -> u64 {
        self.0
    }

    /// Reads an amount such as 0.15; what is no amount is nothing.
    #[must_use]
    pub fn of(amount: f64) -> Self {
        // A cast from float saturates, and makes 0 of what is no number.
        Self((amount * 1e9).round() as u64)
    }

    fn times(self, units: u64, per: u64) -> Self {
        let whole = u128::from(self.0) * u128::from(units) / u128::from(per);
        Self(u64::try_from(whole).unwrap_or(u64::MAX))
    }
}

impl std::ops::Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0 as f64 / 1e9)
    }
}

/// What a provider takes. The default is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Price {
    /// For a million tokens read.
    pub input_tokens: Money,
    /// For a million tokens read from a cache.
    pub cached_tokens: Money,
    /// For a million tokens written.
    pub output_tokens: Money,
    /// For a million characters spoken.
    pub characters: Money,
    /// For an hour of sound heard.
    pub hour: Money,
}

impl Price {
    /// Returns whether it costs nothing.
    #[must_use]
    pub fn is_free(&self) -> bool {
        *self == Self::default()
    }

    /// Returns what the usage costs.
    #[must_use]
    pub fn of(&self, usage: &Usage) -> Money {
        const MILLION: u64 = 1_000_000;
        const HOUR_MS: u64 = 3_600_000;
        let tokens = usage.tokens;
        let fresh = tokens.input.saturating_sub(tokens.cached);
        let heard = u64::try_from(usage.heard.as_millis()).unwrap_or(u64::MAX);
        self.input_tokens.times(fresh, MILLION)
            + self.cached_tokens.times(tokens.cached, MILLION)
            + self.output_tokens.times(tokens.output, MILLION)
            + self.characters.times(usage.characters, MILLION)
            + self.hour.times(heard, HOUR_MS)
    }
}

/// What was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// By a thinker.
    pub tokens: Tokens,
    /// By a speaker.
    pub characters: u64,
    /// By a transcriber.
    pub heard: Duration,
}

impl Usage {
    fn add(&mut self, more: &Self) {
        self.tokens.input += more.tokens.input;
        self.tokens.cached += more.tokens.cached;
        self.tokens.output += more.tokens.output;
        self.characters += more.characters;
        self.heard += more.heard;
    }
}

/// What one provider did at one port, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Where.
    pub port: Port,
    /// Who.
    pub provider: ProviderName,
    /// How much.
    pub usage: Usage,
    /// For how much.
    pub cost: Money,
}

/// The accounts of one call, and its budget.
#[derive(Debug, Default)]
pub struct Ledger {
    budget: Option<Money>,
    accounts: Mutex<BTreeMap<(Port, ProviderName), (Usage, Money)>>,
}

impl Ledger {
    /// Opens a ledger with a budget.
    #[must_use]
    pub fn with_budget(budget: Money) -> Self {
        Self {
            budget: Some(budget),
            accounts: Mutex::default(),
        }
    }

    /// Returns what was spent so far.
    #[must_use]
    pub fn spent(&self) -> Money {
        let accounts = self.accounts.lock();
        accounts
            .values()
            .fold(Money::ZERO, |sum, (_, cost)| sum + *cost)
    }

    /// Returns whether the budget is used up.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.budget.is_some_and(|budget| self.spent() >= budget)
    }

    /// Returns the accounts, by port and provider.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        let accounts = self.accounts.lock();
        let rows = accounts
            .iter()
            .map(|((port, provider), (usage, cost))| Account {
                port: *port,
                provider: provider.clone(),
                usage: *usage,
                cost: *cost,
            });
        rows.collect()
    }

    pub(super) fn enter(&self, port: Port, provider: &ProviderName, price: &Price, more: &Usage) {
        let mut accounts = self.accounts.lock();
        let (usage, cost) = accounts.entry((port, provider.clone())).or_default();
        usage.add(more);
        *cost = price.of(usage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_costs_what_its_providers_take() {
        let ledger = Ledger::with_budget(Money::of(0.01));
        let name = ProviderName::new("one");
        let thinking = Price {
            input_tokens: Money::of(0.40),
            cached_tokens: Money::of(0.10),
            output_tokens: Money::of(1.60),
            ..Price::default()
        };
        let hearing = Price {
            hour: Money::of(0.36),
            ..Price::default()
        };

        let tokens = Tokens {
            input: 3_000,
            cached: 1_000,
            output: 500,
        };
        let thought = Usage {
            tokens,
            ..Usage::default()
        };
        ledger.enter(Port::Thinker, &name, &thinking, &thought);
        assert_eq!(ledger.spent(), Money::of(0.001_7));
        assert!(!ledger.is_spent());

        let heard = Usage {
            heard: Duration::from_secs(90),
            ..Usage::default()
        };
        ledger.enter(Port::Transcriber, &name, &hearing, &heard);
        assert_eq!(ledger.spent(), Money::of(0.010_7));
        assert!(ledger.is_spent());
        assert_eq!(ledger.accounts().len(), 2);
    }

    #[test]
    fn what_is_no_amount_is_nothing() {
        assert_eq!(Money::of(f64::NAN), Money::ZERO);
        assert_eq!(Money::of(-1.0), Money::ZERO);
        assert!(Price::default().is_free());
    }
}
