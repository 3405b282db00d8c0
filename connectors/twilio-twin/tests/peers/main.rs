//! Twilio's own client and validator, and another project's media code, against the twin: what they like is the protocol.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{path::Path, process::Stdio, time::Duration};

use axum::{Router, http::header, routing::any};
use connectors_twilio_twin::{
    InboundCall, Number, Persona, Reason, Route, Settings, Twin, What, sign,
};
use fastrand::Rng;
use room_media::{Dbfs, SampleRate, tone, tone::Tone};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;

/// Longer than a busy machine needs to start Python.
const PATIENCE: Duration = Duration::from_secs(120);

const OURS: &str = "+15550001111";
const CALLER: &str = "+15557654321";

fn peer(arguments: &[&str]) -> Child {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = here.join("../../target/sdks/bin/python");
    assert!(
        python.exists(),
        "the SDKs are missing; run `make test-setup`"
    );
    Command::new(python)
        .arg(here.join("peers/twilio_peers.py"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn assert_content(peer: Child) {
    let output = timeout(PATIENCE, peer.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

#[tokio::test]
async fn twilios_client_likes_the_rest_api() {
    let settings = Settings {
        numbers: vec![Number::new(OURS)],
        ..Settings::default()
    };
    let (account, token) = (settings.account_sid.clone(), settings.auth_token.clone());
    let twin = Twin::start(settings).await.unwrap();
    twin.phone("+15553335555", Persona::NoPermission);

    assert_content(peer(&["client", twin.url(), &account, &token])).await;
}

/// What parameters and addresses are made of: what is escaped, sorted and repeated in them.
const LETTERS: &[&str] = &[
    "a",
    "B",
    "z",
    "0",
    "9",
    "+",
    " ",
    "&",
    "=",
    "%",
    "é",
    "ß",
    "漢",
    "\u{1f600}",
    "_",
    "-",
    "\n",
];
const WORDS: &[&str] = &[
    "CallSid",
    "From",
    "To",
    "Digits",
    "from",
    "a",
    "SpeechResult",
    "Z",
    "é",
];

#[tokio::test]
async fn twilios_validator_accepts_ten_thousand_signatures() {
    let mut rng = Rng::with_seed(7);
    let requests: Vec<_> = (0..10_000).map(|_| request(&mut rng)).collect();
    let mut peer = peer(&["validator"]);
    let mut input = peer.stdin.take().unwrap();

    let body = serde_json::to_vec(&requests).unwrap();
    let writing = async move {
        input.write_all(&body).await.unwrap();
        drop(input);
    };
    tokio::join!(writing, assert_content(peer));
}

fn request(rng: &mut Rng) -> serde_json::Value {
    let text = |rng: &mut Rng, most: usize| -> String {
        (0..rng.usize(0..=most))
            .map(|_| LETTERS[rng.usize(..LETTERS.len())])
            .collect()
    };
    let token = text(rng, 20) + "t";
    let port = ["", ":443", ":8443"][rng.usize(..3)];
    let query = if rng.bool() {
        format!("?q={}", rng.u32(..))
    } else {
        String::new()
    };
    let url = format!(
        "https://app{}.test{port}/voice/{}{query}",
        rng.u8(..),
        rng.u16(..)
    );
    let parameters: Vec<(String, String)> = (0..rng.usize(0..12))
        .map(|_| (WORDS[rng.usize(..WORDS.len())].to_owned(), text(rng, 12)))
        .collect();
    let signature = sign(&token, &url, &parameters);
    json!({"token": token, "url": url, "parameters": parameters, "signature": signature})
}

/// Answers every webhook with a media stream.
async fn application() -> (String, AbortOnDropHandle<()>) {
    let document = r#"<Response><Connect><Stream url="wss://media.test/"/></Connect></Response>"#;
    let router = Router::new().fallback(any(move || async move {
        ([(header::CONTENT_TYPE, "text/xml")], document)
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = async move { axum::serve(listener, router).await.unwrap() };
    (url, AbortOnDropHandle::new(tokio::task::spawn(serving)))
}

#[tokio::test]
async fn pipecats_serializer_understands_the_media_stream() {
    let (url, _server) = application().await;
    let mut peer = peer(&["pipecat", "12345"]);
    let mut lines = BufReader::new(peer.stdout.take().unwrap()).lines();
    let Some(port) = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap() else {
        return assert_content(peer).await;
    };
    let twin = Twin::start(Settings {
        numbers: vec![Number::new(OURS).voice("https://app.test/voice")],
        routes: vec![
            Route::new("https://app.test", &url),
            Route::new("https://media.test", &format!("http://127.0.0.1:{port}")),
        ],
        ..Settings::default()
    })
    .await
    .unwrap();
    let mut input = peer.stdin.take().unwrap();
    input
        .write_all(format!("{}\n", twin.url()).as_bytes())
        .await
        .unwrap();

    let call = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
    call.event(|what| matches!(what, What::StreamSpoke { .. }))
        .await
        .unwrap();
    call.say(&Tone::new(SampleRate::HZ_8000, 700.0, Dbfs::new(-12.0)).take(16_000));
    let heard = timeout(PATIENCE, async {
        let mut listener = call.listen();
        let mut heard = Vec::new();
        while heard
            .iter()
            .filter(|sample: &&i16| sample.abs() > 1_000)
            .count()
            < 10_000
        {
            heard.extend(listener.next().await.unwrap());
        }
        heard
    })
    .await
    .unwrap();
    call.digits("0");
    call.event(|what| matches!(what, What::Cleared { .. }))
        .await
        .unwrap();
    call.digits("9");
    let ended = timeout(PATIENCE, call.ended()).await.unwrap();

    // A busy machine leaves holes between pieces; within a piece it is the tone and nothing else.
    let pieces = heard.windows(1_600).step_by(160);
    let shares = pieces.map(|piece| tone::measure(piece, SampleRate::HZ_8000, 700.0).share);
    let best = shares.fold(0.0, f32::max);
    assert!(best > 0.95, "{best}");
    assert_eq!(ended.reason, Reason::Api);
    let warned = call
        .events()
        .into_iter()
        .any(|event| matches!(event.what, What::Warning { .. }));
    assert!(!warned, "{:?}", call.events());
    assert_content(peer).await;
}
