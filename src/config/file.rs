//! `patchbay.toml`, flattened to dotted keys that remember their line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Value;
use toml::de::{DeTable, DeValue};

use super::mistakes::Mistakes;
use super::section::Section;

/// The entries of one file, by dotted key (`sessions.max`, `keys.0.name`).
#[derive(Debug, Default)]
pub(super) struct File {
    name: String,
    entries: BTreeMap<String, Entry>,
    /// The same, whole; empty when the file is not TOML.
    table: toml::Table,
}

#[derive(Debug)]
struct Entry {
    text: String,
    line: usize,
    used: bool,
}

impl File {
    /// Parses `text`; what is not TOML is added to `mistakes`.
    pub(super) fn parse(path: &Path, text: &str, mistakes: &mut Mistakes) -> Self {
        let name = path.display().to_string();
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            mistakes.add(
                format!("{name}:{line} is not TOML: {}", error.message()),
                format!("mend line {line}, such as  key = \"value\""),
            );
        }

        let mut entries = BTreeMap::new();
        flatten("", table.get_ref(), text, &mut entries);
        let table = text.parse().unwrap_or_default();
        Self {
            name,
            entries,
            table,
        }
    }

    /// Takes the value of `key` and where it stands.
    pub(super) fn take(&mut self, key: &str) -> Option<(String, String)> {
        let entry = self.entries.get_mut(key)?;
        entry.used = true;
        Some((
            entry.text.clone(),
            format!("{}:{} ({key})", self.name, entry.line),
        ))
    }

    /// Takes the strings of the array `key`.
    pub(super) fn take_list(&mut self, key: &str) -> Vec<String> {
        let mut list = Vec::new();
        while let Some((text, _)) = self.take(&format!("{key}.{}", list.len())) {
            list.push(text);
        }
        list
    }

    /// Tells whether anything stands below `prefix`.
    pub(super) fn has(&self, prefix: &str) -> bool {
        let below = format!("{prefix}.");
        self.entries.keys().any(|key| key.starts_with(&below))
    }

    /// Returns the names of the tables below `path`.
    pub(super) fn names_below(&self, path: &str) -> Vec<String> {
        match self.table.get(path) {
            Some(Value::Table(table)) => table
                .iter()
                .filter(|(_, value)| value.is_table())
                .map(|(name, _)| name.clone())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Takes the table at `path`, whose dots separate names; an absent one is empty.
    pub(super) fn section(&mut self, path: &str) -> Section {
        let mut names = path.split('.');
        let first = names.next().and_then(|name| self.table.get(name));
        let value = names.fold(first, |value, name| value.and_then(|value| value.get(name)));
        let Some(Value::Table(table)) = value else {
            return Section::new(&self.name, path, toml::Table::new(), BTreeMap::new());
        };

        let below = format!("{path}.");
        let mut lines = BTreeMap::new();
        for (key, entry) in &mut self.entries {
            if key.starts_with(&below) {
                entry.used = true; // whoever reads the section says what does not belong there
                lines.insert(key.clone(), entry.line);
            }
        }
        Section::new(&self.name, path, table.clone(), lines)
    }

    /// Returns the folder that paths in the file start from.
    pub(super) fn folder(&self) -> PathBuf {
        Path::new(&self.name)
            .parent()
            .map_or_else(PathBuf::new, Path::to_owned)
    }

    /// Adds a mistake for every key that nobody asked for: a misspelled one must not be ignored.
    pub(super) fn report_unused(&self, mistakes: &mut Mistakes) {
        for (key, entry) in self.entries.iter().filter(|(_, entry)| !entry.used) {
            mistakes.add(
                format!(
                    "{}:{} sets `{key}`, which does not exist",
                    self.name, entry.line
                ),
                format!("remove line {}, or correct the name", entry.line),
            );
        }
    }
}

fn flatten(prefix: &str, table: &DeTable<'_>, source: &str, into: &mut BTreeMap<String, Entry>) {
    for (key, value) in table {
        let path = join(prefix, key.get_ref());
        let line = line_of(source, value.span().start);
        flatten_value(&path, value.get_ref(), source, line, into);
    }
}

fn flatten_value(
    path: &str,
    value: &DeValue<'_>,
    source: &str,
    line: usize,
    into: &mut BTreeMap<String, Entry>,
) {
    let text = match value {
        DeValue::Table(table) => return flatten(path, table, source, into),
        DeValue::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                let line = line_of(source, item.span().start);
                flatten_value(
                    &format!("{path}.{index}"),
                    item.get_ref(),
                    source,
                    line,
                    into,
                );
            }
            return;
        }
        DeValue::Array(_) => String::new(),
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(time) => time.to_string(),
    };
    into.insert(
        path.to_owned(),
        Entry {
            text,
            line,
            used: false,
        },
    );
}

fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() {
        key.to_owned()
    } else {
        format!("{prefix}.{key}")
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
