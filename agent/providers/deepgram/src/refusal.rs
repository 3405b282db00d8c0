//! The service's no: read from status, headers, body or close code, without keeping its prose.

use std::{fmt, time::Duration};

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use serde_json::Value;

/// An error as the service reported it. The message is left out: it may repeat what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    number: u16,
    code: Option<Word>,
    request: Option<Word>,
    pub(crate) retry_after: Option<Duration>,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// The key, the right or the money is missing.
    Account,
    /// This request will never be accepted.
    Request,
    /// Later it may work.
    Passing,
}

impl Refusal {
    /// Reads an answer to the upgrade that is none.
    pub(crate) fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let seconds = text(RETRY_AFTER.as_str()).and_then(|seconds| seconds.trim().parse().ok());
        Self {
            number: status.as_u16(),
            code: ["err_code", "category"]
                .iter()
                .find_map(|key| Word::of(body[key].as_str()?)),
            request: text("dg-request-id").and_then(Word::of),
            retry_after: seconds.map(Duration::from_secs),
        }
    }

    /// Reads the code with which it hung up, such as 1011 and `NET-0001`.
    pub(crate) fn of_close(code: u16, reason: &str) -> Self {
        Self {
            number: code,
            code: reason
                .split(':')
                .next()
                .and_then(|code| Word::of(code.trim())),
            request: None,
            retry_after: None,
        }
    }

    pub(crate) fn sort(&self) -> Sort {
        match self.number {
            401..=403 => Sort::Account,
            // The sound is not what the request said: the same again cannot help.
            1002 | 1003 | 1007..=1010 => Sort::Request,
            408 | 409 | 429 | 500.. => Sort::Passing,
            _ => Sort::Request,
        }
    }
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

/// An identifier of the protocol. Anything longer or with other characters is prose, and prose may be private.
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
    use super::*;

    #[test]
    fn status_and_close_codes_say_who_has_to_act() {
        let of_status = |status| Refusal {
            number: status,
            code: None,
            request: None,
            retry_after: None,
        };

        assert_eq!(of_status(402).sort(), Sort::Account);
        assert_eq!(of_status(400).sort(), Sort::Request);
        assert_eq!(of_status(429).sort(), Sort::Passing);
        assert_eq!(Refusal::of_close(1008, "DATA-0000").sort(), Sort::Request);
        assert_eq!(Refusal::of_close(1011, "NET-0001").sort(), Sort::Passing);
    }

    #[test]
    fn prose_is_not_repeated() {
        let body = br#"{"err_code":"INVALID_AUTH","err_msg":"no key abc","request_id":"x"}"#;

        let refusal = Refusal::of_answer(StatusCode::UNAUTHORIZED, &HeaderMap::new(), body);

        assert_eq!(
            refusal.to_string(),
            "the service refused, status 401, code `INVALID_AUTH`"
        );
        assert_eq!(Refusal::of_close(1011, "we heard Ann say").code, None);
    }
}
