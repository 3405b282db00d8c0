//! The arguments of `patchbay call`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};
use url::Url;

use crate::commands::terminal::script::{DTMF, Kind, SAY, Script, WAV};

/// Arguments of `patchbay call`.
///
/// A twin of Twilio on this machine calls Patchbay as Twilio would: by its webhook and its media socket. It ends with
/// 0 when everything was answered, 2 when something was not, 3 when nobody took the call, 4 when the call ended too
/// early, 1 when it could not call.
#[derive(Debug, Args)]
pub(in crate::commands) struct CallLine {
    /// Where Patchbay answers
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(super) server: Url,
    /// The configuration file of that server, for the account that signs [default: patchbay.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<String>,
    /// Who calls
    #[arg(long, value_name = "NUMBER", default_value = "+4930901820")]
    pub(super) from: String,
    /// Has Patchbay call this number instead, and picks up
    #[arg(long, value_name = "NUMBER")]
    pub(super) to: Option<String>,
    /// The agent profile of a call that Patchbay makes
    #[arg(long, value_name = "NAME", requires = "to")]
    pub(super) profile: Option<String>,
    #[command(flatten)]
    pub(super) script: PhoneScript,
    /// Writes what is heard to a WAV file
    #[arg(long, value_name = "OUT.wav")]
    pub(super) listen: Option<PathBuf>,
    /// How many seconds an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    patience: u64,
}

impl CallLine {
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }
}

/// What to do in a call.
#[derive(Debug, Clone, Default)]
pub(super) struct PhoneScript(pub(super) Script);

const KINDS: [Kind; 3] = [WAV, SAY, DTMF];

impl Args for PhoneScript {
    fn augment_args(command: Command) -> Command {
        Script::augment(command, &KINDS)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for PhoneScript {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self(Script::gather(matches, &KINDS)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
