//! What goes wrong with the service, and what that means for whoever asked.

use std::{io, time::Duration};

use agent_contract::{ProviderError, ProviderName};
use tokio_tungstenite::tungstenite::Error;

use crate::refusal::{Refusal, Sort};

/// Why listening failed. Holds nothing of what was said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("no answer in {} ms", .0.as_millis())]
    Stalled(Duration),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the connection failed")]
    Connection(#[source] io::Error),
    #[error("the connection broke off")]
    Broken,
    #[error("what came makes no sense: {0}")]
    Nonsense(&'static str),
    #[error("the request cannot be sent")]
    Unsendable,
}

impl Failure {
    /// The service has closed the connection for a reason.
    pub(crate) fn closed(code: u16, reason: &str) -> Self {
        Self::Refused(Refusal::of_close(code, reason))
    }

    /// Turns into the contract's error about `provider`.
    pub(crate) fn of(self, provider: &ProviderName) -> ProviderError {
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
                    retry_after: refusal.retry_after,
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

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Http(answer) => {
                let body = answer.body().as_deref().unwrap_or_default();
                Refusal::of_answer(answer.status(), answer.headers(), body).into()
            }
            Error::Io(error) => Self::Connection(error),
            Error::Tls(_) => Self::Connection(io::ErrorKind::InvalidData.into()),
            Error::ConnectionClosed | Error::AlreadyClosed => Self::Broken,
            Error::Protocol(error) => match error {
                tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
                | tokio_tungstenite::tungstenite::error::ProtocolError::HandshakeIncomplete => {
                    Self::Broken
                }
                _ => Self::Nonsense("it does not keep to the protocol"),
            },
            Error::Capacity(_) => Self::Nonsense("a message does not end"),
            Error::Utf8(_) => Self::Nonsense("text that is none"),
            Error::Url(_) | Error::HttpFormat(_) | Error::WriteBufferFull(_) => Self::Unsendable,
            _ => Self::Broken,
        }
    }
}
