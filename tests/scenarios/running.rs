//! The real program, with the real LiveKit server, on ports of its own.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tests_harness::TestServer;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{interval, timeout};

/// Generous: other tests run beside. What has a promised bound asserts it itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is looked at that nobody announces.
const GLANCE: Duration = Duration::from_millis(50);

/// The key of servers that need one.
pub(crate) const API_KEY: &str = "0123456789abcdef";

const LOG: &str = "patchbay.log";

/// Holds further variables, where some were named.
const ENVIRONMENT: &str = "environment";

/// A running server. It is killed with this value.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) livekit: SocketAddr,
    child: Child,
    client: reqwest::Client,
    folder: Arc<TempDir>,
    errors: Errors,
}

/// Whether lines of level error may stand in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errors {
    Forbidden,
    Expected,
}

impl Running {
    /// Starts `patchbay dev` and waits until it says that it is ready.
    pub(crate) async fn dev() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let binary = room_launcher::find_binary().unwrap();
        let mut child = program("dev", &folder)
            .env("LIVEKIT_SERVER_BIN", binary)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();

        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = line_with(&mut lines, "Patchbay is ready: ").await;
        let livekit = line_with(&mut lines, "  LiveKit  ws://").await;
        let livekit = livekit.split(' ').next().unwrap().parse().unwrap();
        Self {
            url,
            livekit,
            child,
            client: client(),
            folder,
            errors: Errors::Forbidden,
        }
    }

    /// Starts `patchbay serve` on a LiveKit server, with [`API_KEY`], and waits until it is ready.
    pub(crate) async fn serve(server: &TestServer) -> Self {
        Self::serve_with(server, "").await
    }

    /// Starts `patchbay serve` with this configuration file.
    pub(crate) async fn serve_with(server: &TestServer, configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("patchbay.toml"), configuration).unwrap();
        Self::serve_in(server, Arc::new(folder)).await
    }

    /// Starts `patchbay serve` with this configuration file and with its records at this address.
    pub(crate) async fn serve_on(server: &TestServer, configuration: &str, database: &str) -> Self {
        Self::serve_in_environment(server, configuration, &[("DATABASE_URL", database)]).await
    }

    /// Starts `patchbay serve` with this configuration file and these variables.
    pub(crate) async fn serve_in_environment<T: AsRef<str>>(
        server: &TestServer,
        configuration: &str,
        variables: &[(&str, T)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("patchbay.toml"), configuration).unwrap();
        Self::set_environment(&folder, variables);
        Self::serve_in(server, Arc::new(folder)).await
    }

    /// Sets the further variables of whoever is started in a folder.
    pub(crate) fn set_environment<T: AsRef<str>>(folder: &TempDir, variables: &[(&str, T)]) {
        let lines = variables.iter();
        let lines: String = lines
            .map(|(name, value)| format!("{name}={}\n", value.as_ref()))
            .collect();
        std::fs::write(folder.path().join(ENVIRONMENT), lines).unwrap();
    }

    /// Starts `patchbay serve` where another one has been.
    pub(crate) async fn serve_in(server: &TestServer, folder: Arc<TempDir>) -> Self {
        let child = program("serve", &folder)
            .env("LIVEKIT_URL", server.url())
            .env("LIVEKIT_API_KEY", server.api_key())
            .env("LIVEKIT_API_SECRET", server.api_secret())
            .env("PATCHBAY_API_KEY", API_KEY)
            .spawn()
            .unwrap();

        let log = || std::fs::read_to_string(folder.path().join(LOG)).unwrap();
        until(async || log().contains("LiveKit answers")).await;
        let port = log()
            .split("listening port=")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .to_owned();
        let url = format!("http://127.0.0.1:{port}");
        Self {
            url,
            livekit: server.signalling_address(),
            child,
            client: client(),
            folder,
            errors: Errors::Forbidden,
        }
    }

    /// Tells whether a text is in the database, wherever in it.
    pub(crate) fn keeps(&self, text: &str) -> bool {
        let data = self.folder.path().join("data");
        ["patchbay.db", "patchbay.db-wal"].iter().any(|file| {
            let bytes = std::fs::read(data.join(file)).unwrap_or_default();
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        })
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(self.url_of(path)).json(&body);
        let response = soon(request.send()).await.unwrap();
        assert!(
            response.status().is_success(),
            "{}",
            response.text().await.unwrap()
        );
        response.json().await.unwrap()
    }

    /// Tries to create a room.
    pub(crate) async fn create_is_accepted(&self, room: &str) -> bool {
        let body = serde_json::json!({ "roomName": room });
        let request = self.client.post(self.url_of("/room/create")).json(&body);
        soon(request.send()).await.unwrap().status() == 201
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        soon(self.client.get(self.url_of(path)).send())
            .await
            .unwrap()
    }

    pub(crate) async fn get_json(&self, path: &str) -> Value {
        self.get(path).await.json().await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> u16 {
        let request = self.client.delete(self.url_of(path));
        soon(request.send()).await.unwrap().status().as_u16()
    }

    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.url_of(path))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Ends the program as `kill -9` does, and returns where it has been.
    pub(crate) async fn kill(mut self) -> Arc<TempDir> {
        self.signal(Signal::SIGKILL);
        self.ended().await;
        Arc::clone(&self.folder)
    }

    /// Waits until the program has ended.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        soon(self.child.wait()).await.unwrap()
    }

    /// Returns what the program has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(LOG)).unwrap()
    }

    /// Tells whether the LiveKit server accepts connections.
    pub(crate) async fn livekit_is_up(&self) -> bool {
        TcpStream::connect(self.livekit).await.is_ok()
    }

    /// Kills the LiveKit server, as a crash would. From then on errors may be logged.
    pub(crate) fn kill_livekit(&mut self) {
        self.errors = Errors::Expected;
        let servers: Vec<_> = descendants(self.pid().as_raw())
            .into_iter()
            .filter(|pid| {
                let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
                name.is_ok_and(|name| name.starts_with("livekit-server"))
            })
            .collect();
        assert_eq!(
            servers.len(),
            1,
            "one LiveKit server belongs to the program"
        );
        kill(Pid::from_raw(servers[0]), Signal::SIGKILL).unwrap();
    }

    fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().unwrap().try_into().unwrap())
    }
}

