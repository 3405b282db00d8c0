//! The network as its connection sees it, over loopback.

use std::net::SocketAddr;
use std::time::Duration;

use str0m::net::{Protocol, TcpType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::event::CandidateError;
use super::*;

async fn next(network: &mut Network) -> NetworkEvent {
    timeout(Duration::from_secs(10), network.next())
        .await
        .expect("there is news")
}

async fn gathered(network: &mut Network) -> (Vec<Candidate>, Vec<CandidateError>) {
    let (mut candidates, mut errors) = (Vec::new(), Vec::new());
    loop {
        match next(network).await {
            NetworkEvent::LocalCandidate(candidate) => candidates.push(candidate),
            NetworkEvent::CandidateError(error) => errors.push(error),
            NetworkEvent::GatheringDone => return (candidates, errors),
            other => panic!("unexpected {other:?}"),
        }
    }
}

fn open() -> Network {
    Network::open(NetworkConfig::default()).unwrap()
}

fn loopback(candidates: &[Candidate]) -> SocketAddr {
    candidates
        .iter()
        .map(Candidate::addr)
        .find(|a| a.ip().is_loopback() && a.is_ipv4())
        .unwrap()
}

fn transmit(
    proto: Protocol,
    source: SocketAddr,
    destination: SocketAddr,
    bytes: &[u8],
) -> Transmit {
    Transmit {
        proto,
        source,
        destination,
        contents: bytes.to_vec().into(),
    }
}

#[tokio::test]
async fn every_interface_gives_a_candidate_but_only_after_gathering_began() {
    let mut network = open();
    let early = timeout(Duration::from_millis(20), network.next()).await;
    assert!(early.is_err(), "{early:?}");

    network.gather();
    let (candidates, errors) = gathered(&mut network).await;

    assert_eq!(candidates.len(), interface::addresses().unwrap().len());
    assert_eq!(errors, []);
    assert!(loopback(&candidates).port() > 0);
}

#[tokio::test]
async fn packets_travel_between_two_networks() {
    let (mut a, mut b) = (open(), open());
    a.gather();
    b.gather();
    let from = loopback(&gathered(&mut a).await.0);
    let to = loopback(&gathered(&mut b).await.0);

    a.send(&transmit(Protocol::Udp, from, to, b"hello"));

    let NetworkEvent::Received(received) = next(&mut b).await else {
        panic!("nothing received")
    };
    assert_eq!((received.source, received.destination), (from, to));
    assert_eq!(&*received.contents, b"hello");
    assert_eq!(a.packets_dropped(), 0);
}

#[tokio::test]
async fn a_packet_from_an_unknown_address_is_counted_as_dropped() {
    let mut network = open();
    let nowhere = "192.0.2.1:9".parse().unwrap();

    for protocol in [
        Protocol::Udp,
        Protocol::Tcp,
        Protocol::Tls,
        Protocol::SslTcp,
    ] {
        network.send(&transmit(protocol, nowhere, nowhere, b"lost"));
    }

    assert_eq!(network.packets_dropped(), 4);
}

#[tokio::test]
async fn a_silent_udp_path_brings_an_ice_tcp_candidate_that_carries_packets() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let remote = listener.local_addr().unwrap();
    let mut network = open();
    network.gather();
    gathered(&mut network).await;

    let passive = Candidate::builder()
        .tcp()
        .host(remote)
        .tcptype(TcpType::Passive)
        .build()
        .unwrap();
    network.add_remote(&passive);
    let NetworkEvent::LocalCandidate(candidate) = next(&mut network).await else {
        panic!("no candidate")
    };
    assert_eq!(
        (candidate.proto(), candidate.tcptype()),
        (Protocol::Tcp, Some(TcpType::Active))
    );

    let (mut server, _) = listener.accept().await.unwrap();
    server.write_all(b"\x00\x02hi").await.unwrap();
    let NetworkEvent::Received(received) = next(&mut network).await else {
        panic!("nothing")
    };
    assert_eq!(
        (received.source, received.destination),
        (remote, candidate.addr())
    );
    assert_eq!(
        (received.protocol, &*received.contents),
        (Protocol::Tcp, &b"hi"[..])
    );

    network.send(&transmit(Protocol::Tcp, candidate.addr(), remote, b"ho"));
    let mut framed = [0; 4];
    tokio::select! {
        read = server.read_exact(&mut framed) => drop(read.unwrap()),
        event = network.next() => panic!("unexpected {event:?}"),
    }
    assert_eq!(&framed, b"\x00\x02ho");

    drop(server);
    let NetworkEvent::LocalGone(gone) = next(&mut network).await else {
        panic!("not gone")
    };
    assert_eq!(gone, candidate.addr());
}

