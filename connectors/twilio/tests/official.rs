//! Twilio's own library (PyPI `twilio`) beside ours: what one signs the other accepts, and what one refuses so does the other.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{path::Path, process::Stdio, time::Duration};

use connectors_twilio::{
    access_token::{AccessTokens, ClientIdentity, Incoming, VoiceGrant},
    form::Form,
    signature::Signatures,
};
use fastrand::Rng;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

const REQUESTS: usize = 10_000;

/// Longer than a busy machine needs for all of them.
const PATIENCE: Duration = Duration::from_secs(120);

/// Questions that are asked before answers are read: the pipe takes them all.
const BATCH: usize = 20;

struct Official {
    _python: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Official {
    fn start() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = here.join("../../target/sdks/bin/python");
        assert!(
            python.exists(),
            "Twilio's library is missing; run `make test-setup`"
        );
        let mut python = Command::new(python)
            .arg(here.join("tests/peers/official.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            questions: python.stdin.take().unwrap(),
            answers: BufReader::new(python.stdout.take().unwrap()).lines(),
            _python: python,
        }
    }

    async fn ask(&mut self, questions: &[Value]) -> Vec<Value> {
        let mut lines = String::new();
        for question in questions {
            lines.push_str(&question.to_string());
            lines.push('\n');
        }
        self.questions.write_all(lines.as_bytes()).await.unwrap();
        let mut answers = Vec::new();
        for _ in questions {
            let answer = self.answers.next_line().await.unwrap().unwrap();
            answers.push(serde_json::from_str(&answer).unwrap());
        }
        answers
    }
}

/// A request as Twilio might send it, or as somebody else might.
#[derive(Debug, Clone)]
struct Request {
    token: String,
    url: String,
    fields: Vec<(String, String)>,
    body: Option<String>,
}

impl Request {
    fn random(rng: &mut Rng) -> Self {
        let scheme = if rng.u8(..) < 200 { "https" } else { "http" };
        let host = ["phone.example", "a-b.c.example", "192.0.2.7"][rng.usize(..3)];
        let port = ["", "", "", ":443", ":80", ":8443"][rng.usize(..6)];
        let path = text(rng, 0..30, PATH);
        let mut url = format!("{scheme}://{host}{port}/{path}");
        if rng.bool() {
            url = format!("{url}?a={}", text(rng, 0..40, QUERY));
        }
        let kind = rng.u8(..10);
        let body = (kind == 0).then(|| text(rng, 0..60, VALUE));
        if let Some(body) = &body {
            let mark = if url.contains('?') { '&' } else { '?' };
            let hash = Sha256::digest(body.as_bytes());
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            url = format!("{url}{mark}bodySHA256={hex}");
        }
        let count = if kind < 2 { 0 } else { rng.usize(1..12) };
        let fields = (0..count)
            .map(|_| (text(rng, 1..4, NAME), text(rng, 0..20, VALUE)))
            .collect();
        Self {
            token: text(rng, 1..40, VALUE),
            url,
            fields,
            body,
        }
    }

    /// Another request that is much like it.
    fn changed(&self, rng: &mut Rng) -> Self {
        let mut other = self.clone();
        match rng.u8(..7) {
            0 => other.token.push('x'),
            1 => other.url.push('x'),
            2 => other.fields.push(("Zz".into(), String::new())),
            3 if !other.fields.is_empty() => {
                let at = rng.usize(..other.fields.len());
                other.fields.remove(at);
            }
            4 => {
                other.url = other
                    .url
                    .replacen("http", "https", 1)
                    .replace("httpss", "http")
            }
            5 => other.url = other.url.replacen(".example/", ".example:444/", 1),
            _ => {
                if let Some(body) = &mut other.body {
                    body.push(' ');
                } else if let Some((_, value)) = other.fields.first_mut() {
                    value.push('\u{1f}');
                }
            }
        }
        other
    }

    fn signatures(&self) -> Signatures {
        Signatures::new(&SecretString::from(self.token.as_str()))
    }

    fn form(&self) -> Form {
        self.fields.iter().cloned().collect()
    }

    fn sign(&self) -> String {
        self.signatures().sign(&self.url, &self.form())
    }

    fn accepts(&self, signature: &str) -> bool {
        let (signatures, header) = (self.signatures(), Some(signature));
        match &self.body {
            Some(body) => signatures.body(&self.url, body.as_bytes(), header).is_ok(),
            None if self.fields.is_empty() => signatures.get(&self.url, header).is_ok(),
            None => signatures.form(&self.url, self.form(), header).is_ok(),
        }
    }

