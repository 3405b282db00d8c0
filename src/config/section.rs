//! A table of `patchbay.toml` that becomes a type of another part of the house, mistake by mistake.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::Mistakes;

/// A table and where its entries stand.
#[derive(Debug, Clone, Default)]
pub struct Section {
    file: String,
    /// Dotted, such as `profiles.reception`.
    path: String,
    table: Table,
    /// The line of each entry, by dotted key from the top of the file.
    lines: BTreeMap<String, usize>,
}

impl Section {
    pub(super) fn new(
        file: &str,
        path: &str,
        table: Table,
        lines: BTreeMap<String, usize>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            path: path.to_owned(),
            table,
            lines,
        }
    }

    /// Returns a table that comes with the program.
    ///
    /// # Panics
    ///
    /// It is no TOML.
    #[must_use]
    pub fn built_in(path: &str, text: &str) -> Self {
        let table = text
            .parse()
            .expect("a test reads what comes with the program");
        Self::new("built in", path, table, BTreeMap::new())
    }

    /// Tells whether nothing stands in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Tells whether there is an entry of that name.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Takes a table out of it; an absent one is empty.
    pub fn part(&mut self, key: &str) -> Self {
        let table = match self.table.remove(key) {
            Some(Value::Table(table)) => table,
            Some(other) => {
                // Put back, so that it is reported like every entry that does not fit.
                self.table.insert(key.to_owned(), other);
                Table::new()
            }
            None => Table::new(),
        };
        Self {
            file: self.file.clone(),
            path: format!("{}.{key}", self.path),
            table,
            lines: self.lines.clone(),
        }
    }

    /// Takes some of its entries out.
    pub fn some(&mut self, keys: &[&str]) -> Self {
        let taken = keys
            .iter()
            .filter_map(|key| self.table.remove_entry(*key))
            .collect();
        Self {
            table: taken,
            ..self.clone()
        }
    }

    /// Adds an entry unless there is one.
    pub fn or_insert(&mut self, key: &str, value: impl Into<Value>) {
        self.table
            .entry(key.to_owned())
            .or_insert_with(|| value.into());
    }

    /// Reads it. Each entry that does not fit is a mistake of its own and left out.
    pub fn read<T: Default + Serialize + DeserializeOwned>(&self, mistakes: &mut Mistakes) -> T {
        self.read_with(Value::try_from(T::default()).ok().as_ref(), mistakes)
    }

    /// Reads it as [`read`](Self::read) does, for a type that cannot say what would be right.
    pub fn read_silent<T: Default + DeserializeOwned>(&self, mistakes: &mut Mistakes) -> T {
        self.read_with(None, mistakes)
    }

    fn read_with<T: Default + DeserializeOwned>(
        &self,
        defaults: Option<&Value>,
        mistakes: &mut Mistakes,
    ) -> T {
        let fit = Fit::<T> {
            section: self,
            defaults,
            kind: std::marker::PhantomData,
        };
        let mut fitting = Table::new();
        for (key, value) in &self.table {
            if let Some(value) = fit.entry(&[key], value, mistakes) {
                fitting.insert(key.clone(), value);
            }
        }
        Value::Table(fitting).try_into().unwrap_or_default()
    }

    /// Adds a mistake about one of its entries, and the value that mends it.
    pub fn mistake(&self, key: &str, what: &str, mended: &str, mistakes: &mut Mistakes) {
        let last = key.rsplit('.').next().unwrap_or(key);
        mistakes.add(
            format!("{} {what}", self.place(key)),
            format!("{last} = {mended}"),
        );
    }

    fn place(&self, key: &str) -> String {
        let path = format!("{}.{key}", self.path);
        format!("{}:{} ({path})", self.file, self.line(&path))
    }

    /// The line of an entry, or of the first one below it, or of the table.
    fn line(&self, path: &str) -> usize {
        let below = format!("{path}.");
        let table = format!("{}.", self.path);
        self.lines
            .get(path)
            .or_else(|| self.first_below(&below))
            .or_else(|| self.first_below(&table))
            .copied()
            .unwrap_or(1)
    }

    fn first_below(&self, prefix: &str) -> Option<&usize> {
        self.lines
            .range(prefix.to_owned()..)
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(_, line)| line)
            .min()
    }
}

