//! Why a LiveKit server could not be started.

use std::{io, path::PathBuf, time::Duration};

/// Why a LiveKit server could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// There is nothing to start: build the server, install it, or say where it is.
    #[error(
        "no livekit-server found; run `make livekit-server`, install one on PATH, or set LIVEKIT_SERVER_BIN"
    )]
    NotFound,
    /// `LIVEKIT_SERVER_BIN` names something that is not a file: correct the variable.
    #[error("LIVEKIT_SERVER_BIN names {}, which is not a file", path.display())]
    NotAFile {
        /// What the variable said.
        path: PathBuf,
    },
    /// Every block of ports is in use: stop other servers.
    #[error("no free block of ports on loopback")]
    NoPorts,
    /// The log file or the process could not be made: the machine is at fault.
    #[error("the server process could not be started")]
    Spawn(#[source] io::Error),
    /// The server ended before it was ready: its last words say why.
    #[error("livekit-server ended before it was ready: {last_words}")]
    Ended {
        /// The end of its log.
        last_words: String,
    },
    /// The server runs but did not answer in time: the machine is overloaded, or try again.
    #[error("livekit-server did not answer within {waited:?}")]
    NotReady {
        /// How long its answer was waited for.
        waited: Duration,
    },
}