    fn to_sign(&self) -> Value {
        json!({"sign": {"token": self.token, "url": self.url, "fields": self.fields}})
    }

    fn to_check(&self, signature: &str) -> Value {
        json!({"check": {"token": self.token, "url": self.url, "fields": self.fields, "body": self.body,
            "signature": signature}})
    }
}

// No apostrophe in URLs: of those, ours accepts a second spelling, as Twilio's library for Node does.
const PATH: &str = "abzAZ09-._~!$()*+,:@=/%";
const QUERY: &str = "abzAZ09-._~!$()*+,:@=/&%";
const NAME: &str = "aAbBzZ9._";
const VALUE: &str = "aZ0 +&=%'\"\\<>\n\té€😀\u{301}\u{ffff}";

fn text(rng: &mut Rng, length: std::ops::Range<usize>, of: &str) -> String {
    let characters: Vec<char> = of.chars().collect();
    (0..rng.usize(length))
        .map(|_| match characters[rng.usize(..characters.len())] {
            '%' => format!("%{:02X}", rng.u8(0x20..)),
            other => other.to_string(),
        })
        .collect()
}

async fn compare(official: &mut Official, rng: &mut Rng) {
    let requests: Vec<Request> = (0..BATCH).map(|_| Request::random(rng)).collect();
    let changed: Vec<Request> = requests
        .iter()
        .map(|request| request.changed(rng))
        .collect();
    let ours: Vec<String> = requests.iter().map(Request::sign).collect();

    let mut questions: Vec<Value> = requests.iter().map(Request::to_sign).collect();
    questions.extend(
        requests
            .iter()
            .zip(&ours)
            .map(|(request, ours)| request.to_check(ours)),
    );
    questions.extend(
        changed
            .iter()
            .zip(&ours)
            .map(|(request, ours)| request.to_check(ours)),
    );
    let mut answers = official.ask(&questions).await.into_iter();

    let theirs: Vec<Value> = answers.by_ref().take(BATCH).collect();
    for (request, theirs) in requests.iter().zip(&theirs) {
        let theirs = theirs["signature"].as_str().unwrap();
        assert!(request.accepts(theirs), "theirs is refused: {request:?}");
        assert_eq!(request.sign(), theirs, "{request:?}");
    }
    for (request, answer) in requests.iter().zip(answers.by_ref().take(BATCH)) {
        assert_eq!(answer["valid"], true, "ours is refused: {request:?}");
    }
    for ((request, ours), answer) in changed.iter().zip(&ours).zip(answers) {
        assert_eq!(answer["valid"], request.accepts(ours), "{request:?}");
    }
}

#[tokio::test]
async fn both_agree_on_10_000_random_requests_and_on_as_many_that_were_changed() {
    let (mut official, mut rng) = (Official::start(), Rng::with_seed(7));

    let comparing = async {
        for _ in 0..REQUESTS / BATCH {
            compare(&mut official, &mut rng).await;
        }
    };

    timeout(PATIENCE, comparing).await.unwrap();
}

#[tokio::test]
async fn an_access_token_is_what_twilios_library_would_have_made() {
    let (account, key, application) = (
        "AC00000000000000000000000000000001",
        "SK00000000000000000000000000000001",
        "AP00000000000000000000000000000001",
    );
    let secret = "a secret that is long enough for everybody";
    let grant = VoiceGrant {
        identity: ClientIdentity::new("alice").unwrap(),
        outgoing: Some(application.parse().unwrap()),
        incoming: Incoming::Allowed,
    };
    let tokens = AccessTokens::new(
        account.parse().unwrap(),
        key.parse().unwrap(),
        SecretString::from(secret),
    );
    let now = OffsetDateTime::now_utc();
    let jwt = tokens.mint(now, Duration::from_secs(3_600), &grant);

    let question = json!({"token": {"jwt": jwt.expose_secret(), "secret": secret, "account": account, "key": key,
        "application": application}});
    let asking = async { Official::start().ask(&[question]).await };
    let answer = timeout(PATIENCE, asking).await.unwrap().remove(0);

    let (ours, theirs) = (&answer["claims"], &answer["expected"]["claims"]);
    for claim in ["iss", "sub", "grants"] {
        assert_eq!(ours[claim], theirs[claim], "{claim}");
    }
    assert_eq!(answer["headers"], answer["expected"]["headers"]);
    let lives = ours["exp"].as_i64().unwrap() - ours["iat"].as_i64().unwrap();
    assert_eq!(lives, 3_600);
    assert_eq!(ours["jti"], format!("{key}-{}", now.unix_timestamp()));
}
