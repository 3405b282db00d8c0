//! Whoever listens to a recording: PocketSphinx and its free model.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// Nobody waits for an ear: on a busy machine it takes several times as long as what it listens to.
const LISTENS: Duration = Duration::from_secs(240);

/// Returns what was made out of a recording (WAV, 16 kHz), a line for each stretch of speech.
pub(crate) async fn listen(recording: &Path, options: &[&OsStr]) -> String {
    let mut ear = Command::new("pocketsphinx_continuous");
    ear.arg("-infile").arg(recording).args(options);
    ear.args(["-logfn", "/dev/null"]).kill_on_drop(true);
    let output = timeout(LISTENS, ear.output()).await;
    let output = output.expect("it was listened to").unwrap();
    assert!(output.status.success(), "pocketsphinx: {}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}
