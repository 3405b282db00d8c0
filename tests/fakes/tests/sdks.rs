//! The vendors' own SDKs against the fakes: what they like is the protocol.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{path::Path, process::Stdio, time::Duration};

use tests_fakes::{Conduct, Deepgram, ElevenLabs, Fault, OpenAi};
use tokio::process::Command;

/// Longer than a busy machine needs to start Python.
const PATIENCE: Duration = Duration::from_secs(120);

/// The key that the SDKs are given.
const KEY: &str = "sdk-key";

fn conduct() -> Conduct {
    Conduct {
        key: Some(KEY.into()),
        ..Conduct::default()
    }
}

async fn run(vendor: &str, url: &str) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = here.join("../../target/sdks/bin/python");
    assert!(
        python.exists(),
        "the SDKs are missing; run `make test-setup`"
    );
    let running = Command::new(python)
        .arg(here.join("peers/sdks.py"))
        .args([vendor, url])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, running)
        .await
        .unwrap()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

#[tokio::test]
async fn openais_sdk_likes_the_fake() {
    let server = OpenAi::start().await.unwrap();
    server.conduct(conduct());
    server.fail(Fault::too_many(7));
    server.fail(Fault::Refuse {
        status: 401,
        code: Some("invalid_api_key".into()),
        retry_after: None,
    });
    server.fail(Fault::ErrorAfter(2));

    run("openai", server.url().as_str()).await;

    assert_eq!(server.journal().violations(), [""; 0]);
}

#[tokio::test]
async fn deepgrams_sdk_likes_the_fake() {
    let server = Deepgram::start().await.unwrap();
    server.conduct(conduct());

    run("deepgram", server.url().as_str()).await;

    assert_eq!(server.journal().violations(), [""; 0]);
}

#[tokio::test]
async fn elevenlabs_sdk_likes_the_fake() {
    let server = ElevenLabs::start().await.unwrap();
    server.conduct(conduct());
    server.fail(Fault::ErrorAfter(0));

    run("elevenlabs", server.url().as_str()).await;

    assert_eq!(server.journal().violations(), [""; 0]);
}
