//! A LiveKit server of a test's own.

use std::{ops::Deref, thread};

use anyhow::{Context, Result, ensure};
use room_launcher::{LiveKitServer, Options};
use tempfile::TempDir;

use crate::Token;

/// A real LiveKit server for one test. It ends with this value; its log stays when the test fails.
#[derive(Debug)]
pub struct TestServer {
    server: LiveKitServer,
    /// Holds the log.
    folder: Option<TempDir>,
}

/// It was about to write to somebody who has just hung up.
const PARTING: &str = "io: read/write on closed pipe";
/// What it says of somebody who goes while they join, as those do whose process is killed.
const CANCELLED: [&str; 2] = [
    r#""msg":"could not handle new participant""#,
    r#""error":"request canceled""#,
];
/// It had chosen a way to somebody before it had noted that way as one of its own (`SetSelectedPair` in `pkg/rtc/types/ice.go`).
const UNNOTED: &str = r#""msg":"could not match local candidate""#;

impl TestServer {
    /// Starts a server with the usual settings.
    ///
    /// # Errors
    /// When there is no `livekit-server`, or it does not start.
    pub async fn start() -> Result<Self> {
        Self::start_with(Options::default()).await
    }

    /// Starts a server with settings of the test's own; the log file is chosen here.
    ///
    /// # Errors
    /// When there is no `livekit-server`, or it does not start.
    pub async fn start_with(options: Options) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("livekit-test-").tempdir()?;
        let options = Options {
            log_file: Some(folder.path().join("livekit.log")),
            ..options
        };
        let server = LiveKitServer::start(options)
            .await
            .context("starting a LiveKit server")?;
        Ok(Self {
            server,
            folder: Some(folder),
        })
    }

    /// Returns a token to join `room` as `identity`, with every right that a participant can have.
    ///
    /// # Errors
    /// When a name is empty.
    pub fn token(&self, room: &str, identity: &str) -> Result<String> {
        Token::new(room, identity).sign(self.api_key(), self.api_secret())
    }

    /// Returns the lines of level error in the server's log, but for what it says of itself when somebody
    /// comes or hangs up in an unlucky moment.
    pub fn errors(&self) -> Vec<String> {
        let mut errors = self.server.log().errors();
        errors.retain(|line| {
            let cancelled = CANCELLED.iter().all(|part| line.contains(part));
            ![PARTING, UNNOTED].iter().any(|part| line.contains(part)) && !cancelled
        });
        errors
    }

    /// Returns the server itself, to kill it or start it again.
    pub fn process(&mut self) -> &mut LiveKitServer {
        &mut self.server
    }

    /// Stops the server and checks that it had nothing to complain about.
    ///
    /// # Errors
    /// When its log has lines of level error.
    pub async fn finish(mut self) -> Result<()> {
        self.server.stop().await;
        let errors = self.errors();
        ensure!(
            errors.is_empty(),
            "the server's log has errors:\n{}",
            errors.join("\n")
        );
        Ok(())
    }
}

impl Deref for TestServer {
    type Target = LiveKitServer;

    fn deref(&self) -> &LiveKitServer {
        &self.server
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let Some(folder) = self.folder.take().filter(|_| thread::panicking()) else {
            return;
        };
        let path = folder.keep().join("livekit.log");
        // The test harness shows what a failed test has printed.
        #[expect(clippy::print_stderr, reason = "a failed test tells where its log is")]
        {
            eprintln!("the LiveKit server's log is kept in {}", path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_had_nothing_to_do_has_nothing_to_complain_about() {
        let server = TestServer::start().await.unwrap();

        assert!(server.log().path().exists());
        server.finish().await.unwrap();
    }
}
