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

/// Codes that are about the account, whatever the number.
const ACCOUNT: &[&str] = &[
    "quota_exceeded",
    "invalid_api_key",
    "missing_permissions",
    "payment_required",
];

impl Refusal {
    /// Reads an answer to the upgrade that is none.
    pub(crate) fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let seconds = text(RETRY_AFTER.as_str()).and_then(|seconds| seconds.trim().parse().ok());
        Self {
            number: status.as_u16(),
            code: body["detail"]["status"].as_str().and_then(Word::of),
            request: text("request-id").and_then(Word::of),
            retry_after: seconds.map(Duration::from_secs),
        }
    }

    /// Reads an error message, which comes before the connection is closed.
    pub(crate) fn of_message(message: &Value) -> Self {
        let number = message["code"]
            .as_u64()
            .and_then(|code| u16::try_from(code).ok());
        Self {
            number: number.unwrap_or(1011),
            code: message["error"].as_str().and_then(Word::of),
            request: None,
            retry_after: None,
        }
    }

    /// Reads the code with which it hung up.
    pub(crate) fn of_close(code: u16, reason: &str) -> Self {
        Self {
            number: code,
            code: Word::of(reason),
            request: None,
            retry_after: None,
        }
    }

    pub(crate) fn sort(&self) -> Sort {
        if self
            .code
            .as_ref()
            .is_some_and(|code| ACCOUNT.contains(&code.0.as_str()))
        {
            return Sort::Account;
        }
        match self.number {
            401..=403 => Sort::Account,
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
    use serde_json::json;

    use super::*;

    #[test]
    fn a_used_up_account_is_told_from_a_bad_message() {
        let quota =
            json!({ "message": "Ann has 0 credits", "error": "quota_exceeded", "code": 1008 });
        let bad = json!({ "message": "no", "error": "input_timeout_exceeded", "code": 1008 });

        assert_eq!(Refusal::of_message(&quota).sort(), Sort::Account);
        assert_eq!(Refusal::of_message(&bad).sort(), Sort::Request);
        assert_eq!(Refusal::of_message(&json!({})).sort(), Sort::Passing);
    }

    #[test]
    fn prose_is_not_repeated() {
        let body = br#"{"detail":{"status":"invalid_api_key","message":"key abc is wrong"}}"#;

        let refusal = Refusal::of_answer(StatusCode::UNAUTHORIZED, &HeaderMap::new(), body);

        assert_eq!(
            refusal.to_string(),
            "the service refused, status 401, code `invalid_api_key`"
        );
        assert_eq!(Refusal::of_close(1008, "we said Ann").code, None);
    }
}
