//! What is shown while one talks.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::time::Duration;

use crate::commands::say;

/// Shows lines; interim ones only where they can be written over.
#[derive(Debug)]
pub(in crate::commands) struct Screen {
    writes_over: bool,
    has_interim: bool,
    latencies: Vec<Duration>,
    unanswered: usize,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            writes_over: std::io::stdout().is_terminal(),
            has_interim: false,
            latencies: Vec::new(),
            unanswered: 0,
        }
    }
}

impl Screen {
    /// Shows what somebody says, so far or for good.
    pub(in crate::commands) fn heard(&mut self, who: &str, text: &str, last: bool) {
        if last {
            self.line(&format!("{who}: {text}"));
        } else if self.writes_over {
            say(&format!("\r\x1b[K{who}: {text} …"));
            self.has_interim = true;
        }
    }

    /// Shows something that happened.
    pub(in crate::commands) fn note(&mut self, text: &str) {
        self.line(&format!("· {text}"));
    }

    /// Shows how long an answer took.
    pub(in crate::commands) fn answered(&mut self, after: Duration) {
        self.latencies.push(after);
        self.note(&format!("answered after {} ms", after.as_millis()));
    }

    pub(in crate::commands) fn unanswered(&mut self, patience: Duration) {
        self.unanswered += 1;
        self.note(&format!("no answer within {} s", patience.as_secs()));
    }

    /// Shows all turns in one line.
    pub(in crate::commands) fn sum_up(&mut self) {
        let mut sorted = self.latencies.clone();
        sorted.sort();
        let (turns, unanswered) = (sorted.len() + self.unanswered, self.unanswered);
        let Some((middle, most)) = sorted.get(sorted.len() / 2).zip(sorted.last()) else {
            return;
        };
        let mut line = format!(
            "{turns} turns, answered after {} ms (median), {} ms (at most)",
            middle.as_millis(),
            most.as_millis()
        );
        if unanswered > 0 {
            // Writing to a string does not fail.
            let _ = write!(line, ", {unanswered} not answered");
        }
        self.note(&line);
    }

    fn line(&mut self, text: &str) {
        let over = if self.has_interim { "\r\x1b[K" } else { "" };
        self.has_interim = false;
        say(&format!("{over}{text}\n"));
    }
}
