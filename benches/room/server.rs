//! The LiveKit server of a run, and who may join what.

use anyhow::Result;
use livekit_api::access_token::{AccessToken, VideoGrants};
use room_launcher::{LiveKitServer, Options};
use serde_json::json;

use crate::process;

pub(crate) struct Server {
    server: LiveKitServer,
}

impl Server {
    pub(crate) async fn start() -> Result<Self> {
        // Hundreds of joins within seconds are the purpose here, and its log is not.
        let options = Options {
            settings: json!({ "logging": { "level": "error" } }),
            ..Options::default()
        };
        Ok(Self {
            server: LiveKitServer::start(options).await?,
        })
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn token(&self, room: &str, identity: &str) -> Result<String> {
        let grants = VideoGrants {
            room_join: true,
            room: room.to_owned(),
            ..VideoGrants::default()
        };
        let token = AccessToken::with_api_key(self.server.api_key(), self.server.api_secret())
            .with_identity(identity)
            .with_grants(grants);
        Ok(token.to_jwt()?)
    }

    /// Returns the processor seconds that the server has used.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        self.server.pid().map_or(Ok(0.0), process::cpu_seconds)
    }

    pub(crate) async fn stop(mut self) {
        self.server.stop().await;
    }
}
