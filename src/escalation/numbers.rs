//! Numbers that thinkers give: read, allowed and confirmed before anybody is called.

use std::sync::{Arc, Mutex, PoisonError};

use agent_contract::ToolContext;
use agent_tools::NotDialled;

use super::confirm::{Confirmations, Verdict};
use crate::clock::now;
use crate::dial::{Number, Policy};

/// Looks at numbers that thinkers give, for every tool that calls somebody. Cheap to clone.
#[derive(Debug, Clone)]
pub struct GivenNumbers {
    policy: Arc<Policy>,
    confirmations: Arc<Mutex<Confirmations>>,
}

impl GivenNumbers {
    /// Makes one; numbers are read as the policy says.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy: Arc::new(policy),
            confirmations: Arc::default(),
        }
    }

    /// Returns the number that a thinker gave, once it may be called.
    ///
    /// # Errors
    ///
    /// [`NotDialled`] says what the thinker is told instead.
    pub fn look(&self, asker: &ToolContext, text: &str) -> Result<Number, NotDialled> {
        let number = self.policy.number(text);
        let number = number.map_err(|error| NotDialled::Unreadable(error.to_string()))?;
        if self.policy.permit(&number).is_err() {
            return Err(NotDialled::Forbidden);
        }
        let verdict = self
            .confirmations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .handle(now(), &asker.session, asker.turn, &number);
        match verdict {
            Verdict::Confirmed => Ok(number),
            Verdict::ReadBack => Err(NotDialled::Unconfirmed {
                digits: spelled(&number),
            }),
        }
    }
}

/// Returns the digits one by one.
fn spelled(number: &Number) -> String {
    let digits = number.e164().chars().map(String::from);
    digits.collect::<Vec<_>>().join(" ")
}
