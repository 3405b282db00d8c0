//! Relaying through a small TURN server on loopback.

use std::collections::HashMap;
use std::future::poll_fn;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;
use turn_client_proto::stun::types::attribute::{ErrorCode, Nonce, Realm, Username};
use turn_client_proto::stun::types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageIntegrityCredentials,
    MessageWriteVec,
};
use turn_client_proto::stun::types::prelude::{MessageWrite, MessageWriteExt};
use turn_client_proto::types::attribute::{
    ChannelNumber, Lifetime, XorPeerAddress, XorRelayedAddress,
};
use turn_client_proto::types::message::{ALLOCATE, CHANNEL_BIND};

use super::super::framing::{Deframer, Framing};
use super::super::link::StreamLink;
use super::*;

const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const USER: &str = "user";
const PASSWORD: &str = "password";
const REALM: &str = "realm";

/// One client's allocation on the server. Every STUN request is granted to the right user.
struct Allocation {
    relay: UdpSocket,
    channels: HashMap<u16, SocketAddr>,
    /// What the server says instead of granting an allocation.
    refusal: Option<u16>,
}

impl Allocation {
    async fn new(refusal: Option<u16>) -> Self {
        let relay = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
        Self {
            relay,
            channels: HashMap::new(),
            refusal,
        }
    }

    /// Takes a frame of the client and returns what to answer.
    fn handle_frame(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        let Ok(request) = Message::from_bytes(frame) else {
            let channel = u16::from_be_bytes([frame[0], frame[1]]);
            let length = usize::from(u16::from_be_bytes([frame[2], frame[3]]));
            let peer = self.channels[&channel];
            self.relay.try_send_to(&frame[4..4 + length], peer).unwrap();
            return None;
        };
        let credentials: MessageIntegrityCredentials =
            LongTermKeyCredentials::new(USER.into(), PASSWORD.into(), REALM.into()).into();
        if request.attribute::<Username>().is_err()
            || request.validate_integrity(&credentials).is_err()
        {
            return Some(refuse(&request, ErrorCode::UNAUTHORIZED));
        }
        if let Some(code) = self.refusal {
            return Some(refuse(&request, code));
        }
        let mut answer = Message::builder_success(&request, MessageWriteVec::new());
        if request.has_method(ALLOCATE) {
            let relayed = self.relay.local_addr().unwrap();
            let relayed = XorRelayedAddress::new(relayed, request.transaction_id());
            answer.add_attribute(&relayed).unwrap();
            answer.add_attribute(&Lifetime::new(600)).unwrap();
        } else if request.has_method(CHANNEL_BIND) {
            let channel = request.attribute::<ChannelNumber>().unwrap().channel();
            let peer = request.attribute::<XorPeerAddress>().unwrap();
            self.channels
                .insert(channel, peer.addr(request.transaction_id()));
        }
        answer
            .add_message_integrity(&credentials, IntegrityAlgorithm::Sha1)
            .unwrap();
        Some(answer.finish())
    }

    /// Wraps what a peer has sent to the relay.
    fn wrap(&self, peer: SocketAddr, packet: &[u8]) -> Vec<u8> {
        let channel = self
            .channels
            .iter()
            .find(|(_, bound)| **bound == peer)
            .unwrap()
            .0;
        let length = u16::try_from(packet.len()).unwrap();
        [&channel.to_be_bytes()[..], &length.to_be_bytes(), packet].concat()
    }
}

fn refuse(request: &Message<'_>, code: u16) -> Vec<u8> {
    let mut answer = Message::builder_error(request, MessageWriteVec::new());
    answer
        .add_attribute(&ErrorCode::builder(code).build().unwrap())
        .unwrap();
    answer.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
    answer.add_attribute(&Nonce::new("nonce").unwrap()).unwrap();
    answer.finish()
}

