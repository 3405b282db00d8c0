//! The program itself: its command line and what it says about a wrong configuration.

use std::process::{Command, Output};

#[test]
fn all_mistakes_of_a_configuration_are_reported_and_nothing_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("patchbay.toml");
    std::fs::write(&file, "[sessions]\nmax = \"many\"\nmin = 1\n").unwrap();

    let output = patchbay(&[
        "serve",
        "--config",
        file.to_str().unwrap(),
        "--listen",
        "nowhere",
    ]);

    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(64), "{text}");
    assert!(
        text.contains("7 mistakes in the configuration, nothing was started"),
        "{text}"
    );
    for part in [
        "--listen is `nowhere`",
        "fix: --listen 127.0.0.1:8080",
        "(sessions.max) is `many`",
        "sets `sessions.min`, which does not exist",
        "fix: LIVEKIT_URL=",
        "fix: LIVEKIT_API_KEY=",
        "fix: LIVEKIT_API_SECRET=",
        "fix: PATCHBAY_API_KEY=",
    ] {
        assert!(text.contains(part), "`{part}` in:\n{text}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_64_and_help_with_0() {
    for (arguments, code) in [
        (&["frobnicate"][..], 64),
        (&["dev", "--colour"], 64),
        (&[], 64),
        (&["--help"], 0),
    ] {
        assert_eq!(
            patchbay(arguments).status.code(),
            Some(code),
            "{arguments:?}"
        );
    }
}

#[test]
fn the_openapi_document_can_be_printed() {
    let output = patchbay(&["openapi"]);

    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn the_doctor_says_what_to_do() {
    let nothing_set = patchbay(&["doctor"]);
    let livekit_down = program(&["doctor"])
        .env("LIVEKIT_URL", "ws://127.0.0.1:1")
        .env("LIVEKIT_API_KEY", "devkey")
        .env("LIVEKIT_API_SECRET", "secret")
        .env("PATCHBAY_API_KEY", "0123456789abcdef")
        .env("DATABASE_URL", "postgres://ada:s3cret@127.0.0.1:1/patchbay")
        .output()
        .unwrap();

    assert_eq!(nothing_set.status.code(), Some(64));
    assert!(
        String::from_utf8(nothing_set.stdout)
            .unwrap()
            .contains("fix: LIVEKIT_URL=")
    );
    let text = String::from_utf8(livekit_down.stdout).unwrap();
    assert_eq!(livekit_down.status.code(), Some(1), "{text}");
    assert!(text.contains("configuration  ok"), "{text}");
    for part in [
        "does not answer: start it, or correct LIVEKIT_URL",
        "does not answer: start it, or correct DATABASE_URL",
        "patchbay of PostgreSQL at 127.0.0.1",
    ] {
        assert!(text.contains(part), "`{part}` in:\n{text}");
    }
    assert!(!text.contains("s3cret"), "{text}");
}

fn patchbay(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// The program with an empty environment, in a folder without a configuration file.
fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_patchbay"));
    program
        .args(arguments)
        .env_clear()
        .current_dir(std::env::temp_dir());
    program
}
