//! The file that describes a system: `os-release(5)`.

use std::fs;

/// Where it is; the first one counts.
const PLACES: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// What is in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Release {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
}

impl Release {
    /// Reads this system's.
    pub(crate) fn of_this_system() -> Option<Self> {
        let text = PLACES.iter().find_map(|path| fs::read_to_string(path).ok());
        text.map(|text| Self::parse(&text))
    }

    pub(crate) fn parse(text: &str) -> Self {
        let value = |wanted: &str| {
            let mut lines = text.lines().filter_map(|line| line.trim().split_once('='));
            let (_, value) = lines.rfind(|(name, _)| *name == wanted)?;
            Some(value.trim_matches(['"', '\'']).to_owned()).filter(|value| !value.is_empty())
        };
        Self {
            name: value("NAME"),
            version: value("VERSION_ID"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(name: &str, version: &str) -> Release {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Release {
            name: some(name),
            version: some(version),
        }
    }

    #[test]
    fn values_are_taken_out_of_their_quotes() {
        let debian = "PRETTY_NAME=\"Debian 12\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID='12'\n";

        assert_eq!(Release::parse(debian), release("Debian GNU/Linux", "12"));
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        assert_eq!(
            Release::parse("# nothing\n\nNAME=\nrubbish"),
            release("", "")
        );
        assert_eq!(Release::parse("NAME=Arch Linux"), release("Arch Linux", ""));
    }
}
