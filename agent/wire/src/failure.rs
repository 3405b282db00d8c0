//! What goes wrong with a service, and what that means for whoever asked.

use std::{io, time::Duration};

use agent_contract::{ProviderError, ProviderName};
use serde_json::Value;
use tokio_tungstenite::tungstenite::{Error, error::ProtocolError};

use crate::refusal::{Dialect, Refusal, Sort};

/// Why a service did not deliver. Holds nothing of what was said.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was silent for so long.
    #[error("no answer in {} ms", .0.as_millis())]
    Stalled(Duration),
    /// It said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no way to it.
    #[error("the connection failed")]
    Connection(#[source] io::Error),
    /// The way to it ended.
    #[error("the connection broke off")]
    Broken,
    /// It does not speak its protocol.
    #[error("what came makes no sense: {0}")]
    Nonsense(&'static str),
    /// The request is none.
    #[error("the request cannot be sent")]
    Unsendable,
}

impl Failure {
    /// Turns into the contract's error about `provider`.
    #[must_use]
    pub fn of(self, provider: &ProviderName) -> ProviderError {
        let provider = provider.clone();
        match self {
            Self::Stalled(waited) => ProviderError::Stalled { provider, waited },
            Self::Refused(refusal) => match refusal.sort() {
                Sort::Account => ProviderError::Account {
                    provider,
                    source: refusal.into(),
                },
                Sort::Request => ProviderError::Rejected {
                    provider,
                    source: refusal.into(),
                },
                Sort::Passing => ProviderError::Unavailable {
                    provider,
                    retry_after: refusal.retry_after(),
                    source: refusal.into(),
                },
            },
            Self::Connection(_) | Self::Broken => ProviderError::Unavailable {
                provider,
                retry_after: None,
                source: self.into(),
            },
            Self::Nonsense(_) => ProviderError::Garbled {
                provider,
                source: self.into(),
            },
            Self::Unsendable => ProviderError::Rejected {
                provider,
                source: self.into(),
            },
        }
    }
}

/// Reads what the socket's library reports.
pub(crate) fn read(error: Error, dialect: &dyn Dialect) -> Failure {
    match error {
        Error::Http(answer) => {
            let body = answer.body().as_deref().unwrap_or_default();
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            dialect
                .of_answer(answer.status(), answer.headers(), &body)
                .into()
        }
        Error::Io(error) => Failure::Connection(error),
        Error::Tls(_) => Failure::Connection(io::ErrorKind::InvalidData.into()),
        Error::ConnectionClosed | Error::AlreadyClosed => Failure::Broken,
        Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete,
        ) => Failure::Broken,
        Error::Protocol(_) => Failure::Nonsense("it does not keep to the protocol"),
        Error::Capacity(_) => Failure::Nonsense("a message does not end"),
        Error::Utf8(_) => Failure::Nonsense("text that is none"),
        Error::Url(_) | Error::HttpFormat(_) | Error::WriteBufferFull(_) => Failure::Unsendable,
        _ => Failure::Broken,
    }
}