/// Whether single entries fit a type.
struct Fit<'a, T> {
    section: &'a Section,
    defaults: Option<&'a Value>,
    kind: std::marker::PhantomData<T>,
}

impl<T: DeserializeOwned> Fit<'_, T> {
    /// Returns as much of an entry as fits.
    fn entry(&self, path: &[&str], value: &Value, mistakes: &mut Mistakes) -> Option<Value> {
        let problem = match wrapped(path, value.clone()).try_into::<T>() {
            Ok(_) => return Some(value.clone()),
            Err(error) => error.message().trim().replace('\n', " "),
        };
        let Value::Table(table) = value else {
            self.report(path, &problem, mistakes);
            return None;
        };

        let before = mistakes.iter().count();
        let mut fitting = Table::new();
        for (key, inner) in table {
            let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
            let mut found = Mistakes::default();
            if let Some(inner) = self.entry(&path, inner, &mut found) {
                fitting.insert(key.clone(), inner);
            } else {
                mistakes.append(found);
            }
        }
        if mistakes.iter().count() == before {
            // Each entry is right alone: the table as a whole is not.
            self.report(path, &problem, mistakes);
            return None;
        }
        Some(Value::Table(fitting))
    }

    fn report(&self, path: &[&str], problem: &str, mistakes: &mut Mistakes) {
        let dotted = path.join(".");
        let place = self.section.place(&dotted);
        let line = self
            .section
            .line(&format!("{}.{dotted}", self.section.path));
        let what = format!("{place} is not accepted: {problem}");
        let key = path.last().copied().unwrap_or_default();
        let fix = match self.default_of(path) {
            _ if problem.starts_with("unknown field") => {
                format!("remove line {line}, or correct the name")
            }
            Some(default) => format!("{key} = {default}"),
            None => format!("correct line {line}"),
        };
        mistakes.add(what, fix);
    }

    fn default_of(&self, path: &[&str]) -> Option<String> {
        let mut value = self.defaults?;
        for key in path {
            value = value.get(key)?;
        }
        (!value.is_table()).then(|| value.to_string())
    }
}

fn wrapped(path: &[&str], value: Value) -> Value {
    path.iter().rev().fold(value, |inner, key| {
        Value::Table(Table::from_iter([((*key).to_owned(), inner)]))
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Outer {
        count: u32,
        inner: Inner,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Inner {
        pause_ms: u32,
        names: Vec<String>,
    }

    impl Default for Inner {
        fn default() -> Self {
            Self {
                pause_ms: 300,
                names: Vec::new(),
            }
        }
    }

    #[test]
    fn each_entry_that_does_not_fit_is_told_alone_and_the_others_are_read() {
        let table: Table =
            "count = 3\n[inner]\npause_ms = \"long\"\nnames = [\"Ada\"]\nhurry = 1\n"
                .parse()
                .expect("it is TOML");
        let lines = [
            ("x.count", 1),
            ("x.inner.pause_ms", 3),
            ("x.inner.hurry", 5),
        ];
        let lines = lines.map(|(key, line)| (key.to_owned(), line)).into();
        let section = Section::new("patchbay.toml", "x", table, lines);

        let mut mistakes = Mistakes::default();
        let read: Outer = section.read(&mut mistakes);

        assert_eq!(read.count, 3);
        assert_eq!((read.inner.pause_ms, read.inner.names.len()), (300, 1));
        let text = mistakes.to_string();
        for part in [
            "patchbay.toml:3 (x.inner.pause_ms) is not accepted: invalid type",
            "fix: pause_ms = 300",
            "patchbay.toml:5 (x.inner.hurry) is not accepted: unknown field",
            "fix: remove line 5, or correct the name",
        ] {
            assert!(text.contains(part), "`{part}` in:\n{text}");
        }
        assert_eq!(mistakes.iter().count(), 2, "{text}");
    }
}
