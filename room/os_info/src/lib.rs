//! Which system this is, by the file that describes it.

mod release;

use std::fmt;
use std::sync::LazyLock;

use release::Release;

static INFO: LazyLock<Info> = LazyLock::new(|| Info::of(Release::of_this_system()));

/// Returns which system this is. It is looked up once.
#[must_use]
pub fn get() -> Info {
    INFO.clone()
}

/// A system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    os_type: Type,
    version: Version,
}

/// What a system is called: "Debian GNU/Linux".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type(String);

/// The version of a system, "12"; "Unknown" for those that have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(Option<String>);

impl Info {
    fn of(release: Option<Release>) -> Self {
        let Release { name, version } = release.unwrap_or_default();
        Self {
            os_type: Type(name.unwrap_or_else(|| std::env::consts::OS.to_owned())),
            version: Version(version),
        }
    }

    /// What it is called.
    #[must_use]
    pub fn os_type(&self) -> Type {
        self.os_type.clone()
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("Unknown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_says_nothing_is_called_by_its_kind() {
        let info = Info::of(None);

        assert_eq!(info.os_type().to_string(), std::env::consts::OS);
        assert_eq!(info.version().to_string(), "Unknown");
    }

    #[test]
    fn a_system_is_called_what_it_says() {
        let info = Info::of(Some(Release::parse("NAME=Debian\nVERSION_ID=12\n")));

        assert_eq!(info.os_type().to_string(), "Debian");
        assert_eq!(info.version().to_string(), "12");
        assert_eq!(get(), get());
    }
}
