//! Asks a server whether it is ready.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// An answer from loopback takes a millisecond; the rest is for a loaded machine.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
const HEALTHY: &[u8] = b"HTTP/1.1 200";

/// Returns whether the health check at `/` answers 200.
pub(crate) async fn is_ready(server: SocketAddr) -> bool {
    matches!(timeout(ANSWER_WITHIN, ask(server)).await, Ok(Ok(true)))
}

async fn ask(server: SocketAddr) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET / HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut status = [0; HEALTHY.len()];
    stream.read_exact(&mut status).await?;
    Ok(status == HEALTHY)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn probe_of(answer: &'static [u8]) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer).await.unwrap();
            stream.read_exact(&mut [0; 16]).await.unwrap();
        };
        tokio::join!(is_ready(address), serve).0
    }

    #[tokio::test]
    async fn only_200_counts_as_ready() {
        assert!(probe_of(b"HTTP/1.1 200 OK\r\n\r\n").await);
        assert!(!probe_of(b"HTTP/1.1 406 Not Acceptable\r\n\r\n").await);
        assert!(!probe_of(b"short").await);
    }
}
