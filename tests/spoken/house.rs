//! `patchbay dev` on ports of its own, with agents that converse.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{interval, timeout};

/// Generous: the machine may be busy. What has a promised bound asserts it itself.
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);

/// How often a condition is looked at that nobody announces.
const GLANCE: Duration = Duration::from_millis(200);

/// [`PATIENCE`] in glances.
const MOST_GLANCES: u32 = 225;

const LOG: &str = "patchbay.log";

/// Houses that are open at once, where nobody asserts how fast they are.
const MOST_AT_ONCE: u32 = 2;

static TURN: Semaphore = Semaphore::const_new(MOST_AT_ONCE as usize);

/// A running server. It is killed with this value.
pub(crate) struct House {
    url: String,
    /// Where it looks for Twilio.
    twilio: SocketAddr,
    client: Client,
    // Ends before its folder goes.
    _child: Child,
    folder: TempDir,
    _turn: SemaphorePermit<'static>,
}

impl House {
    /// Opens it, as the only one, and waits until it is ready.
    pub(crate) async fn open() -> Self {
        Self::in_turn(TURN.acquire_many(MOST_AT_ONCE).await.unwrap()).await
    }

    /// Opens it beside others that are opened so, for stories in which nobody is timed.
    pub(crate) async fn open_beside_others() -> Self {
        Self::in_turn(TURN.acquire().await.unwrap()).await
    }

    async fn in_turn(turn: SemaphorePermit<'static>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("patchbay-spoken-")
            .tempdir()
            .unwrap();
        let configuration = include_str!("patchbay.toml");
        std::fs::write(folder.path().join("patchbay.toml"), configuration).unwrap();
        let twilio = free_address();
        let mut child = program(&folder, twilio).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = line_with(&mut lines, "Patchbay is ready: ").await;
        // Another test may have chosen first.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self {
            url,
            twilio,
            folder,
            client: Client::new(),
            _child: child,
            _turn: turn,
        }
    }

    /// Creates a room with an agent and returns what its host needs to join.
    pub(crate) async fn room(&self, room: &str, profile: &str, host: (&str, &str)) -> Value {
        let (identity, name) = host;
        let body = json!({ "roomName": room, "profile": profile, "hostIdentity": identity, "hostName": name });
        self.post("/room/create", &body).await
    }

    /// Returns what another person needs to join.
    pub(crate) async fn invitation(&self, room: &str, (identity, name): (&str, &str)) -> Value {
        let body =
            json!({ "roomName": room, "participantIdentity": identity, "participantName": name });
        self.post("/room/join", &body).await
    }

    pub(crate) async fn switch_agent(&self, room: &str, enable: bool) {
        let path = format!("/room/{room}/agent");
        self.post(&path, &json!({ "enable": enable })).await;
    }

    /// Waits until the session of a web room is over, and returns what is kept of it.
    pub(crate) async fn record(&self, room: &str) -> Kept {
        self.record_of(&format!("web-{room}")).await
    }

    /// Waits until a session is over, and returns what is kept of it.
    pub(crate) async fn record_of(&self, session: &str) -> Kept {
        let path = format!("/api/v1/calls/{session}");
        let kept = until(async || {
            let call = self.get(&path).await?;
            (call["status"] == "ended").then_some(call)
        });
        Kept(kept.await)
    }

    /// Waits until somebody has said something in a session, to its end.
    pub(crate) async fn has_kept(&self, session: &str, line: &str) {
        let path = format!("/api/v1/calls/{session}");
        let mut last = Value::Null;
        for _ in 0..MOST_GLANCES {
            last = self.get(&path).await.unwrap_or_default();
            if last["transcript"].is_array() && Kept(last.clone()).has(line) {
                return;
            }
            tokio::time::sleep(GLANCE).await;
        }
        panic!("`{line}` was not said: {last:#}");
    }

    /// Returns where it answers.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns where it looks for Twilio.
    pub(crate) fn twilio(&self) -> SocketAddr {
        self.twilio
    }

    /// Returns what the program has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(LOG)).unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.url)).json(body);
        let response = soon(request.send()).await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Uses an invitation not to come.
    pub(crate) async fn declines(&self, ticket: &str) {
        let address = format!("{}/join/{ticket}/decline", self.url);
        let answer = soon(self.client.post(address).send()).await.unwrap();
        assert_eq!(answer.status(), 204);
    }

    pub(crate) async fn get(&self, path: &str) -> Option<Value> {
        let request = self.client.get(format!("{}{path}", self.url));
        let response = soon(request.send()).await.unwrap();
        let found = response.status().is_success();
        if found {
            response.json().await.ok()
        } else {
            None
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let log = self.log();
        if std::thread::panicking() {
            // For whoever looks into it.
            self.folder.disable_cleanup(true);
        } else {
            assert!(!log.contains("ERROR"), "{log}");
        }
    }
}

/// A call as it is kept.
#[derive(Debug)]
pub(crate) struct Kept(pub(crate) Value);

impl Kept {
    /// Returns what was said, one line each: who, and the words; ` --` where somebody fell in. A busy machine makes
    /// pauses where a person made none, so what one person says in a row is one line.
    pub(crate) fn transcript(&self) -> Vec<String> {
        let mut lines: Vec<(String, String)> = Vec::new();
        for (who, words) in self.0["transcript"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(said)
        {
            match lines.last_mut() {
                Some(last) if last.0 == who && who != "agent" => {
                    last.1.push(' ');
                    last.1.push_str(&words);
                }
                _ => lines.push((who, words)),
            }
        }
        let lines = lines.into_iter();
        lines
            .map(|(who, words)| format!("{who}: {words}"))
            .collect()
    }

    pub(crate) fn has(&self, line: &str) -> bool {
        self.transcript().iter().any(|kept| kept == line)
    }
}

fn said(entry: &Value) -> Option<(String, String)> {
    let text = entry["text"].as_str().unwrap_or_default();
    let name = || entry["name"].as_str();
    match entry["type"].as_str()? {
        "person" => {
            let who = name().or_else(|| entry["identity"].as_str())?;
            Some((who.to_owned(), text.to_owned()))
        }
        "agent" => {
            let end = if entry["interrupted"] == true {
                " --"
            } else {
                ""
            };
            Some(("agent".to_owned(), format!("{text}{end}")))
        }
        "tool" => Some((format!("tool {}", name()?), text.to_owned())),
        _ => None,
    }
}

/// Returns an address where nobody listens yet.
fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

fn program(folder: &TempDir, twilio: SocketAddr) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_patchbay"));
    program
        .args(["dev", "--listen", "127.0.0.1:0", "--data-dir", "data"])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("TWILIO_BASE_URL", format!("http://{twilio}"))
        .env("LIVEKIT_SERVER_BIN", room_launcher::find_binary().unwrap())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(folder.path().join(LOG)).unwrap())
        .kill_on_drop(true);
    program
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

/// Waits for something, but not for ever.
pub(crate) async fn soon<T>(waited_for: impl Future<Output = T>) -> T {
    timeout(PATIENCE, waited_for)
        .await
        .expect("it happens within the time that all have")
}

/// Waits until there is something that nobody announces.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(mut found: impl FnMut() -> F) -> T {
    let mut glances = interval(GLANCE);
    soon(async {
        loop {
            glances.tick().await;
            if let Some(found) = found().await {
                return found;
            }
        }
    })
    .await
}
