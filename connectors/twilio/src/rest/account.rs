//! The account itself: whether it may call at all.

use serde::Deserialize;

use super::{RestClient, RestError, fields::Fields};
use crate::sid::AccountSid;

/// The account as Twilio knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// Its id.
    pub sid: AccountSid,
    /// Whether it may do anything.
    #[serde(rename = "status")]
    pub state: AccountState,
    /// `Trial` or `Full`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

impl Account {
    /// Returns whether it calls verified numbers only.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.kind.as_deref() == Some("Trial")
    }
}

/// Whether an account may do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountState {
    /// It may.
    Active,
    /// It may not, for want of money as a rule.
    Suspended,
    /// It was closed.
    Closed,
}

/// What is left in the account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Balance {
    /// A decimal number.
    pub balance: String,
    /// Of this currency.
    pub currency: String,
}

impl RestClient {
    /// Reads the account.
    ///
    /// # Errors
    /// [`RestError`] says whether the credentials are wrong.
    pub async fn account(&self) -> Result<Account, RestError> {
        self.send(self.get(&[], &Fields::default())).await
    }

    /// Reads what is left in it. A subaccount has nothing of its own.
    ///
    /// # Errors
    /// [`RestError`] says whether the credentials are wrong.
    pub async fn balance(&self) -> Result<Balance, RestError> {
        self.send(self.get(&["Balance"], &Fields::default())).await
    }
}
