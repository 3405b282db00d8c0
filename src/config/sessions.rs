//! Bounds of sessions.

use std::time::Duration;

use super::parse;
use super::reader::{Reader, Setting};

const MAX: Setting = Setting::new("sessions.max").environment(&["PATCHBAY_MAX_SESSIONS"]);
const EMPTY_TIMEOUT: Setting = Setting::new("sessions.empty_timeout");
const DEPARTURE_GRACE: Setting = Setting::new("sessions.departure_grace");

/// How many sessions there may be, and how long one waits for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Live sessions at once; one more is refused.
    pub max: usize,
    /// How long a room waits for its first caller.
    pub empty_timeout: Duration,
    /// How long a room stays after its last caller left, so that a reloaded page finds it.
    pub departure_grace: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            max: 1000,
            // LiveKit's own default for a room that nobody joined.
            empty_timeout: Duration::from_secs(300),
            // Long enough for a page to reload, short enough not to keep an agent waiting.
            departure_grace: Duration::from_secs(3),
        }
    }
}

impl SessionLimits {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let default = Self::default();
        Self {
            max: reader.parsed(&MAX, parse::count).unwrap_or(default.max),
            empty_timeout: reader
                .parsed(&EMPTY_TIMEOUT, parse::duration)
                .unwrap_or(default.empty_timeout),
            departure_grace: reader
                .parsed(&DEPARTURE_GRACE, parse::duration)
                .unwrap_or(default.departure_grace),
        }
    }
}
