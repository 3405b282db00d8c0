//! What a fake was sent and sent itself.

use std::{collections::VecDeque, time::Instant};

use serde_json::Value;

use crate::Vendor;

/// The oldest entries make room: a benchmark may send for hours.
const MOST_ENTRIES: usize = 10_000;

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the fake.
    In,
    /// From the fake.
    Out,
}

/// One thing that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Which way.
    pub way: Way,
    /// What it is called in the vendor's schemas, or a plain word where it has none.
    pub kind: &'static str,
    /// Itself; bytes are told by their number.
    pub content: Value,
}

/// Everything, in order, and what was wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    entries: VecDeque<Entry>,
    violations: Vec<String>,
}

impl Journal {
    /// Returns everything of a kind, in order.
    #[must_use]
    pub fn of(&self, kind: &str) -> Vec<&Value> {
        let entries = self.entries.iter().filter(|entry| entry.kind == kind);
        entries.map(|entry| &entry.content).collect()
    }

    /// Returns all that was sent either way.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Returns where either side left the published schemas.
    #[must_use]
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    pub(crate) fn note(&mut self, way: Way, kind: &'static str, content: Value) {
        self.note_at(Instant::now(), way, kind, content);
    }

    /// Writes down what happened a while ago.
    pub(crate) fn note_at(&mut self, at: Instant, way: Way, kind: &'static str, content: Value) {
        if self.entries.len() == MOST_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry {
            at,
            way,
            kind,
            content,
        });
    }

    /// Writes down, after a check against the schema of that name.
    pub(crate) fn note_checked(
        &mut self,
        vendor: Vendor,
        way: Way,
        kind: &'static str,
        content: Value,
    ) -> Result<(), String> {
        let outcome = vendor.check(kind, &content);
        if let Err(violation) = &outcome {
            self.violations.push(format!("{way:?} {kind}: {violation}"));
        }
        self.note(way, kind, content);
        outcome
    }
}
