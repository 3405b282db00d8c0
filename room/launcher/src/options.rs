//! What can be chosen about a server before it starts.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use serde_json::{Value, json};

/// What can be chosen about a server before it starts. The default suits tests and local development.
#[derive(Debug, Clone)]
pub struct Options {
    /// The executable; `None` looks for one (see [`find_binary`](crate::find_binary)).
    pub binary: Option<PathBuf>,
    /// The API key that the server accepts.
    pub api_key: String,
    /// The secret of that key.
    pub api_secret: String,
    /// The only address that signalling and UDP media listen on. The ICE-TCP port listens on all
    /// addresses, since the server knows no setting for it, but is announced for this one only.
    pub address: IpAddr,
    /// Where the log goes, emptied at the first start; `None` makes a file in the folder for
    /// temporary files, named after the signalling port.
    pub log_file: Option<PathBuf>,
    /// Where room events are posted.
    pub webhook_urls: Vec<String>,
    /// The server's own TURN server, off by default.
    pub turn: Option<Turn>,
    /// How long the server may take until it answers.
    pub ready_within: Duration,
    /// How long a graceful stop waits for participants to leave before it turns them out.
    pub drain: Duration,
    /// Settings of the server's configuration file, laid over those made here; objects are merged.
    pub settings: Value,
}

/// The server's own TURN server: which transports it offers, each on a port of the instance's block.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The name that clients are told to connect to over TLS.
    pub domain: String,
    /// Whether TURN over UDP is offered.
    pub udp: bool,
    /// Offers TURN over TLS with this certificate.
    pub tls: Option<TlsFiles>,
}

/// A certificate and its key, both PEM files.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            binary: None,
            api_key: "devkey".into(),
            api_secret: "secret".into(),
            address: Ipv4Addr::LOCALHOST.into(),
            log_file: None,
            webhook_urls: Vec::new(),
            turn: None,
            // The server answers within 300 ms on an idle machine; a loaded one takes its time.
            ready_within: Duration::from_secs(30),
            drain: Duration::ZERO,
            settings: json!({}),
        }
    }
}
