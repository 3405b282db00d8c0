//! The server as a process of its own, and everything around it.

use std::{
    env,
    net::SocketAddr,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use connectors_twilio_twin::{Call, InboundCall, Number, Route, Settings, Twin, What};
use room_contract::Rooms as _;
use room_launcher::{LiveKitServer, Options};
use room_livekit::{LiveKitConfig, LiveKitRooms};
use secrecy::SecretString;
use serde_json::json;
use tempfile::TempDir;
use tests_fakes::{Conduct, Deepgram, OpenAi};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};

/// Where Twilio would find the server.
const PUBLIC: &str = "https://voice.example";
const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "a token for benchmarks";
const NUMBER: &str = "+15005550006";
const KEY: &str = "0123456789abcdef";

/// Nothing here takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How the agent talks: nothing by itself but the greeting.
const CONFIGURATION: &str = r#"
[profiles.line]
greeting = "Good day."
transcribers = ["deepgram"]
thinkers = ["openai"]
speakers = ["openai"]

[profiles.line.turn]
idle_prompt_after_ms = 0
"#;

/// Twilio says a word before it connects the caller, as long as it takes for it to connect outside of a benchmark.
const WORD: &str = r#"
[phone]
announcement = "Hello."
"#;

/// How fast Twilio connects a caller who was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connects {
    /// As fast as loopback is: the room is still being made.
    AtOnce,
    /// After a word.
    InTime,
}

/// A server that can be called.
pub(crate) struct House {
    livekit: LiveKitServer,
    server: Child,
    address: SocketAddr,
    pub(crate) twin: Twin,
    _providers: (Deepgram, OpenAi),
    _folder: TempDir,
}

impl House {
    pub(crate) async fn open(connects: Connects) -> Result<Self> {
        Self::open_with(connects, "").await
    }

    /// Opens one that is configured further.
    pub(crate) async fn open_with(connects: Connects, further: &str) -> Result<Self> {
        let quiet = Options {
            settings: json!({ "logging": { "level": "error" } }),
            ..Options::default()
        };
        let livekit = LiveKitServer::start(quiet).await?;
        let conduct = || Conduct {
            checks: false,
            ..Conduct::default()
        };
        let transcriber = Deepgram::start_on(0, conduct()).await?;
        let speaker = OpenAi::start_on(0, conduct()).await?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let twin = twin(address).await?;
        let folder = tempfile::tempdir()?;
        let word = if connects == Connects::InTime {
            WORD
        } else {
            ""
        };
        let configuration = format!("{CONFIGURATION}{word}{further}");
        std::fs::write(folder.path().join("patchbay.toml"), configuration)?;
        let server = Command::new(program()?)
            .args(["serve", "--data-dir", "data"])
            .current_dir(folder.path())
            .env_clear()
            .env("PATCHBAY_LISTEN", address.to_string())
            .env("PATCHBAY_API_KEY", KEY)
            .env("WEBHOOK_URL", PUBLIC)
            .env("LIVEKIT_URL", livekit.url())
            .env("LIVEKIT_API_KEY", livekit.api_key())
            .env("LIVEKIT_API_SECRET", livekit.api_secret())
            .env("TWILIO_BASE_URL", twin.url())
            .env("TWILIO_ACCOUNT_SID", ACCOUNT)
            .env("TWILIO_AUTH_TOKEN", TOKEN)
            .env("TWILIO_PHONE_NUMBER", NUMBER)
            .env("DEEPGRAM_BASE_URL", transcriber.url().as_str())
            .env("OPENAI_BASE_URL", speaker.url().as_str())
            .stderr(Stdio::from(std::fs::File::create(
                env::temp_dir().join("patchbay-bench-phone.log"),
            )?))
            .kill_on_drop(true)
            .spawn()
            .context("the server does not start")?;
        let house = Self {
            livekit,
            server,
            address,
            twin,
            _providers: (transcriber, speaker),
            _folder: folder,
        };
        house.is_ready().await?;
        Ok(house)
    }

    async fn is_ready(&self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while self.ask("GET", "/readyz", "").await.is_err() {
            ensure!(Instant::now() < until, "the server is not ready");
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Waits until nobody is in any room.
    pub(crate) async fn is_empty(&self) -> Result<()> {
        let (rooms, until) = (self.rooms()?, Instant::now() + PATIENCE);
        while !rooms.list().await?.is_empty() {
            ensure!(Instant::now() < until, "a room stays");
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Returns a way into its rooms.
    pub(crate) fn rooms(&self) -> Result<LiveKitRooms> {
        Ok(LiveKitRooms::new(LiveKitConfig {
            url: self.livekit.url(),
            public_url: None,
            api_key: self.livekit.api_key().to_owned(),
            api_secret: SecretString::from(self.livekit.api_secret()),
        })?)
    }

    pub(crate) fn pid(&self) -> Result<u32> {
        self.server.id().context("the server has ended")
    }

    /// Somebody calls.
    pub(crate) fn call(&self) -> Result<Call> {
        Ok(self.twin.call_in(InboundCall::new("+4930901820", NUMBER))?)
    }

    /// Somebody calls, and the greeting is heard out.
    pub(crate) async fn greeted(&self) -> Result<Call> {
        let call = self.call()?;
        let played = |what: &What| matches!(what, What::MarkPlayed { .. });
        let event = timeout(PATIENCE, call.event(played)).await;
        event.context("nobody greets")?.context("the call ended")?;
        Ok(call)
    }

    /// Has the agent of a call say something.
    pub(crate) async fn say(&self, call: &Call, text: &str) -> Result<()> {
        let path = format!("/room/twilio-{}/say", call.sid());
        self.ask("POST", &path, &json!({ "text": text }).to_string())
            .await
    }

    /// Asks the API; an answer that is not 2xx is an error.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> Result<()> {
        let mut stream = TcpStream::connect(self.address).await?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {KEY}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await??;
        let line = answer.lines().next().unwrap_or_default();
        ensure!(line.starts_with("HTTP/1.1 2"), "{path}: {line}");
        Ok(())
    }

    pub(crate) async fn close(mut self) {
        // It has nothing to lose.
        drop(self.server.kill().await);
        self.twin.stop().await;
        self.livekit.stop().await;
    }
}

async fn twin(address: SocketAddr) -> Result<Twin> {
    let number = Number::new(NUMBER)
        .voice(&format!("{PUBLIC}/twilio/voice"))
        .status(&format!("{PUBLIC}/twilio/status"));
    let settings = Settings {
        account_sid: ACCOUNT.to_owned(),
        auth_token: TOKEN.to_owned(),
        numbers: vec![number],
        routes: vec![Route::new(PUBLIC, &format!("http://{address}"))],
        ..Settings::default()
    };
    Ok(Twin::start(settings).await?)
}

/// Returns the program that `cargo build --release` has made, beside this one.
fn program() -> Result<PathBuf> {
    let own = env::current_exe()?;
    let folder = own.ancestors().nth(2).context("a target folder")?;
    let program = folder.join("patchbay");
    ensure!(
        program.exists(),
        "build it first: cargo build --release -p patchbay"
    );
    Ok(program)
}
