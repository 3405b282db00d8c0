//! Twilio's codes: what they mean, and what to do. See <https://www.twilio.com/docs/api/errors>.

mod known;

use known::MEANINGS;

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cure {
    /// Time: the same may work later.
    Wait,
    /// Whoever chose the number: with another one it may work.
    AnotherNumber,
    /// Whoever runs the account: something has to be changed in Twilio's console, or paid.
    Account,
    /// Whoever configured this server: a key, a number or an address is wrong.
    Configuration,
    /// Whoever wrote the request: the same again cannot work.
    Request,
    /// Nobody: it is over, or never was.
    AlreadyOver,
}

/// What a code means.
#[derive(Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The code; 0 for what has none.
    pub code: u32,
    /// What is the case.
    pub what: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// Who can.
    pub cure: Cure,
}

/// Returns what is known about a code.
#[must_use]
pub fn meaning(code: u32) -> Option<&'static Meaning> {
    let at = MEANINGS.binary_search_by_key(&code, |meaning| meaning.code);
    at.ok().map(|at| &MEANINGS[at])
}

impl Meaning {
    /// Returns what a status means where there is no code that is known.
    pub(super) fn of_status(status: u16) -> &'static Self {
        match status {
            401 | 403 => &UNAUTHORIZED,
            404 | 410 => &GONE,
            _ => &OTHER,
        }
    }
}

const fn is(code: u32, cure: Cure, what: &'static str, advice: &'static str) -> Meaning {
    Meaning {
        code,
        what,
        advice,
        cure,
    }
}

static UNAUTHORIZED: Meaning = is(
    0,
    Cure::Configuration,
    "Twilio does not accept the credentials",
    "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
);
static GONE: Meaning = is(
    0,
    Cure::AlreadyOver,
    "Twilio does not know it",
    "it has ended, or never existed",
);
static OTHER: Meaning = is(
    0,
    Cure::Request,
    "Twilio refused the request",
    "see Twilio's page about the code",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_so_that_they_are_found() {
        assert!(MEANINGS.is_sorted_by(|a, b| a.code < b.code));
        for known in MEANINGS {
            assert_eq!(meaning(known.code), Some(known));
        }
        assert_eq!(meaning(99_999), None);
    }
}
