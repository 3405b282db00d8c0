//! The LiveKit server that dev mode starts for itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use room_launcher::{LiveKitServer, Options};
use secrecy::SecretString;
use tokio::time::sleep;
use tracing::{error, warn};
use url::Url;

use crate::config::{Config, LiveKit};

/// Pause before a LiveKit server that ended is started again.
const RESTART_PAUSE: Duration = Duration::from_millis(500);

/// A LiveKit server on loopback that ends with this process, even when that is killed by force.
pub(super) struct LocalLiveKit {
    server: LiveKitServer,
    access: LiveKit,
}

impl LocalLiveKit {
    /// Starts the server; its events go to `webhook`.
    pub(super) async fn start(config: &Config, webhook: &Url) -> anyhow::Result<Self> {
        let server = LiveKitServer::start(Options {
            log_file: Some(config.data_dir.join("livekit.log")),
            webhook_urls: vec![webhook.to_string()],
            ..Options::default()
        })
        .await
        .context("the local LiveKit server did not start")?;
        let access = LiveKit {
            url: Url::parse(&server.url()).context("the local LiveKit server's address")?,
            public_url: None,
            hidden_listeners: false,
            api_key: server.api_key().to_owned(),
            api_secret: SecretString::from(server.api_secret()),
        };
        Ok(Self { server, access })
    }

    pub(super) fn access(&self) -> &LiveKit {
        &self.access
    }

    pub(super) fn log(&self) -> PathBuf {
        Path::new(self.server.log().path()).to_owned()
    }

    /// Keeps the server running while `work` goes on, then stops it.
    pub(super) async fn kept_while<T>(mut self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                () = self.revive() => {}
            }
        };
        self.server.stop().await;
        result
    }

    /// Waits until the server ends unasked, and starts it again on the same ports.
    async fn revive(&mut self) {
        self.server.ended().await;
        warn!("the local LiveKit server ended and is started again");
        while let Err(failure) = self.server.restart().await {
            error!(
                error = crate::telemetry::chain(&failure),
                "LiveKit did not start again"
            );
            sleep(RESTART_PAUSE).await;
        }
    }
}
