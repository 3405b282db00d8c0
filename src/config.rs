//! Configuration: flags, environment and `patchbay.toml`, read once into types.
//!
//! A flag wins over the environment, the environment over the file, the file over the default.
//! All mistakes are collected and reported together, each with the line that mends it.

mod access;
mod contacts;
mod database;
mod dialling;
mod environment;
mod file;
mod listen;
mod livekit;
mod mistakes;
mod parse;
mod phone;
mod profiles;
mod providers;
mod reader;
mod records;
mod section;
mod sessions;
mod tools;
mod twilio;
mod web;
mod website;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

pub use access::{Access, ApiKey, KeyKind, Scope};
pub use database::Database;
pub use environment::Environment;
pub use listen::Listen;
pub(crate) use listen::is_loopback;
pub use livekit::LiveKit;
pub use mistakes::{Mistake, Mistakes};
pub use phone::{Menu, Phone};
pub use profiles::{AgentKind, AgentProfile, Cast, KnowledgeText, Profiles};
pub use providers::{ProviderKind, ProviderSettings, Role};
pub use records::RecordSettings;
pub use section::Section;
pub use sessions::SessionLimits;
pub use tools::ToolSettings;
pub use twilio::{BrowserKeys, PhoneAccount};
pub use web::Web;
pub use website::{Conferencing, Website};

use crate::callback;
use crate::dial::Policy;
use crate::escalation::{Contact, Settings};
use file::File;
use reader::{Reader, Setting};

const DATA_DIR: Setting = Setting::new("data_dir")
    .flag("--data-dir")
    .environment(&["PATCHBAY_DATA_DIR"]);
const PUBLIC_URL: Setting =
    Setting::new("public_url").environment(&["WEBHOOK_URL", "WEBHOOK_BASE_URL"]);
const GRACE: Setting = Setting::new("shutdown.grace").environment(&["PATCHBAY_SHUTDOWN_GRACE"]);

const LOG: Setting = Setting::new("log").environment(&["PATCHBAY_LOG"]);

/// Where the file is looked for when nobody names one; it may be absent there.
const DEFAULT_FILE: &str = "patchbay.toml";

/// How Patchbay was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `patchbay dev`: loopback, its own LiveKit server, an echo participant in each room.
    Dev,
    /// `patchbay serve`: production, nothing implicit.
    Serve,
}

/// What the command line said; absent means "not given".
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`
    pub config: Option<String>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--data-dir`
    pub data_dir: Option<String>,
}

/// Everything the server needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// How Patchbay was started.
    pub mode: Mode,
    /// Where HTTP is answered.
    pub listen: Listen,
    /// Folder for everything that outlives the process.
    pub data_dir: PathBuf,
    /// Where records are kept.
    pub database: Database,
    /// What they keep.
    pub records: RecordSettings,
    /// Who may be called, and how often.
    pub dialling: Policy,
    /// The address under which the outside reaches this server, if one was given.
    pub public_url: Option<Url>,
    /// The LiveKit server; `None` in dev mode means "start one".
    pub livekit: Option<LiveKit>,
    /// Who may use the API.
    pub access: Access,
    /// Bounds of sessions.
    pub sessions: SessionLimits,
    /// The page, and visits from pages.
    pub web: Web,
    /// The account at the telephone company, if there is one.
    pub account: Option<PhoneAccount>,
    /// Calls on the telephone.
    pub phone: Phone,
    /// Who can be called into a conversation.
    pub contacts: Vec<Contact>,
    /// How.
    pub escalation: Settings,
    /// How they and whoever asked for it are called later.
    pub callbacks: callback::Settings,
    /// The agents.
    pub profiles: Profiles,
    /// Who may hear, think and speak for them.
    pub providers: BTreeMap<String, ProviderSettings>,
    /// The tables of tools, by name.
    pub tools: BTreeMap<String, ToolSettings>,
    /// How long live sessions may go on once the server was asked to stop.
    pub shutdown_grace: Duration,
    /// What to log, in the syntax of `RUST_LOG`.
    pub log: Option<String>,
    /// What works but should be looked at; logged at start.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    ///
    /// All mistakes found in flags, environment and file, never only the first.
    pub fn read(mode: Mode, flags: &Flags, environment: &Environment) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::default();
        let file = find_file(flags, environment, &mut mistakes);
        let mut reader = Reader::new(flags, environment, file, mistakes);

        let listen = Listen::read(&mut reader, mode);
        let data_dir = reader
            .text(&DATA_DIR)
            .map_or_else(|| "data".into(), PathBuf::from);
        let providers = providers::read(&mut reader);
        let tools = tools::read(&mut reader);
        let profiles = Profiles::read(&mut reader, &providers, &tools);
        let dialling = dialling::read(&mut reader, mode);
        let account = PhoneAccount::read(&mut reader, mode, &listen);
        let contacts = contacts::read(&mut reader, mode, &dialling);
        let phone = Phone::read(&mut reader, &profiles, account.as_ref(), &contacts);
        let config = Self {
            mode,
            database: Database::read(&mut reader, &data_dir),
            data_dir,
            records: RecordSettings::read(&mut reader),
            contacts,
            escalation: contacts::read_settings(&mut reader, "escalation"),
            callbacks: contacts::read_settings(&mut reader, "callbacks"),
            dialling,
            public_url: reader.parsed(&PUBLIC_URL, parse::public_url),
            livekit: LiveKit::read(&mut reader, mode),
            access: Access::read(&mut reader, mode, &listen),
            sessions: SessionLimits::read(&mut reader),
            web: Web::read(&mut reader, mode),
            shutdown_grace: reader
                .parsed(&GRACE, parse::duration)
                .unwrap_or_else(|| default_grace(mode)),
            account,
            phone,
            profiles,
            providers,
            tools,
            log: reader.parsed(&LOG, parse::log_filter),
            warnings: Vec::new(),
            listen,
        };

        let (mistakes, warnings) = reader.finish();
        if mistakes.is_empty() {
            Ok(Self { warnings, ..config })
        } else {
            Err(mistakes)
        }
    }
}

/// In production a conversation gets time to end; at the desk Ctrl-C should feel prompt.
const fn default_grace(mode: Mode) -> Duration {
    match mode {
        Mode::Dev => Duration::from_secs(3),
        Mode::Serve => Duration::from_secs(30),
    }
}

fn find_file(flags: &Flags, environment: &Environment, mistakes: &mut Mistakes) -> File {
    let named = flags
        .config
        .clone()
        .or_else(|| environment.get("PATCHBAY_CONFIG"));
    let path = PathBuf::from(named.as_deref().unwrap_or(DEFAULT_FILE));
    match std::fs::read_to_string(&path) {
        Ok(text) => File::parse(&path, &text, mistakes),
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            File::default()
        }
        Err(error) => {
            mistakes.add(
                format!("{} cannot be read: {error}", path.display()),
                "--config <path of an existing patchbay.toml>, or leave it out",
            );
            File::default()
        }
    }
}

#[cfg(test)]
mod tests;
