//! The command line.

use clap::{Args, Parser, Subcommand};

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
    /// Checks the configuration and LiveKit, and says what to do.
    Doctor(ServerFlags),
    /// Talks in a room: a person from the terminal, with files, typed text or a local voice.
    Talk(TalkLine),
    /// Prints the OpenAPI document.
    Openapi,
}

#[derive(Debug, Args)]
pub(super) struct ServerFlags {
    /// The configuration file [environment: PATCHBAY_CONFIG] [default: patchbay.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<String>,
    /// Where to answer HTTP [environment: PATCHBAY_LISTEN] [default: 127.0.0.1:8080 in dev, 0.0.0.0:8080 in serve]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Where to keep state [environment: PATCHBAY_DATA_DIR] [default: data]
    #[arg(long, value_name = "FOLDER")]
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
