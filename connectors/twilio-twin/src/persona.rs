//! Who answers the phone when the application calls out.

use std::time::Duration;

use room_media::{Dbfs, SampleRate, tone::Tone};

/// How somebody's phone behaves when it is called.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Persona {
    /// Somebody picks up and says something, or nothing.
    Human {
        /// How long it rings.
        after: Duration,
        /// What is said at once, mono at 8 kHz; empty for silence.
        greeting: Vec<i16>,
    },
    /// A machine that takes messages.
    Voicemail {
        /// How long it rings.
        after: Duration,
        /// What the machine says, mono at 8 kHz.
        greeting: Vec<i16>,
        /// Whether a tone follows the greeting.
        beep: bool,
        /// The longest message; then the machine hangs up.
        longest: Duration,
    },
    /// An assistant asks who calls, and puts the call through after a while, or hangs up.
    Screening {
        /// How long it rings.
        after: Duration,
        /// What the assistant says, mono at 8 kHz.
        prompt: Vec<i16>,
        /// What the person says who takes the call then; nothing when nobody does.
        greeting: Option<Vec<i16>>,
        /// How long the caller may explain.
        wait: Duration,
    },
    /// In another call.
    Busy,
    /// Sees who calls, and declines.
    Rejects {
        /// How long it rings.
        after: Duration,
    },
    /// Rings until the caller gives up.
    NoAnswer,
    /// The network cannot reach the number: the call fails without ringing.
    Unreachable,
    /// REST refuses: there is no such number (21211).
    InvalidNumber,
    /// REST refuses: the account may not call that country (21215).
    NoPermission,
    /// REST refuses: the account has no money left (20005).
    NoBalance,
    /// REST refuses: too many calls at once (10004).
    TooManyCalls,
    /// REST refuses: too many requests (20429).
    TooManyRequests,
}

impl Default for Persona {
    fn default() -> Self {
        Self::human()
    }
}

impl Persona {
    /// Returns somebody who picks up after half a second and says hello for a second.
    #[must_use]
    pub fn human() -> Self {
        Self::Human {
            after: Duration::from_millis(500),
            greeting: hum(8_000),
        }
    }

    /// Returns somebody who picks up after half a second and says nothing.
    #[must_use]
    pub const fn silent() -> Self {
        Self::Human {
            after: Duration::from_millis(500),
            greeting: Vec::new(),
        }
    }

    /// Returns a machine that talks for four seconds and beeps.
    #[must_use]
    pub fn voicemail() -> Self {
        Self::Voicemail {
            after: Duration::from_millis(500),
            greeting: hum(32_000),
            beep: true,
            longest: Duration::from_mins(2),
        }
    }

    /// Returns an assistant that asks for three seconds, listens for four, and puts the call through.
    #[must_use]
    pub fn screening() -> Self {
        Self::Screening {
            after: Duration::from_millis(500),
            prompt: hum(24_000),
            greeting: Some(hum(8_000)),
            wait: Duration::from_secs(4),
        }
    }

    /// Returns what REST has against calling such a phone: Twilio's code, the HTTP status and the text.
    pub(crate) fn refusal(&self, to: &str) -> Option<(u32, u16, String)> {
        match self {
            Self::InvalidNumber => {
                let text =
                    format!("The phone number you are attempting to call, {to}, is not valid.");
                Some((21_211, 400, text))
            }
            Self::NoPermission => {
                let text = format!(
                    "Account not authorized to call {to}. Perhaps you need to enable some international permissions: \
                     https://www.twilio.com/console/voice/calls/geo-permissions/low-risk"
                );
                Some((21_215, 400, text))
            }
            Self::NoBalance => Some((20_005, 403, "Account not active".into())),
            Self::TooManyCalls => Some((10_004, 429, "Call concurrency limit exceeded".into())),
            Self::TooManyRequests => Some((20_429, 429, "Too Many Requests".into())),
            Self::Human { .. }
            | Self::Voicemail { .. }
            | Self::Screening { .. }
            | Self::Busy
            | Self::Rejects { .. }
            | Self::NoAnswer
            | Self::Unreachable => None,
        }
    }
}

/// How a beep sounds.
pub(crate) fn beep() -> Vec<i16> {
    Tone::new(SampleRate::HZ_8000, 1_000.0, Dbfs::new(-12.0)).take(4_000)
}

/// A voice, as far as a machine is concerned.
fn hum(samples: usize) -> Vec<i16> {
    Tone::new(SampleRate::HZ_8000, 220.0, Dbfs::new(-18.0)).take(samples)
}
