//! The arguments of `patchbay talk`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};
use url::Url;

use crate::commands::terminal::script::{Kind, SAY, Script, TYPE, WAV};

/// Arguments of `patchbay talk`.
///
/// It ends with 0 when everything was answered, 2 when something was not, 3 when there is no agent in the room, 4 when
/// the room ended too early, 1 when it could not come in.
#[derive(Debug, Args)]
pub(in crate::commands) struct TalkLine {
    /// Where Patchbay answers
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(super) server: Url,
    /// The room; a new one without it
    #[arg(long, value_name = "NAME")]
    pub(super) room: Option<String>,
    /// The agent profile of a room that does not exist yet
    #[arg(long, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// The name to show
    #[arg(long, value_name = "NAME", default_value = "Terminal")]
    pub(super) name: String,
    #[command(flatten)]
    pub(super) script: RoomScript,
    /// Writes what is heard to a WAV file
    #[arg(long, value_name = "OUT.wav")]
    pub(super) listen: Option<PathBuf>,
    /// How many seconds an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    patience: u64,
}

impl TalkLine {
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }
}

/// What to do in a room.
#[derive(Debug, Clone, Default)]
pub(super) struct RoomScript(pub(super) Script);

const KINDS: [Kind; 3] = [WAV, SAY, TYPE];

impl Args for RoomScript {
    fn augment_args(command: Command) -> Command {
        Script::augment(command, &KINDS)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for RoomScript {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self(Script::gather(matches, &KINDS)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::commands::terminal::script::Line;

    #[derive(Parser)]
    struct Whole {
        #[command(flatten)]
        talk: TalkLine,
    }

    #[test]
    fn the_script_keeps_the_order_of_the_command_line() {
        let line = [
            "talk",
            "--say",
            "one",
            "--type",
            "two",
            "--wav",
            "three.wav",
            "--say",
            "four",
        ];

        let whole = Whole::try_parse_from(line).unwrap();

        let wanted = [
            Line::Say("one".to_owned()),
            Line::Type("two".to_owned()),
            Line::Wav("three.wav".to_owned()),
            Line::Say("four".to_owned()),
        ];
        assert_eq!(whole.talk.script.0.0, wanted);
    }
}
