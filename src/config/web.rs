//! The web channel: the page, and how many visits may begin.

use super::Mode;
use super::parse;
use super::reader::{Reader, Setting};

const PAGE: Setting = Setting::new("web.page");
const PER_ADDRESS: Setting = Setting::new("web.visits_per_minute");
const PER_KEY: Setting = Setting::new("web.visits_per_minute_and_key");

/// What visitors of pages may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Web {
    /// Whether there is a page at `/`.
    pub page: bool,
    /// How many visits of one address may begin in a minute.
    pub visits_per_minute: u32,
    /// How many visits with one publishable key may begin in a minute.
    pub visits_per_minute_and_key: u32,
}

impl Web {
    /// Returns what holds where nobody says otherwise: the page is there in dev mode.
    #[must_use]
    pub fn default_of(mode: Mode) -> Self {
        Self {
            page: mode == Mode::Dev,
            // An office behind one address still gets in; a script soon does not.
            visits_per_minute: 10,
            visits_per_minute_and_key: 120,
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>, mode: Mode) -> Self {
        let default = Self::default_of(mode);
        Self {
            page: reader
                .parsed(&PAGE, parse::yes_or_no)
                .unwrap_or(default.page),
            visits_per_minute: reader
                .parsed(&PER_ADDRESS, parse::small_count)
                .unwrap_or(default.visits_per_minute),
            visits_per_minute_and_key: reader
                .parsed(&PER_KEY, parse::small_count)
                .unwrap_or(default.visits_per_minute_and_key),
        }
    }
}
