//! A server that answers rubbish: joining ends with an error in time, and nothing panics.

use std::{
    panic,
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use livekit::prelude::*;
use livekit_protocol::{
    JoinResponse, ParticipantInfo, Room as RoomInfo, ServerInfo, SessionDescription,
    SignalResponse, TrickleRequest, signal_response,
};
use prost::Message as _;
use tests_harness::Token;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

use crate::support::figure;

/// `livekit` tries both of its ways to connect and gives each its time.
const IN_TIME: Duration = Duration::from_secs(60);

/// What the server says, once somebody has connected.
#[derive(Debug, Clone, Copy)]
enum Rubbish {
    /// Nothing: it hangs up.
    HangsUp,
    /// Nothing, for ever.
    Silence,
    /// Not even HTTP.
    NoHttp,
    /// A page instead of a WebSocket.
    Page,
    /// Messages that cannot be decoded.
    NoProtobuf,
    /// A proper welcome, then an answer that is no description.
    NoDescription,
    /// A proper welcome, then candidates that are none.
    NoCandidates,
    /// A proper welcome, then an answer to something that was never asked.
    WrongDescription,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_up_is_an_error() -> Result<()> {
    joining_fails_in_time(Rubbish::HangsUp).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_says_nothing_is_an_error() -> Result<()> {
    joining_fails_in_time(Rubbish::Silence).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_speaks_something_else_is_an_error() -> Result<()> {
    joining_fails_in_time(Rubbish::NoHttp).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_instead_of_signalling_is_an_error() -> Result<()> {
    joining_fails_in_time(Rubbish::Page).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_cannot_be_decoded_are_an_error() -> Result<()> {
    joining_fails_in_time(Rubbish::NoProtobuf).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_no_description_is_an_error() -> Result<()> {
    joining_fails_in_time(Rubbish::NoDescription).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candidates_that_are_none_are_an_error() -> Result<()> {
    joining_fails_in_time(Rubbish::NoCandidates).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_another_question_is_an_error() -> Result<()> {
    joining_fails_in_time(Rubbish::WrongDescription).await
}

async fn joining_fails_in_time(rubbish: Rubbish) -> Result<()> {
    count_panics();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let token = Token::new("hall", "guest").sign("devkey", "secret")?;
    let mut options = RoomOptions::default();
    options.join_retries = 0;
    let mut server = JoinSet::new();
    server.spawn(serve(listener, rubbish));

    let begin = Instant::now();
    let outcome = timeout(IN_TIME, Room::connect(&url, &token, options)).await?;

    let took = begin.elapsed();
    let error = outcome.map(drop).expect_err("there is nothing to join");
    figure(&format!("{rubbish:?}"), format!("{error} after {took:?}"));
    assert!(matches!(error, RoomError::Engine(_)), "{error:?}");
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "something panicked");
    Ok(())
}

async fn serve(listener: TcpListener, rubbish: Rubbish) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        // Whatever goes wrong here is part of the rubbish.
        connections.spawn(async move { drop(talk(stream, rubbish).await) });
    }
}

async fn talk(mut stream: TcpStream, rubbish: Rubbish) -> Result<()> {
    match rubbish {
        Rubbish::HangsUp => return Ok(()),
        Rubbish::Silence => std::future::pending().await,
        Rubbish::NoHttp => return say(stream, b"\x00\xffSSH-2.0 what?\r\n\r\n").await,
        Rubbish::Page => {
            let page = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>";
            return say(stream, page).await;
        }
        Rubbish::NoProtobuf
        | Rubbish::NoDescription
        | Rubbish::NoCandidates
        | Rubbish::WrongDescription => {}
    }
    if asks_for_validation(&mut stream).await? {
        return say(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    }
    let mut socket = accept_async(stream).await?;
    for message in messages(rubbish) {
        socket.send(Message::Binary(message.into())).await?;
    }
    while socket.next().await.is_some() {}
    Ok(())
}

/// After a failure `livekit` asks over plain HTTP whether it may join at all.
async fn asks_for_validation(stream: &mut TcpStream) -> Result<bool> {
    let mut begin = [0; 256];
    let length = stream.peek(&mut begin).await?;
    let begin = String::from_utf8_lossy(&begin[..length]).into_owned();
    Ok(begin
        .lines()
        .next()
        .is_some_and(|line| line.contains("/validate")))
}

async fn say(mut stream: TcpStream, words: &[u8]) -> Result<()> {
    let mut request = [0; 1024];
    let _ = stream.read(&mut request).await?;
    stream.write_all(words).await?;
    Ok(stream.shutdown().await?)
}

fn messages(rubbish: Rubbish) -> Vec<Vec<u8>> {
    let garbage = "v=1\r\nrubbish\r\nm=\r\n\u{fffd}\r\n";
    let answer = |sdp: &str| {
        signal_response::Message::Answer(SessionDescription {
            r#type: "answer".into(),
            sdp: sdp.into(),
            ..SessionDescription::default()
        })
    };
    let candidate = |init: &str| {
        signal_response::Message::Trickle(TrickleRequest {
            candidate_init: init.into(),
            ..TrickleRequest::default()
        })
    };
    let after = match rubbish {
        Rubbish::NoDescription => vec![answer(garbage), answer("")],
        Rubbish::WrongDescription => vec![answer(ANOTHER_ANSWER)],
        Rubbish::NoCandidates => vec![
            // Broken JSON would be `livekit`'s own affair: it unwraps that.
            candidate(r#"{"candidate":"rubbish","sdpMid":"0","sdpMLineIndex":0}"#),
            candidate(r#"{"candidate":"","sdpMid":"7","sdpMLineIndex":-7}"#),
            candidate(
                r#"{"candidate":"candidate:1 1 udp 1 x.local 9 typ host","sdpMid":"0","sdpMLineIndex":0}"#,
            ),
        ],
        Rubbish::NoProtobuf
        | Rubbish::HangsUp
        | Rubbish::Silence
        | Rubbish::NoHttp
        | Rubbish::Page => return vec![vec![0xff; 64], Vec::new(), vec![0x0a, 0xff, 0xff]],
    };
    std::iter::once(signal_response::Message::Join(welcome()))
        .chain(after)
        .map(|message| {
            let response = SignalResponse {
                message: Some(message),
            };
            response.encode_to_vec()
        })
        .collect()
}

/// Proper in itself, but for one section that nobody offered.
const ANOTHER_ANSWER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:zzz\r\na=inactive\r\n\
    a=rtpmap:96 VP8/90000\r\n";

fn welcome() -> JoinResponse {
    JoinResponse {
        room: Some(RoomInfo {
            sid: "RM_rubbish".into(),
            name: "hall".into(),
            ..RoomInfo::default()
        }),
        participant: Some(ParticipantInfo {
            sid: "PA_rubbish".into(),
            identity: "guest".into(),
            ..ParticipantInfo::default()
        }),
        server_info: Some(ServerInfo {
            protocol: 17,
            ..ServerInfo::default()
        }),
        ping_interval: 5,
        ping_timeout: 15,
        ..JoinResponse::default()
    }
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Counts panics of `livekit` and of the engine, in whatever thread; those of other tests are theirs.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map_or("", |location| location.file());
            let ours = ["livekit", "room/engine", "room/libwebrtc", "str0m"];
            if ours.iter().any(|part| place.contains(part)) {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            usual(info);
        }));
    });
}
