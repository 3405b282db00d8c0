//! Looks a setting up in flags, environment and file, and remembers what was wrong.

use super::Flags;
use super::environment::Environment;
use super::file::File;
use super::mistakes::Mistakes;
use super::section::Section;

/// The names of one setting.
pub(super) struct Setting {
    /// Dotted key in `patchbay.toml`; empty for what may only come from the environment.
    key: &'static str,
    flag: Option<&'static str>,
    environment: &'static [&'static str],
}

/// A value and the place it came from.
pub(super) struct Found {
    pub(super) value: String,
    pub(super) place: String,
    origin: Origin,
}

#[derive(Debug, Clone, Copy)]
enum Origin {
    Flag(&'static str),
    Environment(&'static str),
    File,
}

impl Setting {
    pub(super) const fn new(key: &'static str) -> Self {
        Self {
            key,
            flag: None,
            environment: &[],
        }
    }

    /// A setting that must not stand in a file.
    pub(super) const fn secret(environment: &'static [&'static str]) -> Self {
        Self {
            key: "",
            flag: None,
            environment,
        }
    }

    pub(super) const fn flag(self, flag: &'static str) -> Self {
        Self {
            flag: Some(flag),
            ..self
        }
    }

    /// The first name is the one that is shown, the others are aliases.
    pub(super) const fn environment(self, names: &'static [&'static str]) -> Self {
        Self {
            environment: names,
            ..self
        }
    }
}

impl Setting {
    /// Returns the line that sets it to `value`, in the place where it was set.
    fn line(&self, origin: Origin, value: &str) -> String {
        match origin {
            Origin::Flag(flag) => format!("{flag} {value}"),
            Origin::Environment(name) => format!("{name}={value}"),
            Origin::File => {
                let key = self.key.rsplit('.').next().unwrap_or(self.key);
                let bare = value.bytes().all(|byte| byte.is_ascii_digit());
                if bare {
                    format!("{key} = {value}")
                } else {
                    format!("{key} = \"{value}\"")
                }
            }
        }
    }
}

/// Reads settings one by one; `finish` hands out everything that was wrong.
pub(super) struct Reader<'a> {
    flags: &'a Flags,
    environment: &'a Environment,
    file: File,
    mistakes: Mistakes,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        flags: &'a Flags,
        environment: &'a Environment,
        file: File,
        mistakes: Mistakes,
    ) -> Self {
        Self {
            flags,
            environment,
            file,
            mistakes,
            warnings: Vec::new(),
        }
    }

    /// Returns the value that wins.
    pub(super) fn find(&mut self, setting: &Setting) -> Option<Found> {
        // Taken even if it loses: a key that is overruled is not a misspelled one.
        let in_file = self.file.take(setting.key);
        if let Some(found) = self.in_flags(setting) {
            return Some(found);
        }
        if let Some(found) = self.in_environment(setting) {
            return Some(found);
        }
        in_file.map(|(value, place)| Found {
            value,
            place,
            origin: Origin::File,
        })
    }

    pub(super) fn text(&mut self, setting: &Setting) -> Option<String> {
        self.find(setting).map(|found| found.value)
    }

    /// Parses the value that wins; `parse` answers with what it expected instead.
    pub(super) fn parsed<T>(
        &mut self,
        setting: &Setting,
        parse: fn(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        let found = self.find(setting)?;
        match parse(&found.value) {
            Ok(value) => Some(value),
            Err(expected) => {
                let (value, place) = (&found.value, &found.place);
                let fix = setting.line(found.origin, expected.example);
                self.mistake(format!("{place} is `{value}`, not {}", expected.what), fix);
                None
            }
        }
    }

    /// Returns a variable of the environment that no file may hold.
    pub(super) fn secret(&self, name: &str) -> Option<String> {
        self.environment.get(name)
    }

    pub(super) fn names_below(&self, path: &str) -> Vec<String> {
        self.file.names_below(path)
    }

    pub(super) fn section(&mut self, path: &str) -> Section {
        self.file.section(path)
    }

    pub(super) fn add_mistakes(&mut self, mistakes: Mistakes) {
        self.mistakes.append(mistakes);
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(super) fn mistake(&mut self, what: impl Into<String>, fix: impl Into<String>) {
        self.mistakes.add(what, fix);
    }

    pub(super) fn warn(&mut self, what: impl Into<String>) {
        self.warnings.push(what.into());
    }

    pub(super) fn finish(mut self) -> (Mistakes, Vec<String>) {
        self.file.report_unused(&mut self.mistakes);
        (self.mistakes, self.warnings)
    }

    fn in_flags(&self, setting: &Setting) -> Option<Found> {
        let flag = setting.flag?;
        let value = match flag {
            "--listen" => self.flags.listen.clone(),
            "--data-dir" => self.flags.data_dir.clone(),
            _ => None,
        }?;
        Some(Found {
            value,
            place: flag.to_owned(),
            origin: Origin::Flag(flag),
        })
    }

    fn in_environment(&mut self, setting: &Setting) -> Option<Found> {
        let mut set = setting
            .environment
            .iter()
            .filter_map(|name| Some((*name, self.environment.get(name)?)));
        let (name, value) = set.next()?;
        if let Some((other, _)) = set.find(|(_, alias)| *alias != value) {
            self.mistakes.add(
                format!("{name} and {other} mean the same and differ"),
                format!("unset {other}"),
            );
        }
        Some(Found {
            value,
            place: name.to_owned(),
            origin: Origin::Environment(name),
        })
    }
}

/// What a value should have looked like.
pub(super) struct Expected {
    pub(super) what: &'static str,
    pub(super) example: &'static str,
}
