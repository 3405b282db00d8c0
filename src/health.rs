//! Whether LiveKit answers with our credentials, asked again and again.

use std::sync::Arc;
use std::time::Duration;

use room_contract::{RoomName, Rooms, ServiceError};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::metrics::Metrics;
use crate::telemetry::chain;

/// Pause between questions while all is well.
const CALM: Duration = Duration::from_secs(5);

/// Pause while LiveKit does not answer: the end of the outage should be noticed at once.
const ANXIOUS: Duration = Duration::from_millis(250);

/// How LiveKit answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveKitHealth {
    /// Nobody has asked yet.
    Unknown,
    /// As it should.
    Well,
    /// Not at all: it may come back by itself.
    Unreachable,
    /// It refuses the key or the secret, or is not LiveKit: the configuration has to be mended.
    Refusing,
}

impl LiveKitHealth {
    /// Returns the word for answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Well => "ok",
            Self::Unreachable => "unreachable",
            Self::Refusing => "refused",
        }
    }
}

/// The latest word on LiveKit's health. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Health(watch::Receiver<LiveKitHealth>);

impl Health {
    /// Returns how LiveKit answered last.
    #[must_use]
    pub fn livekit(&self) -> LiveKitHealth {
        *self.0.borrow()
    }

    /// Waits until LiveKit answers as it should.
    pub async fn well(&mut self) {
        // An error means that nobody asks any more: then nobody is told either.
        if self
            .0
            .wait_for(|health| *health == LiveKitHealth::Well)
            .await
            .is_err()
        {
            std::future::pending::<()>().await;
        }
    }
}

/// Asks LiveKit how it is.
pub struct Probe {
    rooms: Arc<dyn Rooms>,
    metrics: Metrics,
    latest: watch::Sender<LiveKitHealth>,
}

impl Probe {
    /// Sets a probe up, and where its findings can be read.
    #[must_use]
    pub fn new(rooms: Arc<dyn Rooms>, metrics: Metrics) -> (Self, Health) {
        let (latest, health) = watch::channel(LiveKitHealth::Unknown);
        (
            Self {
                rooms,
                metrics,
                latest,
            },
            Health(health),
        )
    }

    /// Asks until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let health = self.ask().await;
            let pause = if health == LiveKitHealth::Well {
                CALM
            } else {
                ANXIOUS
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    async fn ask(&self) -> LiveKitHealth {
        let answer = ask(&*self.rooms).await;
        let health = judge(&answer);
        let before = self.latest.send_replace(health);
        self.metrics.livekit_answers(health == LiveKitHealth::Well);
        if before != health {
            match &answer {
                Ok(()) => info!("LiveKit answers"),
                Err(error) => warn!(error = chain(error), "LiveKit does not answer as it should"),
            }
        }
        health
    }
}

/// Asks once: whether LiveKit is reachable, and takes our key and secret.
///
/// # Errors
///
/// What the room service says.
pub async fn ask(rooms: &dyn Rooms) -> Result<(), ServiceError> {
    let room = RoomName::new("patchbay-readiness").expect("short and printable");
    rooms.find(&room).await.map(drop)
}

fn judge(answer: &Result<(), ServiceError>) -> LiveKitHealth {
    match answer {
        Ok(()) | Err(ServiceError::Gone) => LiveKitHealth::Well,
        Err(ServiceError::Refused(_) | ServiceError::Garbled(_)) => LiveKitHealth::Refusing,
        Err(_) => LiveKitHealth::Unreachable,
    }
}
