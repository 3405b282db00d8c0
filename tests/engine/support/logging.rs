//! What `livekit` and the engine log, for whoever looks for a fault: `ENGINE_LOG=debug`.

use std::{env, sync::OnceLock, time::Instant};

use log::{Log, Metadata, Record};

/// Where the lines come from that matter here.
const PARTS: [&str; 4] = ["livekit", "libwebrtc", "room_engine", "str0m"];

static BEGIN: OnceLock<Instant> = OnceLock::new();

/// Prints log lines when `ENGINE_LOG` names a level.
pub(crate) fn start() {
    let level = env::var("ENGINE_LOG")
        .ok()
        .and_then(|level| level.parse().ok());
    let Some(level) = level else { return };
    BEGIN.get_or_init(|| {
        // Another logger is as good.
        let _ = log::set_logger(&Printer);
        log::set_max_level(level);
        Instant::now()
    });
}

struct Printer;

impl Log for Printer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        PARTS.iter().any(|part| metadata.target().starts_with(part))
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            #[expect(clippy::print_stderr, reason = "asked for by whoever runs the tests")]
            {
                let after = BEGIN.get().map(Instant::elapsed).unwrap_or_default();
                let (level, target) = (record.level(), record.target());
                eprintln!("{after:?} {level} {target}: {}", record.args());
            }
        }
    }

    fn flush(&self) {}
}
