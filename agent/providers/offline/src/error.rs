//! What the engines' troubles are called outside.

use std::time::Duration;

use agent_contract::{ProviderError, ProviderName};

use crate::shared_library::EngineError;

/// The engine is missing, refuses, or broke.
pub(crate) fn failed(provider: &ProviderName, error: EngineError) -> ProviderError {
    let provider = provider.clone();
    match error {
        EngineError::Missing { .. } => ProviderError::Missing {
            provider,
            remedy: error.to_string(),
        },
        EngineError::Unspoken | EngineError::Unheard => ProviderError::Rejected {
            provider,
            source: error.into(),
        },
        EngineError::Failed { .. } => ProviderError::Unavailable {
            provider,
            retry_after: None,
            source: error.into(),
        },
    }
}

/// All of it is taken.
pub(crate) fn busy(provider: &ProviderName, why: &'static str) -> ProviderError {
    ProviderError::Unavailable {
        provider: provider.clone(),
        retry_after: None,
        source: why.into(),
    }
}

/// It took too long.
pub(crate) fn stalled(provider: &ProviderName, waited: Duration) -> ProviderError {
    ProviderError::Stalled {
        provider: provider.clone(),
        waited,
    }
}
