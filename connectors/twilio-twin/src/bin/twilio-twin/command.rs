//! What one can type.

use connectors_twilio_twin::Persona;

/// One line.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Call {
        from: String,
        to: Option<String>,
    },
    Phone {
        number: String,
        persona: Box<Persona>,
    },
    Play(String),
    Words(String),
    Press(String),
    Save(String),
    Write {
        from: String,
        to: String,
        body: String,
    },
    Hush,
    HangUp,
    Kill,
    Help,
    Quit,
}

/// What there is.
pub(crate) const HELP: &str = "\
call FROM [TO]            somebody calls a number of the account
phone NUMBER WHO          who answers when the application calls out:
                          human, silent, voicemail, screening, busy, no-answer, rejects,
                          unreachable, invalid, no-permission, no-balance, too-many
play FILE.wav             says what is in a recording
words TEXT                says words to Gather and ConversationRelay
press KEYS                presses keys; w waits for half a second
hush                      stops speaking
save FILE.wav             writes what was heard until now
kill                      breaks the media socket
hangup                    hangs up
write FROM TO TEXT        writes a message to a number of the account
quit                      ends all calls and the twin";

impl Command {
    /// Reads a line; nothing when it is none of them.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let line = line.trim();
        let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let filled = || (!rest.is_empty()).then(|| rest.to_owned());
        match verb {
            "call" => {
                let mut words = rest.split_whitespace().map(str::to_owned);
                Some(Self::Call {
                    from: words.next()?,
                    to: words.next(),
                })
            }
            "phone" => {
                let (number, who) = rest.split_once(char::is_whitespace)?;
                let persona = Box::new(persona(who.trim())?);
                Some(Self::Phone {
                    number: number.to_owned(),
                    persona,
                })
            }
            "play" => filled().map(Self::Play),
            "words" => filled().map(Self::Words),
            "press" => filled().map(Self::Press),
            "save" => filled().map(Self::Save),
            "write" => {
                let mut words = rest.splitn(3, char::is_whitespace).map(str::to_owned);
                Some(Self::Write {
                    from: words.next()?,
                    to: words.next()?,
                    body: words.next()?,
                })
            }
            "hush" => Some(Self::Hush),
            "hangup" => Some(Self::HangUp),
            "kill" => Some(Self::Kill),
            "help" => Some(Self::Help),
            "quit" => Some(Self::Quit),
            _ => None,
        }
    }
}

fn persona(who: &str) -> Option<Persona> {
    Some(match who {
        "human" => Persona::human(),
        "silent" => Persona::silent(),
        "voicemail" => Persona::voicemail(),
        "screening" => Persona::screening(),
        "busy" => Persona::Busy,
        "no-answer" => Persona::NoAnswer,
        "rejects" => Persona::Rejects {
            after: std::time::Duration::from_secs(1),
        },
        "unreachable" => Persona::Unreachable,
        "invalid" => Persona::InvalidNumber,
        "no-permission" => Persona::NoPermission,
        "no-balance" => Persona::NoBalance,
        "too-many" => Persona::TooManyCalls,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        assert_eq!(
            Command::read("call +15557654321"),
            Some(Command::Call {
                from: "+15557654321".into(),
                to: None
            }),
        );
        assert_eq!(
            Command::read(" phone +15557654321  busy "),
            Some(Command::Phone {
                number: "+15557654321".into(),
                persona: Box::new(Persona::Busy)
            }),
        );
        assert_eq!(
            Command::read("press 1w#"),
            Some(Command::Press("1w#".into()))
        );
        assert_eq!(
            Command::read("write +1 +2 how are you"),
            Some(Command::Write {
                from: "+1".into(),
                to: "+2".into(),
                body: "how are you".into()
            }),
        );
    }

    #[test]
    fn what_is_incomplete_or_unknown_is_nothing() {
        for line in [
            "",
            "call",
            "phone +1",
            "phone +1 nobody",
            "press",
            "write +1 +2",
            "dance",
        ] {
            assert_eq!(Command::read(line), None, "{line:?}");
        }
    }
}
