//! What to do, in the order of the command line.

use clap::{Arg, ArgAction, ArgMatches, Command};

/// What to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::commands) struct Script(pub(in crate::commands) Vec<Line>);

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) enum Line {
    /// Plays a file.
    Wav(String),
    /// Says it with a local voice.
    Say(String),
    /// Writes it to the chat.
    Type(String),
    /// Presses keys of a telephone.
    Press(String),
}

/// One sort of line, as an argument.
pub(in crate::commands) struct Kind {
    name: &'static str,
    value: &'static str,
    help: &'static str,
    line: fn(String) -> Line,
}

/// `--wav`
pub(in crate::commands) const WAV: Kind = Kind {
    name: "wav",
    value: "FILE",
    help: "Plays a WAV file; may be repeated and mixed with the next ones, in order",
    line: Line::Wav,
};

/// `--say`
pub(in crate::commands) const SAY: Kind = Kind {
    name: "say",
    value: "TEXT",
    help: "Says it with a local voice (flite)",
    line: Line::Say,
};

/// `--type`
pub(in crate::commands) const TYPE: Kind = Kind {
    name: "type",
    value: "TEXT",
    help: "Writes it to the chat",
    line: Line::Type,
};

/// `--dtmf`
pub(in crate::commands) const DTMF: Kind = Kind {
    name: "dtmf",
    value: "KEYS",
    help: "Presses keys: 0 to 9, * and #",
    line: Line::Press,
};

impl Script {
    /// Adds the arguments to a command.
    pub(in crate::commands) fn augment(command: Command, kinds: &[Kind]) -> Command {
        kinds.iter().fold(command, |command, kind| {
            command.arg(
                Arg::new(kind.name)
                    .long(kind.name)
                    .value_name(kind.value)
                    .action(ArgAction::Append)
                    .help(kind.help),
            )
        })
    }

    /// Gathers what was given, in its order.
    pub(in crate::commands) fn gather(matches: &ArgMatches, kinds: &[Kind]) -> Self {
        let mut lines = Vec::new();
        for kind in kinds {
            let places = matches.indices_of(kind.name).into_iter().flatten();
            let values = matches.get_many::<String>(kind.name).into_iter().flatten();
            lines.extend(places.zip(values.cloned().map(kind.line)));
        }
        lines.sort_by_key(|(place, _)| *place);
        Self(lines.into_iter().map(|(_, line)| line).collect())
    }
}
