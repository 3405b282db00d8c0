//! What a child process is told to do, and what it tells. `stock.py` understands the same JSON.

use serde::{Deserialize, Serialize};

/// One measurement; its answer is a number of lines, each a [`Line`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub(crate) enum Task {
    /// Joins a room in which somebody speaks, once per token, until something is heard.
    Join { url: String, tokens: Vec<String> },
    /// Speaks as one participant, listens as another, and measures how late `beeps` are.
    Latency {
        url: String,
        speaker: String,
        listener: String,
        beeps: u32,
    },
    /// Connects everybody of `tokens` and lets them speak the WAV file `voice` and listen.
    Crowd {
        url: String,
        tokens: Vec<String>,
        voice: String,
        settle_seconds: u64,
        seconds: u64,
    },
}

/// What a child tells, one per line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(crate) enum Line {
    /// One join: until connected, until heard.
    Joined { connected_ms: f64, heard_ms: f64 },
    /// One beep. `arrived_ms`: until the application had it; `played_ms`: until it sounded when
    /// played by an even clock.
    Beep { arrived_ms: f64, played_ms: f64 },
    /// Everybody is connected and has settled; what follows counts.
    Begin,
    /// The measured seconds are over.
    End(Usage),
}

/// What a crowd has used.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// Processor seconds of the whole process in the measured time.
    pub(crate) cpu_seconds: f64,
    /// Of these, the process's first thread: the interpreter, where there is one.
    pub(crate) main_thread_seconds: f64,
    /// Length of the measured time.
    pub(crate) seconds: f64,
    /// Resident memory with nobody connected and at the end, in MiB.
    pub(crate) empty_mib: f64,
    pub(crate) full_mib: f64,
    /// Sound heard, against sound that should have been.
    pub(crate) heard_share: f64,
}