async fn serve_udp(socket: UdpSocket, mut allocation: Allocation) {
    let (mut buffer, mut relayed) = ([0; 2000], [0; 2000]);
    let mut client = None;
    loop {
        tokio::select! {
            Ok((length, source)) = socket.recv_from(&mut buffer) => {
                client = Some(source);
                if let Some(answer) = allocation.handle_frame(&buffer[..length]) {
                    socket.send_to(&answer, source).await.unwrap();
                }
            }
            Ok((length, peer)) = allocation.relay.recv_from(&mut relayed) => {
                let wrapped = allocation.wrap(peer, &relayed[..length]);
                socket.send_to(&wrapped, client.unwrap()).await.unwrap();
            }
        }
    }
}

async fn serve_tcp(listener: TcpListener, mut allocation: Allocation) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (mut buffer, mut relayed) = ([0; 2000], [0; 2000]);
    let mut deframer = Deframer::new(Framing::Turn);
    loop {
        let mut out = Vec::new();
        tokio::select! {
            Ok(length) = stream.read(&mut buffer) => {
                if length == 0 {
                    return;
                }
                deframer.handle_bytes(&buffer[..length]);
                while let Some(frame) = deframer.poll_packet().unwrap() {
                    if let Some(answer) = allocation.handle_frame(frame) {
                        Framing::Turn.write(&answer, &mut out);
                    }
                }
            }
            Ok((length, peer)) = allocation.relay.recv_from(&mut relayed) => {
                Framing::Turn.write(&allocation.wrap(peer, &relayed[..length]), &mut out);
            }
        }
        stream.write_all(&out).await.unwrap();
    }
}

/// Starts a server and returns its URL; it ends with the set.
async fn server(transport: &str, refusal: Option<u16>) -> (String, JoinSet<()>) {
    let mut serving = JoinSet::new();
    let allocation = Allocation::new(refusal).await;
    let address = if transport == "udp" {
        let socket = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        serving.spawn(serve_udp(socket, allocation));
        address
    } else {
        let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        serving.spawn(serve_tcp(listener, allocation));
        address
    };
    (format!("turn:{address}?transport={transport}"), serving)
}

fn relays(url: &str, password: &str) -> Relays {
    let mut relays = Relays::new(None);
    let server = IceServer {
        urls: vec![url.to_owned()],
        username: USER.into(),
        password: password.into(),
    };
    relays.start(url, ServerUrl::parse(url).unwrap(), &server);
    relays
}

async fn next(relays: &mut Relays) -> TurnNews {
    let pool = PacketPool::new();
    loop {
        let deadline = relays.deadline();
        let news = tokio::select! {
            news = poll_fn(|cx| match relays.poll(cx, Instant::now(), &pool) {
                Poll::Ready(news) => Poll::Ready(Some(news)),
                Poll::Pending if relays.deadline() == deadline => Poll::Pending,
                Poll::Pending => Poll::Ready(None),
            }) => news,
            () = crate::net::sleep_until(deadline) => None,
        };
        match news {
            Some(news) => return news,
            None => relays.handle_timeout(Instant::now()),
        }
    }
}

/// Relays packets of many lengths both ways: over TCP the odd ones are padded.
async fn relays_both_ways(transport: &str) {
    let (url, _serving) = server(transport, None).await;
    let peer = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
    let address = peer.local_addr().unwrap();
    let mut relays = relays(&url, PASSWORD);
    relays.handle_peer(Instant::now(), address);

    let TurnNews::Candidate(candidate) = next(&mut relays).await else {
        panic!("no candidate")
    };
    let relayed = candidate.addr();
    let mut buffer = [0; 2000];
    for length in [1, 2, 3, 4, 101, 1200] {
        // The channel may still be on its way to being bound.
        let packet = vec![length as u8; length];
        let path = (relayed, address);
        while relays.send(Instant::now(), path, &packet) != Some(Sent::Yes) {
            let turn = timeout(Duration::from_millis(100), next(&mut relays));
            assert!(turn.await.is_err(), "nothing was to be told");
        }
        let received = tokio::select! {
            received = peer.recv_from(&mut buffer) => received.unwrap(),
            news = next(&mut relays) => panic!("unexpected {news:?}"),
        };
        assert_eq!((received.1, &buffer[..received.0]), (relayed, &packet[..]));

        peer.send_to(&packet, relayed).await.unwrap();
        let TurnNews::Received {
            peer, packet: back, ..
        } = next(&mut relays).await
        else {
            panic!("nothing came back")
        };
        assert_eq!((peer, &*back), (address, &packet[..]));
    }
}

