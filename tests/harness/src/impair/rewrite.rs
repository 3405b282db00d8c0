//! Changes signalling messages so that media takes the way through the impairer. Pure.

use std::net::SocketAddr;

use livekit_protocol::{
    SignalRequest, SignalResponse, signal_request::Message as Request,
    signal_response::Message as Response,
};
use prost::Message;
use serde_json::Value;

/// Returns what the client gets instead of a message of the server; `None` means nothing at all.
///
/// Messages without candidates are passed on untouched, also those this crate does not know.
pub(super) fn response(bytes: &[u8], front: SocketAddr) -> Option<Vec<u8>> {
    let untouched = || Some(bytes.to_vec());
    let Ok(mut message) = SignalResponse::decode(bytes) else {
        return untouched();
    };
    match &mut message.message {
        Some(Response::Answer(description) | Response::Offer(description)) => {
            description.sdp = sdp(&description.sdp, |line| redirected(line, front));
        }
        Some(Response::Trickle(trickle)) => {
            trickle.candidate_init = candidate_init(&trickle.candidate_init, front)?;
        }
        _ => return untouched(),
    }
    Some(message.encode_to_vec())
}

/// Returns what the server gets instead of a message of the client; `None` means nothing at all.
/// The server learns the client's address from the packets that arrive.
pub(super) fn request(bytes: &[u8]) -> Option<Vec<u8>> {
    let untouched = || Some(bytes.to_vec());
    let Ok(mut message) = SignalRequest::decode(bytes) else {
        return untouched();
    };
    match &mut message.message {
        Some(Request::Answer(description) | Request::Offer(description)) => {
            description.sdp = sdp(&description.sdp, |_| None);
        }
        Some(Request::Trickle(_)) => return None,
        _ => return untouched(),
    }
    Some(message.encode_to_vec())
}

/// Puts every candidate of a session description through `change`.
fn sdp(text: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let mut changed = String::with_capacity(text.len());
    for line in text.split_inclusive("\r\n") {
        match line.strip_prefix("a=candidate:") {
            Some(candidate) => {
                if let Some(candidate) = change(candidate.trim_end()) {
                    changed.push_str(&format!("a=candidate:{candidate}\r\n"));
                }
            }
            None => changed.push_str(line),
        }
    }
    changed
}

/// The candidate inside a trickle message, which is JSON.
fn candidate_init(text: &str, front: SocketAddr) -> Option<String> {
    let mut init: Value = serde_json::from_str(text).ok()?;
    let candidate = init["candidate"].as_str()?;
    if let Some(candidate) = candidate.strip_prefix("candidate:") {
        init["candidate"] = format!("candidate:{}", redirected(candidate, front)?).into();
    }
    Some(init.to_string())
}

/// Returns the candidate with the address replaced, or nothing when it is no direct UDP candidate.
/// Fields: foundation, component, transport, priority, address, port, `typ`, type, …
fn redirected(candidate: &str, front: SocketAddr) -> Option<String> {
    let mut fields: Vec<&str> = candidate.split(' ').collect();
    let (address, port) = (front.ip().to_string(), front.port().to_string());
    if !fields.get(2)?.eq_ignore_ascii_case("udp") || *fields.get(7)? != "host" {
        return None;
    }
    fields[4] = &address;
    fields[5] = &port;
    Some(fields.join(" "))
}

#[cfg(test)]
mod tests {
    use livekit_protocol::{SessionDescription, TrickleRequest};

    use super::*;

    const SDP: &str = "v=0\r\na=candidate:1 1 udp 2130706431 10.0.0.1 7882 typ host\r\n\
        a=candidate:2 1 tcp 1671430143 10.0.0.1 7881 typ host tcptype passive\r\na=mid:0\r\n";

    fn front() -> SocketAddr {
        "127.0.0.1:5000".parse().unwrap()
    }

    fn description() -> SessionDescription {
        SessionDescription {
            sdp: SDP.into(),
            ..SessionDescription::default()
        }
    }

    #[test]
    fn an_answers_udp_candidate_is_redirected_and_its_tcp_candidate_is_gone() {
        let answer = SignalResponse {
            message: Some(Response::Answer(description())),
        };

        let bytes = response(&answer.encode_to_vec(), front()).unwrap();

        let Some(Response::Answer(changed)) = SignalResponse::decode(&bytes[..]).unwrap().message
        else {
            panic!("no answer");
        };
        assert_eq!(
            changed.sdp,
            "v=0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host\r\na=mid:0\r\n"
        );
    }

    #[test]
    fn a_trickled_candidate_is_redirected() {
        let init = r#"{"candidate":"candidate:1 1 udp 1 10.0.0.1 7 typ host","sdpMid":"0"}"#;

        let changed = candidate_init(init, front()).unwrap();

        assert!(
            changed.contains("candidate:1 1 udp 1 127.0.0.1 5000 typ host"),
            "{changed}"
        );
        assert!(changed.contains("sdpMid"));
    }

    #[test]
    fn the_end_of_candidates_passes() {
        assert!(candidate_init(r#"{"candidate":""}"#, front()).is_some());
    }

    #[test]
    fn no_candidate_of_the_client_reaches_the_server() {
        let offer = SignalRequest {
            message: Some(Request::Offer(description())),
        };
        let trickle = SignalRequest {
            message: Some(Request::Trickle(TrickleRequest::default())),
        };

        let bytes = request(&offer.encode_to_vec()).unwrap();

        assert!(!String::from_utf8_lossy(&bytes).contains("a=candidate"));
        assert_eq!(request(&trickle.encode_to_vec()), None);
    }

    #[test]
    fn what_is_not_understood_passes_untouched() {
        assert_eq!(
            response(b"\xff\xff", front()).as_deref(),
            Some(&b"\xff\xff"[..])
        );
        assert_eq!(request(b"\xff\xff").as_deref(), Some(&b"\xff\xff"[..]));
    }
}
