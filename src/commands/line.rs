//! The command line.

use clap::{Args, Parser, Subcommand};

use super::call::CallLine;
use super::talk::TalkLine;
use crate::config::Flags;

/// Voice agents in LiveKit rooms.
#[derive(Debug, Parser)]
#[command(name = "patchbay", version, arg_required_else_help = true)]
pub(super) struct Line {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Everything on this machine: a LiveKit server of its own, an echo in each room, no key needed.
    Dev(ServerFlags),
    /// Production: nothing implicit.
    Serve(ServerFlags),
    /// API keys: make one, list them, revoke one.
    Key(KeyLine),
    /// Switches calls out on or off, for every node, at once.
    Dialling(DiallingLine),
    /// Checks the configuration and LiveKit, and says what to do.
    Doctor(ServerFlags),
    /// Talks in a room: a person from the terminal, with files, typed text or a local voice.
    Talk(TalkLine),
    /// Calls like somebody on the telephone: through the real webhook and media socket, from the terminal.
    Call(CallLine),
    /// Prints the OpenAPI document.
    Openapi,
}

#[derive(Debug, Args)]
pub(super) struct KeyLine {
    #[command(subcommand)]
    pub(super) order: KeyOrder,
    #[command(flatten)]
    pub(super) flags: ServerFlags,
}

/// What to do with keys. A running server notices at once.
#[derive(Debug, Subcommand)]
pub(super) enum KeyOrder {
    /// Makes a key and prints it, this once.
    Create {
        /// Who will hold it; stands in logs.
        #[arg(long)]
        name: String,
        /// What it may do: rooms, calls, messages, read or admin; may be repeated
        #[arg(
            long = "scope",
            value_name = "SCOPE",
            required_unless_present = "origins"
        )]
        scopes: Vec<String>,
        /// Makes it a publishable key for pages of this origin; may be repeated
        #[arg(long = "origin", value_name = "URL", conflicts_with = "scopes")]
        origins: Vec<String>,
    },
    /// Lists the keys that were made.
    List,
    /// Makes a key open nothing any more.
    Revoke {
        /// The key's id, as `list` shows it.
        id: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct DiallingLine {
    #[command(subcommand)]
    pub(super) order: DiallingOrder,
    #[command(flatten)]
    pub(super) flags: ServerFlags,
}

/// What to do with the switch. Running servers obey from the next call on.
#[derive(Debug, Subcommand)]
pub(super) enum DiallingOrder {
    /// Lets calls be placed, as the configuration allows.
    On,
    /// Stops all calls out; those under way go on.
    Off,
    /// Tells how it stands.
    Show,
}

#[derive(Debug, Args)]
pub(super) struct ServerFlags {
    /// The configuration file [environment: PATCHBAY_CONFIG] [default: patchbay.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<String>,
    /// Where to answer HTTP [environment: PATCHBAY_LISTEN] [default: 127.0.0.1:8080 in dev, 0.0.0.0:8080 in serve]
    #[arg(long, global = true, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Where to keep state [environment: PATCHBAY_DATA_DIR] [default: data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
}

impl From<ServerFlags> for Flags {
    fn from(flags: ServerFlags) -> Self {
        Self {
            config: flags.config,
            listen: flags.listen,
            data_dir: flags.data_dir,
        }
    }
}