#[tokio::test]
async fn packets_are_relayed_over_udp() {
    relays_both_ways("udp").await;
}

#[tokio::test]
async fn packets_are_relayed_over_tcp() {
    relays_both_ways("tcp").await;
}

#[tokio::test]
async fn a_wrong_password_is_named() {
    let (url, _serving) = server("udp", None).await;

    let TurnNews::Failed(error) = next(&mut relays(&url, "wrong")).await else {
        panic!("no error")
    };

    assert_eq!(
        (error.url.as_str(), error.code),
        (url.as_str(), 401),
        "{}",
        error.text
    );
}

#[tokio::test]
async fn a_server_that_is_full_is_named() {
    let (url, _serving) = server("tcp", Some(ErrorCode::INSUFFICIENT_CAPACITY)).await;

    let TurnNews::Failed(error) = next(&mut relays(&url, PASSWORD)).await else {
        panic!("no error")
    };

    assert_eq!(error.code, 508, "{}", error.text);
}

#[tokio::test]
async fn a_server_that_closes_takes_its_candidate_along() {
    let (url, serving) = server("tcp", None).await;
    let mut relays = relays(&url, PASSWORD);
    let TurnNews::Candidate(candidate) = next(&mut relays).await else {
        panic!("no candidate")
    };

    drop(serving);

    let TurnNews::Lost(relayed) = next(&mut relays).await else {
        panic!("not lost")
    };
    assert_eq!(relayed, candidate.addr());
    assert_eq!(
        relays.send(Instant::now(), (relayed, relayed), b"late"),
        None
    );
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let (ours, _theirs) = tokio::io::duplex(10_000);
    let start = Instant::now();
    let mut relay = relay_over(Box::new(ours), start);
    let pool = PacketPool::new();

    let mut now = start;
    let closed = loop {
        match poll_fn(|cx| Poll::Ready(relay.poll(cx, now, &pool))).await {
            Poll::Ready(news) => break news,
            Poll::Pending => now = relay.deadline().expect("it is still open"),
        }
        relay.handle_timeout(now);
    };

    let Err(RelayClosed::Failed(error)) = closed else {
        panic!("{closed:?}")
    };
    assert_eq!(error.code, UNREACHABLE);
    assert!(now - start <= Duration::from_secs(6), "{:?}", now - start);
}

fn relay_over(stream: Box<tokio::io::DuplexStream>, start: Instant) -> Relay {
    let addresses = (
        "127.0.0.1:1".parse().unwrap(),
        "127.0.0.1:2".parse().unwrap(),
    );
    let link = StreamLink::new(stream, addresses, Framing::Turn);
    let credentials = TurnCredentials::new(USER, PASSWORD);
    Relay::start(
        start,
        "turn:a".into(),
        credentials,
        RelayTransport::Stream(link),
    )
}

proptest! {
    #[test]
    fn no_frame_from_the_server_makes_us_panic(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..6),
        kind in any::<u16>(),
    ) {
        let start = Instant::now();
        let (ours, _theirs) = tokio::io::duplex(10_000);
        let mut relay = relay_over(Box::new(ours), start);
        let pool = PacketPool::new();
        relay.handle_timeout(start);
        for mut frame in frames {
            relay.handle_packet(start, &frame, &pool);
            // Once more with a header that holds together, so that the attributes are read.
            if frame.len() >= 20 {
                let length = u16::try_from((frame.len() - 20) / 4 * 4).unwrap();
                frame.truncate(20 + usize::from(length));
                frame[..2].copy_from_slice(&(kind & 0x3fff).to_be_bytes());
                frame[2..4].copy_from_slice(&length.to_be_bytes());
                frame[4..8].copy_from_slice(&0x2112_a442_u32.to_be_bytes());
                relay.handle_packet(start, &frame, &pool);
            }
        }
    }
}
