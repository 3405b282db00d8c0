//! What goes wrong with a provider, named after what to do next.

use std::time::Duration;

use crate::ProviderName;

/// Anything that went wrong underneath.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a provider did not deliver.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// Overloaded, unreachable or cut off: another provider now, this one again later.
    #[error("provider `{provider}` is unavailable")]
    Unavailable {
        /// Which.
        provider: ProviderName,
        /// Not before then, as it said itself.
        retry_after: Option<Duration>,
        /// What was seen.
        #[source]
        source: BoxError,
    },
    /// Too slow: another provider now, this one again later.
    #[error("provider `{provider}` said nothing for {} ms", waited.as_millis())]
    Stalled {
        /// Which.
        provider: ProviderName,
        /// How long it was waited for.
        waited: Duration,
    },
    /// It refused what was sent: the same again cannot help, another provider may.
    #[error("provider `{provider}` rejected the request")]
    Rejected {
        /// Which.
        provider: ProviderName,
        /// Its reason.
        #[source]
        source: BoxError,
    },
    /// The key is wrong or the account is used up: the operator has to act.
    #[error("provider `{provider}` does not accept the account")]
    Account {
        /// Which.
        provider: ProviderName,
        /// Its reason.
        #[source]
        source: BoxError,
    },
    /// It sent what its protocol does not know: another provider now.
    #[error("provider `{provider}` sent something that makes no sense")]
    Garbled {
        /// Which.
        provider: ProviderName,
        /// What was wrong with it, without its content.
        #[source]
        source: BoxError,
    },
    /// It is not installed or not set up on this machine: the operator has to act.
    #[error("provider `{provider}` is not installed: {remedy}")]
    Missing {
        /// Which.
        provider: ProviderName,
        /// What to do, such as which package to install.
        remedy: String,
    },
}

impl ProviderError {
    /// Returns whose fault it was.
    #[must_use]
    pub fn provider(&self) -> &ProviderName {
        match self {
            Self::Unavailable { provider, .. }
            | Self::Stalled { provider, .. }
            | Self::Rejected { provider, .. }
            | Self::Account { provider, .. }
            | Self::Garbled { provider, .. }
            | Self::Missing { provider, .. } => provider,
        }
    }

    /// Returns a word for metrics and records.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "unavailable",
            Self::Stalled { .. } => "stalled",
            Self::Rejected { .. } => "rejected",
            Self::Account { .. } => "account",
            Self::Garbled { .. } => "garbled",
            Self::Missing { .. } => "missing",
        }
    }

    /// Returns whether the same request may succeed later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Stalled { .. } | Self::Garbled { .. } => true,
            Self::Rejected { .. } | Self::Account { .. } | Self::Missing { .. } => false,
        }
    }
}
