//! A service's no: read from status, headers, body or close code, without keeping its prose.

use std::{fmt, time::Duration};

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use serde_json::Value;

/// An error as a service reported it. The message is left out: it may repeat what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    number: u16,
    code: Option<Word>,
    request: Option<Word>,
    retry_after: Option<Duration>,
    sort: Sort,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The key, the right or the money is missing.
    Account,
    /// This request will never be accepted.
    Request,
    /// Later it may work.
    Passing,
}

/// How a service words its refusals.
pub trait Dialect: fmt::Debug + Send + Sync {
    /// Reads an answer to the upgrade that is none; `Null` stands for a body that is no JSON.
    fn of_answer(&self, status: StatusCode, headers: &HeaderMap, body: &Value) -> Refusal;

    /// Reads the code and the reason with which it hung up.
    fn of_close(&self, code: u16, reason: &str) -> Refusal;
}

impl Refusal {
    /// Returns a refusal with the status of an answer, or the code of a close.
    #[must_use]
    pub fn new(number: u16) -> Self {
        Self {
            number,
            code: None,
            request: None,
            retry_after: None,
            sort: sort_of(number),
        }
    }

    /// Returns the refusal of an answer, with the time after which to come back.
    #[must_use]
    pub fn of_status(status: StatusCode, headers: &HeaderMap) -> Self {
        let seconds = text(headers, RETRY_AFTER.as_str());
        let seconds = seconds.and_then(|seconds| seconds.trim().parse().ok());
        Self {
            retry_after: seconds.map(Duration::from_secs),
            ..Self::new(status.as_u16())
        }
    }

    /// Adds the service's own code, unless it is prose.
    #[must_use]
    pub fn with_code(mut self, code: Option<&str>) -> Self {
        self.code = code.and_then(Word::of);
        self
    }

    /// Adds the id of the request from the header of that name, for the vendor's support.
    #[must_use]
    pub fn with_request(mut self, headers: &HeaderMap, name: &str) -> Self {
        self.request = text(headers, name).and_then(Word::of);
        self
    }

    /// Says that it is about the account when its code is one of these, whatever the number.
    #[must_use]
    pub fn account_where(mut self, codes: &[&str]) -> Self {
        if self.code().is_some_and(|code| codes.contains(&code)) {
            self.sort = Sort::Account;
        }
        self
    }

    /// Returns the service's own code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_ref().map(|Word(code)| code.as_str())
    }

    /// Returns after how long to come back, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns what it means.
    #[must_use]
    pub fn sort(&self) -> Sort {
        self.sort
    }
}

fn sort_of(number: u16) -> Sort {
    match number {
        401..=403 => Sort::Account,
        // What was sent is not what the request said: the same again cannot help.
        1002 | 1003 | 1007..=1010 => Sort::Request,
        408 | 409 | 429 | 500.. => Sort::Passing,
        _ => Sort::Request,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service refused, status {}", self.number)?;
        for (name, word) in [("code", &self.code), ("request", &self.request)] {
            if let Some(Word(word)) = word {
                write!(f, ", {name} `{word}`")?;
            }
        }
        Ok(())
    }
}

/// An identifier of a protocol. Anything longer or with other characters is prose, and prose may be private.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word(String);

impl Word {
    fn of(text: &str) -> Option<Self> {
        let is_word = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
        is_word.then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn status_and_close_codes_say_who_has_to_act() {
        for (number, sort) in [
            (401, Sort::Account),
            (402, Sort::Account),
            (400, Sort::Request),
            (404, Sort::Request),
            (1008, Sort::Request),
            (429, Sort::Passing),
            (503, Sort::Passing),
            (1011, Sort::Passing),
        ] {
            assert_eq!(Refusal::new(number).sort(), sort, "{number}");
        }
    }

    #[test]
    fn a_code_of_the_account_counts_more_than_the_number() {
        let used_up = || Refusal::new(1008).with_code(Some("quota_exceeded"));

        let told_apart = used_up().account_where(&["quota_exceeded"]);

        assert_eq!(used_up().sort(), Sort::Request);
        assert_eq!(told_apart.sort(), Sort::Account);
    }

    #[test]
    fn the_time_to_come_back_is_read() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("7"))]);

        let refusal = Refusal::of_status(StatusCode::TOO_MANY_REQUESTS, &headers);

        assert_eq!(refusal.retry_after(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn prose_is_not_repeated() {
        let refusal = Refusal::new(1011).with_code(Some("we heard Ann say"));

        assert_eq!(refusal.to_string(), "the service refused, status 1011");
    }
}
