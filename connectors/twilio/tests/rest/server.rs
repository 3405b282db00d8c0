//! A server that answers what it was told to, and remembers what it was asked.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use connectors_twilio::{
    rest::{RestClient, RestSettings},
    sid::AccountSid,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use url::{Url, form_urlencoded};

pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";

/// Short, because one test waits for it.
const PATIENCE: Duration = Duration::from_millis(500);

pub(crate) struct Server {
    pub(crate) url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
    _serving: JoinSet<()>,
}

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) head: String,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A status, headers (each with its line end), a body.
    Body(u16, &'static str, String),
    /// Nothing, for ever.
    Nothing,
    /// The end of the connection.
    HangUp,
    /// The beginning of an answer, and then the end of the connection.
    Half,
}

impl Answer {
    pub(crate) fn error(status: u16, code: u32) -> Self {
        let body = format!(
            r#"{{"code":{code},"message":"The number +14158675309 is odd","more_info":"x","status":{status}}}"#
        );
        Self::Body(status, "Twilio-Request-Id: RQ0123\r\n", body)
    }
}

impl Server {
    /// Answers one after the other.
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let mut answers: VecDeque<Answer> = answers.into_iter().collect();
        let mut serving = JoinSet::new();
        let memory = Arc::clone(&seen);
        serving.spawn(async move {
            let mut held = Vec::new();
            while let Some(answer) = answers.pop_front() {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                memory.lock().unwrap().push(request);
                match answer {
                    Answer::Body(status, headers, body) => {
                        let length = body.len();
                        let text = format!(
                            "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                        );
                        stream.write_all(text.as_bytes()).await.unwrap();
                    }
                    Answer::Half => {
                        let text = "HTTP/1.1 201 X\r\nContent-Length: 500\r\n\r\n{\"sid\":";
                        stream.write_all(text.as_bytes()).await.unwrap();
                    }
                    Answer::Nothing => held.push(stream),
                    Answer::HangUp => {}
                }
            }
        });
        Self {
            url: Url::parse(&url).unwrap(),
            seen,
            _serving: serving,
        }
    }

    pub(crate) fn client(&self) -> RestClient {
        client(self.url.clone())
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

pub(crate) fn client(base_url: Url) -> RestClient {
    let account = AccountSid::new(ACCOUNT).unwrap();
    let mut settings = RestSettings::with_token(account, SecretString::from("s3cret"));
    settings.base_url = base_url;
    settings.patience = PATIENCE;
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    RestClient::new(settings, tls).unwrap()
}

async fn read(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    let head_end = loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec())
        .unwrap()
        .to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head_end + length {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
    }
    let first = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut words = first.split_whitespace();
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut encoded = query.as_bytes().to_vec();
    encoded.extend_from_slice(&bytes[head_end..]);
    Seen {
        method: method.to_owned(),
        path: path.to_owned(),
        fields: form_urlencoded::parse(&encoded).into_owned().collect(),
        head: first,
    }
}