/// A command on a free port, with an empty environment, in a folder of its own.
fn program(command: &str, folder: &TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_patchbay"));
    let further = std::fs::read_to_string(folder.path().join(ENVIRONMENT)).unwrap_or_default();
    program
        .args([command, "--data-dir", "data"])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("PATCHBAY_LISTEN", "127.0.0.1:0")
        .envs(further.lines().filter_map(|line| line.split_once('=')))
        .stderr(std::fs::File::create(folder.path().join(LOG)).unwrap())
        .kill_on_drop(true);
    program
}

/// The features that the workspace needs leave the choice of a crypto provider to us, even for plain HTTP.
pub(crate) fn client() -> reqwest::Client {
    // Another test may have chosen first.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::new()
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.errors == Errors::Forbidden && !std::thread::panicking() {
            assert!(!self.log().contains("ERROR"), "{}", self.log());
        }
    }
}

/// Waits for something, but not for ever.
pub(crate) async fn soon<T>(waited_for: impl Future<Output = T>) -> T {
    timeout(PATIENCE, waited_for)
        .await
        .expect("it happens within half a minute")
}

/// Waits until a condition holds that nobody announces.
pub(crate) async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let mut glances = interval(GLANCE);
    soon(async {
        while !holds().await {
            glances.tick().await;
        }
    })
    .await;
}

async fn line_with(lines: &mut Lines<BufReader<ChildStdout>>, start: &str) -> String {
    soon(async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
        panic!("the program ended before it said `{start}`");
    })
    .await
}

fn descendants(ancestor: i32) -> Vec<i32> {
    let mut found = Vec::new();
    let mut parents = vec![ancestor];
    while let Some(parent) = parents.pop() {
        let children = children(parent);
        found.extend(&children);
        parents.extend(children);
    }
    found
}

/// Every thread of a process may have children.
fn children(parent: i32) -> Vec<i32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) else {
        return Vec::new();
    };
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok())
        .flat_map(|line| {
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter_map(|pid| pid.parse().ok())
        .collect()
}
