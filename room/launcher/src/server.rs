//! One running LiveKit server.

use std::{env, net::SocketAddr, path::PathBuf, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    LaunchError, Options, Ports, ServerLog, binary::find_binary, config, ports::PortBlock, probe,
    supervisor::Supervised,
};

/// Where the server looks for its configuration: kept off its command line, which others can read.
const CONFIG_VARIABLE: &str = "LIVEKIT_CONFIG";
/// A stranger may hold a port of a block that we claimed; three in a row means something else is wrong.
const BLOCKS_TRIED: usize = 3;
const PROBE_EVERY: Duration = Duration::from_millis(20);
/// Between the two signals of a stop: two that arrive together would count as one.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(100);
/// The server gives open connections 5 s of its own.
const END_WITHIN: Duration = Duration::from_secs(8);

/// One LiveKit server. Dropping it kills the server by force; [`stop`](Self::stop) is the polite way.
#[derive(Debug)]
pub struct LiveKitServer {
    options: Options,
    binary: PathBuf,
    block: PortBlock,
    log: ServerLog,
    process: Option<Supervised>,
}

impl LiveKitServer {
    /// Starts a server and returns when it answers.
    ///
    /// # Errors
    /// When there is no executable, no port, or the server does not get ready.
    pub async fn start(options: Options) -> Result<Self, LaunchError> {
        let binary = match &options.binary {
            Some(path) => path.clone(),
            None => find_binary()?,
        };
        let mut blocks_left = BLOCKS_TRIED;
        loop {
            let block = PortBlock::claim()?;
            let log =
                ServerLog::create(log_path(&options, block.ports)).map_err(LaunchError::Spawn)?;
            let mut server = Self {
                options: options.clone(),
                binary: binary.clone(),
                block,
                log,
                process: None,
            };
            blocks_left -= 1;
            match server.restart().await {
                Ok(()) => return Ok(server),
                Err(LaunchError::Ended { .. })
                    if blocks_left > 0 && server.log.tells_of_a_taken_port() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Starts the server again on the same ports, after killing it when it still runs.
    ///
    /// # Errors
    /// When the server does not get ready.
    pub async fn restart(&mut self) -> Result<(), LaunchError> {
        self.kill().await;
        let config = config::render(&self.options, self.block.ports).to_string();
        let mut process = Supervised::start(
            &self.binary,
            (CONFIG_VARIABLE, config.as_ref()),
            self.log.path(),
        )
        .await
        .map_err(LaunchError::Spawn)?;
        self.wait_until_ready(&mut process).await?;
        tracing::debug!(
            port = self.block.ports.signalling(),
            pid = process.pid(),
            "livekit-server is ready"
        );
        self.process = Some(process);
        Ok(())
    }

    async fn wait_until_ready(&self, process: &mut Supervised) -> Result<(), LaunchError> {
        let deadline = Instant::now() + self.options.ready_within;
        loop {
            if process.has_ended() {
                return Err(LaunchError::Ended {
                    last_words: self.log.last_words(),
                });
            }
            // The order matters: a server that ended on a taken port must not pass for ready
            // because whoever holds the port answered.
            if probe::is_ready(self.signalling_address()).await && !process.has_ended() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(LaunchError::NotReady {
                    waited: self.options.ready_within,
                });
            }
            sleep(PROBE_EVERY).await;
        }
    }

    /// Returns the address that clients connect to, as in `LIVEKIT_URL`.
    pub fn url(&self) -> String {
        format!("ws://{}", self.signalling_address())
    }

    /// Returns the address of the server's HTTP API.
    pub fn http_url(&self) -> String {
        format!("http://{}", self.signalling_address())
    }

    /// Returns the address of signalling and HTTP API.
    pub fn signalling_address(&self) -> SocketAddr {
        SocketAddr::new(self.options.address, self.block.ports.signalling())
    }

    /// Returns the API key that the server accepts.
    pub fn api_key(&self) -> &str {
        &self.options.api_key
    }

    /// Returns the secret of that key.
    pub fn api_secret(&self) -> &str {
        &self.options.api_secret
    }

    /// Returns the ports of this instance.
    pub fn ports(&self) -> Ports {
        self.block.ports
    }

    /// Returns what the server has written.
    pub fn log(&self) -> &ServerLog {
        &self.log
    }

    /// Returns the server's process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Supervised::pid)
    }

    /// Waits until the server ends without having been asked to. Can be dropped and called again.
    pub async fn ended(&mut self) {
        if let Some(process) = &mut self.process {
            process.ended().await;
        }
    }

    /// Kills the server by force, as a crash would.
    pub async fn kill(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        process.signal("KILL").await;
        process.ended().await;
    }

    /// Stops the server: waits for participants as long as `drain` says, turns the rest out, and kills
    /// a server that does not end by itself.
    pub async fn stop(&mut self) {
        let Some(mut process) = self.process.take() else {
            return;
        };
        // The first signal waits for participants to leave, the second does not.
        process.signal("TERM").await;
        if process
            .ended_within(self.options.drain.max(BETWEEN_SIGNALS))
            .await
        {
            return;
        }
        process.signal("TERM").await;
        if process.ended_within(END_WITHIN).await {
            return;
        }
        tracing::warn!("livekit-server did not stop in time and was killed");
        process.signal("KILL").await;
        process.ended().await;
    }
}

fn log_path(options: &Options, ports: Ports) -> PathBuf {
    options.log_file.clone().unwrap_or_else(|| {
        env::temp_dir().join(format!("livekit-server-{}.log", ports.signalling()))
    })
}
