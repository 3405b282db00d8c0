//! A web service on loopback that answers one request, and keeps it.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};

/// A request that is longer was not meant.
const LARGEST: usize = 64 * 1024;

/// A service; dropping it ends it.
pub(crate) struct Service {
    address: SocketAddr,
    asked: oneshot::Receiver<String>,
    _tasks: JoinSet<()>,
}

/// What it does once it was asked.
enum Conduct {
    Answers(String),
    NeverEnds(String),
    IsSilent,
}

impl Service {
    pub(crate) async fn answers(status: &str, kind: &str, body: &str) -> Self {
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        Self::start(Conduct::Answers(answer)).await
    }

    /// Sends the beginning of an answer that promises more than anybody wants, and then nothing.
    pub(crate) async fn never_ends(kind: &str, body: &str) -> Self {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: 99999999999\r\n\r\n{body}"
        );
        Self::start(Conduct::NeverEnds(answer)).await
    }

    pub(crate) async fn is_silent() -> Self {
        Self::start(Conduct::IsSilent).await
    }

    async fn start(conduct: Conduct) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = oneshot::channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = request(&mut stream).await;
            let _ = tell.send(request);
            match conduct {
                Conduct::Answers(answer) => {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    stream.shutdown().await.unwrap();
                }
                Conduct::NeverEnds(answer) => {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    std::future::pending().await
                }
                Conduct::IsSilent => std::future::pending().await,
            }
        });
        Self {
            address,
            asked,
            _tasks: tasks,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the request, header and body.
    pub(crate) async fn asked(self) -> String {
        self.asked.await.unwrap()
    }
}

async fn request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !is_whole(&request) && request.len() < LARGEST {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.unwrap();
        if count == 0 {
            break;
        }
        request.extend_from_slice(&piece[..count]);
    }
    String::from_utf8(request).unwrap()
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((header, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = header.to_lowercase();
    let length = length.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
