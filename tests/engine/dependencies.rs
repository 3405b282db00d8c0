//! Promise 1: no C++ engine is built, and `livekit` is the published one.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

fn cargo() -> Command {
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo.env_remove("CARGO_TARGET_DIR");
    cargo
}

/// Returns the entry of a package in the lock file.
fn locked(package: &str) -> Result<Option<String>> {
    let lock = fs::read_to_string(Path::new(MANIFEST).with_file_name("Cargo.lock"))?;
    let name = format!("name = \"{package}\"\n");
    let entries = lock.split("[[package]]\n");
    Ok(entries
        .map(str::to_owned)
        .find(|entry| entry.starts_with(&name)))
}

#[test]
fn the_lock_file_names_no_cpp_engine() -> Result<()> {
    for package in ["webrtc-sys", "webrtc-sys-build", "cxx", "cxx-build"] {
        ensure!(locked(package)?.is_none(), "{package} is in Cargo.lock");
    }
    Ok(())
}

#[test]
fn cargo_knows_no_way_to_the_cpp_engine() -> Result<()> {
    let tree = cargo()
        .args(["tree", "--locked", "--invert", "webrtc-sys"])
        .args(["--manifest-path", MANIFEST])
        .output()?;
    let words = String::from_utf8_lossy(&tree.stderr);

    ensure!(!tree.status.success(), "cargo found webrtc-sys");
    ensure!(words.contains("did not match any packages"), "{words}");
    Ok(())
}

#[test]
fn livekit_comes_from_the_registry_and_the_engine_from_here() -> Result<()> {
    let livekit = locked("livekit")?.context("no livekit in Cargo.lock")?;

    ensure!(livekit.contains("version = \"0.10.0\""), "{livekit}");
    ensure!(livekit.contains("source = \"registry+"), "{livekit}");
    ensure!(livekit.contains("checksum = \""), "{livekit}");
    for replaced in ["libwebrtc", "os_info"] {
        let entry = locked(replaced)?.with_context(|| format!("no {replaced} in Cargo.lock"))?;
        // A package of the workspace has no source.
        ensure!(!entry.contains("source = "), "{entry}");
    }
    Ok(())
}
