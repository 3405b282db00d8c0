//! STUN and TURN servers as an application names them, and what their URLs mean.

use std::fmt;

/// A STUN or TURN server together with the credentials it wants.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IceServer {
    /// URLs such as `stun:host:port` or `turns:host:port?transport=tcp` (RFC 7064, RFC 7065).
    pub urls: Vec<String>,
    /// The TURN user; empty for STUN.
    pub username: String,
    /// The TURN password; empty for STUN.
    pub password: String,
}

/// Never prints the credentials: configurations end up in logs.
impl fmt::Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

/// Which local candidates may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransportPolicy {
    /// Every kind of candidate.
    #[default]
    All,
    /// Every kind but host candidates.
    NoHost,
    /// Only candidates relayed by a TURN server; without one the connection fails.
    Relay,
}

/// How the client talks to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerTransport {
    Udp,
    Tcp,
    Tls,
}

/// What a server is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerKind {
    Stun,
    Turn,
}

/// A parsed server URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    pub(crate) kind: ServerKind,
    pub(crate) transport: ServerTransport,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// A server URL that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ServerUrlError {
    #[error("the scheme is none of stun, turn and turns")]
    Scheme,
    #[error("STUN over TLS is not supported; a turns: server works")]
    SecureStun,
    #[error("the host is missing or malformed")]
    Host,
    #[error("the port is not a number between 1 and 65535")]
    Port,
    #[error("the transport is neither udp nor tcp")]
    Transport,
    #[error("TURN over DTLS is not supported; use turns: with transport=tcp")]
    Dtls,
}

const DEFAULT_PORT: u16 = 3478;
const DEFAULT_TLS_PORT: u16 = 5349;

impl ServerUrl {
    pub(crate) fn parse(url: &str) -> Result<Self, ServerUrlError> {
        let (scheme, rest) = url.split_once(':').ok_or(ServerUrlError::Scheme)?;
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let transport = parse_transport(query)?;

        let (kind, transport) = match scheme.to_ascii_lowercase().as_str() {
            "stun" => (ServerKind::Stun, ServerTransport::Udp),
            "stuns" => return Err(ServerUrlError::SecureStun),
            "turn" => (ServerKind::Turn, transport.unwrap_or(ServerTransport::Udp)),
            "turns" if transport == Some(ServerTransport::Udp) => return Err(ServerUrlError::Dtls),
            "turns" => (ServerKind::Turn, ServerTransport::Tls),
            _ => return Err(ServerUrlError::Scheme),
        };
        let default_port = match transport {
            ServerTransport::Tls => DEFAULT_TLS_PORT,
            ServerTransport::Udp | ServerTransport::Tcp => DEFAULT_PORT,
        };
        let (host, port) = parse_address(address, default_port)?;
        Ok(Self {
            kind,
            transport,
            host,
            port,
        })
    }
}

fn parse_transport(query: &str) -> Result<Option<ServerTransport>, ServerUrlError> {
    let Some(name) = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("transport="))
    else {
        return Ok(None);
    };
    match name.to_ascii_lowercase().as_str() {
        "udp" => Ok(Some(ServerTransport::Udp)),
        "tcp" => Ok(Some(ServerTransport::Tcp)),
        _ => Err(ServerUrlError::Transport),
    }
}

fn parse_address(address: &str, default_port: u16) -> Result<(String, u16), ServerUrlError> {
    let (host, port) = if let Some(bracketed) = address.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']').ok_or(ServerUrlError::Host)?;
        let port = match after {
            "" => None,
            _ => Some(after.strip_prefix(':').ok_or(ServerUrlError::Host)?),
        };
        (host, port)
    } else {
        match address.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        }
    };
    if host.is_empty()
        || host
            .chars()
            .any(|c| c.is_whitespace() || c == '/' || c == '@')
    {
        return Err(ServerUrlError::Host);
    }
    let port = match port {
        None => default_port,
        Some(text) => text
            .parse()
            .ok()
            .filter(|p| *p != 0)
            .ok_or(ServerUrlError::Port)?,
    };
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(url: &str) -> (ServerKind, ServerTransport, String, u16) {
        let url = ServerUrl::parse(url).unwrap();
        (url.kind, url.transport, url.host, url.port)
    }

    #[test]
    fn urls_name_kind_transport_host_and_port() {
        use ServerKind::{Stun, Turn};
        use ServerTransport::{Tcp, Tls, Udp};

        assert_eq!(
            parsed("stun:a.example"),
            (Stun, Udp, "a.example".into(), 3478)
        );
        assert_eq!(parsed("turn:a:1"), (Turn, Udp, "a".into(), 1));
        assert_eq!(
            parsed("turn:a:3478?transport=TCP"),
            (Turn, Tcp, "a".into(), 3478)
        );
        assert_eq!(
            parsed("TURNS:a:443?transport=tcp"),
            (Turn, Tls, "a".into(), 443)
        );
        assert_eq!(parsed("turns:a"), (Turn, Tls, "a".into(), 5349));
        assert_eq!(parsed("turn:[::1]:7"), (Turn, Udp, "::1".into(), 7));
        assert_eq!(
            parsed("stun:[fd00::1]"),
            (Stun, Udp, "fd00::1".into(), 3478)
        );
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        assert_eq!(ServerUrl::parse("http://a"), Err(ServerUrlError::Scheme));
        assert_eq!(ServerUrl::parse("stuns:a"), Err(ServerUrlError::SecureStun));
        assert_eq!(ServerUrl::parse("turn:"), Err(ServerUrlError::Host));
        assert_eq!(ServerUrl::parse("turn:a:0"), Err(ServerUrlError::Port));
        assert_eq!(
            ServerUrl::parse("turn:a?transport=x"),
            Err(ServerUrlError::Transport)
        );
        assert_eq!(
            ServerUrl::parse("turns:a?transport=udp"),
            Err(ServerUrlError::Dtls)
        );
    }

    #[test]
    fn debug_output_hides_the_password() {
        let server = IceServer {
            password: "hunter2".into(),
            ..IceServer::default()
        };

        assert!(!format!("{server:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_url_makes_the_parser_panic(url in "(stun|turns?):\\PC{0,40}") {
            drop(ServerUrl::parse(&url));
        }
    }
}
