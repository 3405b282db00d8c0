//! Where HTTP is answered.

use std::fmt;
use std::net::IpAddr;

use super::Mode;
use super::reader::{Expected, Reader, Setting};

const LISTEN: Setting = Setting::new("listen")
    .flag("--listen")
    .environment(&["PATCHBAY_LISTEN"]);

/// A host and a port; port 0 takes a free one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Name or address, an IPv6 address without its brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl Listen {
    pub(super) fn read(reader: &mut Reader<'_>, mode: Mode) -> Self {
        reader
            .parsed(&LISTEN, parse)
            .unwrap_or_else(|| Self::default_of(mode))
    }

    fn default_of(mode: Mode) -> Self {
        let host = match mode {
            Mode::Dev => "127.0.0.1",
            Mode::Serve => "0.0.0.0",
        };
        Self {
            host: host.to_owned(),
            port: 8080,
        }
    }

    /// Tells whether only this machine can connect.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

/// Tells whether `host` names this machine and nothing else.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

fn parse(text: &str) -> Result<Listen, Expected> {
    let expected = Expected {
        what: "HOST:PORT",
        example: "127.0.0.1:8080",
    };
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err(expected);
    };
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host = bracketed.unwrap_or(host);
    match port.parse() {
        Ok(port) if !host.is_empty() && (bracketed.is_some() || !host.contains(':')) => {
            Ok(Listen {
                host: host.to_owned(),
                port,
            })
        }
        _ => Err(expected),
    }
}
