//! Connection overrides: what stands behind the `#` of a webhook's address.
//!
//! See <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>.

use std::time::Duration;

use url::form_urlencoded;

use super::Failure;

/// How patient Twilio is with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// For the TCP connection.
    pub(crate) connect: Duration,
    /// For the answer.
    pub(crate) read: Duration,
    /// For everything, tries included.
    pub(crate) total: Duration,
    retries: u32,
    policy: Vec<String>,
}

/// What a try came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No connection.
    Connect,
    /// A connection, but no answer in time.
    Read,
    /// An answer with this status.
    Status(u16),
    /// An answer that cannot be read.
    Protocol,
}

impl Default for Overrides {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            total: Duration::from_secs(15),
            retries: 1,
            policy: vec!["ct".into()],
        }
    }
}

impl Overrides {
    /// Reads those of an address; what is out of range stays as it is by default.
    pub(crate) fn of(url: &str) -> Self {
        let mut overrides = Self::default();
        let Some((_, fragment)) = url.split_once('#') else {
            return overrides;
        };
        for (name, value) in form_urlencoded::parse(fragment.as_bytes()) {
            let milliseconds = |most: u64| {
                let number: u64 = value.parse().ok()?;
                (100..=most)
                    .contains(&number)
                    .then(|| Duration::from_millis(number))
            };
            match &*name {
                "ct" => overrides.connect = milliseconds(10_000).unwrap_or(overrides.connect),
                "rt" => overrides.read = milliseconds(15_000).unwrap_or(overrides.read),
                "tt" => overrides.total = milliseconds(15_000).unwrap_or(overrides.total),
                "rc" => {
                    overrides.retries = value.parse().ok().filter(|&count| count <= 5).unwrap_or(1)
                }
                "rp" => overrides.policy = value.split(',').map(str::to_owned).collect(),
                _ => {}
            }
        }
        overrides
    }

    /// Returns whether a request is tried again after it was tried `tries` times.
    pub(crate) fn tries_again(&self, fault: Fault, tries: u32) -> bool {
        let word = match fault {
            Fault::Connect => "ct",
            Fault::Read => "rt",
            Fault::Status(400..=499) => "4xx",
            Fault::Status(500..=599) => "5xx",
            Fault::Status(_) | Fault::Protocol => return false,
        };
        tries <= self.retries
            && self
                .policy
                .iter()
                .any(|policy| policy == word || policy == "all")
    }
}

impl Fault {
    /// Returns Twilio's code and words for it.
    pub(crate) fn failure(self, took: Duration) -> Failure {
        let (code, text) = match self {
            Self::Connect => (11_205, "HTTP connection failure".to_owned()),
            Self::Read => (
                11_200,
                "HTTP retrieval failure: no answer in time".to_owned(),
            ),
            Self::Status(status) => (
                11_200,
                format!("HTTP retrieval failure: the answer's status is {status}"),
            ),
            Self::Protocol => (11_206, "HTTP protocol violation".to_owned()),
        };
        Failure { code, text, took }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_default_only_a_missing_connection_is_tried_again_and_once() {
        let overrides = Overrides::of("https://app.test/voice");

        assert!(overrides.tries_again(Fault::Connect, 1));
        assert!(!overrides.tries_again(Fault::Connect, 2));
        assert!(!overrides.tries_again(Fault::Read, 1));
        assert!(!overrides.tries_again(Fault::Status(503), 1));
    }

    #[test]
    fn the_fragment_says_what_is_tried_again_and_how_often() {
        let overrides = Overrides::of("https://app.test/voice?a=b#rc=3&rp=5xx,rt&rt=2000&tt=99999");

        assert!(overrides.tries_again(Fault::Status(503), 3));
        assert!(!overrides.tries_again(Fault::Status(503), 4));
        assert!(overrides.tries_again(Fault::Read, 1));
        assert!(!overrides.tries_again(Fault::Status(404), 1));
        assert!(!overrides.tries_again(Fault::Connect, 1));
        assert_eq!(overrides.read, Duration::from_secs(2));
        assert_eq!(overrides.total, Duration::from_secs(15));
        assert!(Overrides::of("#rp=all&rc=5").tries_again(Fault::Status(404), 5));
    }

    proptest! {
        #[test]
        fn nothing_that_is_configured_panics(url in "\\PC{0,60}") {
            let _ = Overrides::of(&url);
        }
    }
}
