//! What a server has written.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// How much of the end of a log goes into an error text.
const LAST_WORDS_BYTES: usize = 800;

/// The log file of one server, over all its restarts.
#[derive(Debug, Clone)]
pub struct ServerLog {
    path: PathBuf,
}

impl ServerLog {
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, "")?;
        Ok(Self { path })
    }

    /// Returns where the log is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns everything written so far; empty when the file is gone.
    pub fn text(&self) -> String {
        let bytes = fs::read(&self.path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns the lines of level error.
    pub fn errors(&self) -> Vec<String> {
        self.text()
            .lines()
            .filter(|line| is_error(line))
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn last_words(&self) -> String {
        let text = self.text();
        let mut from = text.len().saturating_sub(LAST_WORDS_BYTES);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        text[from..].trim().to_owned()
    }

    /// Whether the server said that somebody else holds one of its ports.
    pub(crate) fn tells_of_a_taken_port(&self) -> bool {
        self.text().contains("address already in use")
    }
}

fn is_error(line: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|entry| entry["level"] == "error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_of_level_error_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let log = ServerLog::create(folder.path().join("a/server.log")).unwrap();
        fs::write(
            log.path(),
            "plain error\n{\"level\":\"info\"}\n{\"level\":\"error\",\"msg\":\"x\"}\n",
        )
        .unwrap();

        assert_eq!(log.errors(), ["{\"level\":\"error\",\"msg\":\"x\"}"]);
    }

    #[test]
    fn last_words_are_cut_between_characters() {
        let folder = tempfile::tempdir().unwrap();
        let log = ServerLog::create(folder.path().join("server.log")).unwrap();
        fs::write(log.path(), "€".repeat(LAST_WORDS_BYTES)).unwrap();

        assert!(log.last_words().len() <= LAST_WORDS_BYTES);
    }
}
