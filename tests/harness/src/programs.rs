//! The programs that peers are, and how to start them.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use tokio::{process::Command, sync::OnceCell};

use crate::paths::workspace;

/// Names a `participant` that is already built, for somebody who runs one test again and again.
const PARTICIPANT: &str = "TESTS_PARTICIPANT";

/// Which WebRTC implementation and SDK a peer runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeerKind {
    /// Ours: the crate `livekit` over the engine of this workspace.
    Rust,
    /// The PyPI package `livekit`: stock libwebrtc.
    Python,
    /// `livekit-client` in headless Chromium.
    Chromium,
}

impl PeerKind {
    /// Returns the command that starts the peer's program.
    ///
    /// # Errors
    /// When what it needs is not set up; the text says what to do.
    pub async fn command(self) -> Result<Command> {
        match self {
            Self::Rust => Ok(Command::new(participant().await?)),
            Self::Python => python(),
            Self::Chromium => chromium(),
        }
    }
}

fn python() -> Result<Command> {
    let python = workspace().join("target/venv/bin/python");
    must_exist(&python)?;
    let mut command = Command::new(python);
    command.arg(peers().join("python/peer.py"));
    Ok(command)
}

fn chromium() -> Result<Command> {
    let folder = peers().join("browser");
    must_exist(&folder.join("node_modules/livekit-client"))?;
    let mut command = Command::new("node");
    command.arg(folder.join("browser.mjs"));
    Ok(command)
}

fn peers() -> PathBuf {
    workspace().join("tests/harness/peers")
}

fn must_exist(path: &Path) -> Result<()> {
    ensure!(
        path.exists(),
        "{} is missing; run `make setup`",
        path.display()
    );
    Ok(())
}

/// Returns the path of the program `participant`, built when it is first asked for: Cargo builds
/// programs of a package for that package's own tests only.
async fn participant() -> Result<PathBuf> {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT.get_or_try_init(build_participant).await.cloned()
}

/// Asks for a test of this package, which takes its programs along, and for the whole workspace, so
/// that features are what `cargo test --workspace` chose: after that nothing is left to build.
async fn build_participant() -> Result<PathBuf> {
    if let Some(built) = std::env::var_os(PARTICIPANT) {
        return Ok(built.into());
    }
    let mut cargo = Command::new(env!("CARGO"));
    // Build scripts that look at what Cargo tells this test about itself would run again, here and the next time.
    for (name, _) in std::env::vars_os() {
        if is_about_this_test(&name.to_string_lossy()) {
            cargo.env_remove(name);
        }
    }
    let status = cargo
        .args([
            "test",
            "--quiet",
            "--workspace",
            "--no-run",
            "--test",
            "referees",
        ])
        .current_dir(workspace())
        .stdin(Stdio::null())
        .status()
        .await
        .context("running cargo")?;
    ensure!(status.success(), "the participant program does not build");
    // Tests run from `<target>/<profile>/deps`, programs are in `<target>/<profile>`.
    let test = std::env::current_exe()?;
    let folder = test
        .ancestors()
        .nth(2)
        .context("the test runs outside a target folder")?;
    Ok(folder.join("participant"))
}

/// Tells whether Cargo sets a variable to describe the package that it runs.
fn is_about_this_test(name: &str) -> bool {
    let prefixes = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
    name == "OUT_DIR" || prefixes.iter().any(|prefix| name.starts_with(prefix))
}