#[tokio::test]
async fn relay_only_without_a_server_says_so_and_offers_nothing() {
    let mut network = open();
    network.configure(Vec::new(), TransportPolicy::Relay);

    network.gather();
    let (candidates, errors) = gathered(&mut network).await;

    assert!(candidates.is_empty());
    assert_eq!(errors.len(), 1);
    assert!(errors[0].text.contains("TURN"), "{:?}", errors[0]);
}

#[tokio::test]
async fn servers_that_cannot_be_used_are_named_with_the_reason() {
    let mut network = open();
    // Nobody listens on the discard port.
    let urls = [
        "stuns:127.0.0.1",
        "turn:127.0.0.1:9?transport=tcp",
        "turns:127.0.0.1:9",
        "nonsense",
    ];
    let server = IceServer {
        urls: urls.map(Into::into).into(),
        ..IceServer::default()
    };
    network.configure(vec![server], TransportPolicy::All);

    network.gather();
    let (_, mut errors) = gathered(&mut network).await;
    errors.sort_by(|a, b| a.url.cmp(&b.url));

    let failed: Vec<_> = errors.iter().map(|error| error.url.as_str()).collect();
    assert_eq!(
        failed,
        [
            "nonsense",
            "stuns:127.0.0.1",
            "turn:127.0.0.1:9?transport=tcp",
            "turns:127.0.0.1:9"
        ]
    );
    assert!(
        errors
            .iter()
            .all(|error| error.code == event::UNREACHABLE && !error.text.is_empty())
    );
}

#[tokio::test]
async fn a_silent_turn_server_does_not_hold_up_gathering_for_ever() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let url = format!("turn:{}", silent.local_addr().unwrap());
    let server = IceServer {
        urls: vec![url.clone()],
        ..IceServer::default()
    };
    let mut network = open();
    network.configure(vec![server], TransportPolicy::All);

    network.gather();
    let (_, errors) = gathered(&mut network).await;

    assert_eq!(errors.len(), 1);
    assert_eq!((&errors[0].url, errors[0].code), (&url, event::UNREACHABLE));
}

#[tokio::test]
async fn a_restart_tells_every_candidate_again() {
    let mut network = open();
    network.gather();
    let (before, _) = gathered(&mut network).await;

    network.restart();
    let (after, _) = gathered(&mut network).await;

    assert_eq!(before, after);
}

#[tokio::test]
async fn an_address_that_goes_is_reported_and_one_that_comes_is_a_candidate() {
    let mut network = open();
    network.gather();
    let (before, _) = gathered(&mut network).await;
    let path = loopback(&before);
    network.send(&transmit(Protocol::Udp, path, path, &[0x80; 20]));
    let others: Vec<_> = before
        .iter()
        .map(|c| c.addr().ip())
        .filter(|ip| *ip != path.ip())
        .collect();

    network.paths.handle_addresses(&others);
    let NetworkEvent::LocalGone(gone) = next(&mut network).await else {
        panic!("not gone")
    };
    assert_eq!(gone, path);

    let all: Vec<_> = before.iter().map(|c| c.addr().ip()).collect();
    network.paths.handle_addresses(&all);
    let mut news = vec![next(&mut network).await, next(&mut network).await];
    news.retain(|event| !matches!(event, NetworkEvent::NetworkChanged));
    let [NetworkEvent::LocalCandidate(candidate), ..] = &news[..] else {
        panic!("{news:?}")
    };
    assert_eq!(candidate.addr().ip(), path.ip());
}
