//! Wrong tokens, missing servers, servers that talk nonsense: a typed error within its deadline.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use livekit_protocol as proto;
use prost::Message;
use room_contract::{
    Admission, Identity, JoinError, JoinOptions, NewRoom, RoomName, Rooms, ServiceError, Token,
    deadline,
};
use room_launcher::{LiveKitServer, Options};
use room_livekit::LiveKitRooms;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_tungstenite::tungstenite;

use crate::{server::common, support::rooms_at};

/// Signed rightly for `devkey`, valid until November 2023.
const EXPIRED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJkZXZrZXkiLCJzdWIiOiJhbm4iLCJuYmYiOjE2MDAwMDAwMDAsImV4cCI6MTcwMDAwMDAwMCwidmlkZW8iOnsicm9vbUpvaW4iOnRydWUsInJvb20iOiJleHBpcmVkIn19.czZqrR72jaWBkw00IPG66u8cvpNhR1efX0X9AFNwpBk";

/// What the deadline itself may be late on a busy machine.
const SLACK: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_token_signed_with_another_secret_is_refused() {
    let token = rooms_at(common(), "another")
        .token(&ann("demo"))
        .expect("signed");

    let refused = join(&rooms_at(common(), "secret"), &token).await;

    assert!(
        matches!(refused, Err(JoinError::TokenRefused(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let refused = join(&rooms_at(common(), "secret"), &Token::new(EXPIRED)).await;

    assert!(
        matches!(refused, Err(JoinError::TokenRefused(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_room_that_may_not_be_opened_by_joining_is_no_room() {
    let settings = serde_json::json!({"room": {"auto_create": false}});
    let server = LiveKitServer::start(Options {
        settings,
        ..Options::default()
    })
    .await;
    let server = server.expect("a server");
    let rooms = rooms_at(&server.url(), "secret");

    let refused = join(&rooms, &rooms.token(&ann("unknown")).expect("signed")).await;

    assert!(matches!(refused, Err(JoinError::NoSuchRoom)), "{refused:?}");
}

#[tokio::test]
async fn calls_signed_with_another_secret_are_refused() {
    let refused = ask(&rooms_at(common(), "another")).await;

    assert!(matches!(refused, ServiceError::Refused(_)), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable() {
    // The port was free a moment ago, and nobody listens on it.
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port")
        .local_addr();
    let rooms = rooms_at(&format!("ws://{}", address.expect("an address")), "secret");

    assert!(matches!(ask(&rooms).await, ServiceError::Unavailable(_)));
    let refused = join(&rooms, &rooms.token(&ann("demo")).expect("signed")).await;
    assert!(
        matches!(refused, Err(JoinError::Unavailable(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_server_that_never_answers_is_unavailable() {
    let nonsense = Nonsense::start(Answer::Nothing).await;

    assert!(matches!(
        ask(&nonsense.rooms()).await,
        ServiceError::Unavailable(_)
    ));
    let refused = nonsense.join().await;
    assert!(
        matches!(refused, Err(JoinError::Unavailable(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_no_web_server_is_found_out() {
    let nonsense = Nonsense::start(Answer::Bytes(b"\x00\xffI am not a web server\r\n\r\n")).await;

    let refused = ask(&nonsense.rooms()).await;
    assert!(is_typed(&refused), "{refused:?}");
    nonsense.join().await.expect_err("no room");
}

#[tokio::test]
async fn a_server_that_answers_with_a_page_is_found_out() {
    let page = b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\nconnection: close\r\n\r\n<html>hi</html>";
    let nonsense = Nonsense::start(Answer::Bytes(page)).await;

    let refused = ask(&nonsense.rooms()).await;
    assert!(matches!(refused, ServiceError::Garbled(_)), "{refused:?}");
    nonsense.join().await.expect_err("no room");
}

#[tokio::test]
async fn a_server_whose_errors_are_no_errors_of_livekit_is_found_out() {
    let page =
        b"HTTP/1.1 502 Bad\r\ncontent-length: 15\r\nconnection: close\r\n\r\n<html>hi</html>";
    let nonsense = Nonsense::start(Answer::Bytes(page)).await;

    let refused = ask(&nonsense.rooms()).await;
    assert!(matches!(refused, ServiceError::Garbled(_)), "{refused:?}");
    nonsense.join().await.expect_err("no room");
}

#[tokio::test]
async fn a_server_that_signals_garbage_is_found_out() {
    let nonsense = Nonsense::start(Answer::Frames(vec![0xff; 64])).await;

    nonsense.join().await.expect_err("no room");
}

#[tokio::test]
async fn a_server_that_lets_in_without_saying_whom_is_found_out() {
    let empty = proto::signal_response::Message::Join(proto::JoinResponse::default());
    let answer = proto::SignalResponse {
        message: Some(empty),
    };
    let nonsense = Nonsense::start(Answer::Frames(answer.encode_to_vec())).await;

    nonsense.join().await.expect_err("no room");
}

fn ann(room: &str) -> Admission {
    let room = RoomName::new(room).expect("a name");
    Admission::person(room, Identity::new("ann").expect("a name"))
}

/// Joins within the deadline.
async fn join(rooms: &LiveKitRooms, token: &Token) -> Result<(), JoinError> {
    let joined = timeout(
        deadline::JOIN + SLACK,
        rooms.join(token, JoinOptions::default()),
    );
    joined.await.expect("within the deadline").map(drop)
}

/// Asks the server for something within the deadline.
async fn ask(rooms: &LiveKitRooms) -> ServiceError {
    let room = NewRoom::named(RoomName::new("demo").expect("a name"));
    let asked = timeout(deadline::SERVICE + SLACK, rooms.create(room));
    asked
        .await
        .expect("within the deadline")
        .expect_err("no room")
}

fn is_typed(error: &ServiceError) -> bool {
    matches!(
        error,
        ServiceError::Garbled(_) | ServiceError::Unavailable(_)
    )
}

/// Something that listens, and is no LiveKit server.
struct Nonsense {
    url: String,
    _serving: JoinSet<()>,
}

#[derive(Clone)]
enum Answer {
    Nothing,
    Bytes(&'static [u8]),
    Frames(Vec<u8>),
}

impl Nonsense {
    async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("ws://{}", listener.local_addr().expect("an address"));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut callers = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                callers.spawn(respond(socket, answer.clone()));
            }
        });
        Self {
            url,
            _serving: serving,
        }
    }

    fn rooms(&self) -> LiveKitRooms {
        rooms_at(&self.url, "secret")
    }

    async fn join(&self) -> Result<(), JoinError> {
        let rooms = self.rooms();
        let token = rooms.token(&ann("demo")).expect("signed");
        join(&rooms, &token).await
    }
}

async fn respond(mut socket: TcpStream, answer: Answer) {
    match answer {
        Answer::Nothing => std::future::pending().await,
        Answer::Bytes(bytes) => {
            let _ = socket.read(&mut [0; 4096]).await;
            let _ = socket.write_all(bytes).await;
        }
        Answer::Frames(bytes) => {
            let Ok(mut socket) = tokio_tungstenite::accept_async(socket).await else {
                return;
            };
            let _ = socket
                .send(tungstenite::Message::Binary(bytes.into()))
                .await;
            while socket.next().await.is_some_and(|frame| frame.is_ok()) {}
        }
    }
}
