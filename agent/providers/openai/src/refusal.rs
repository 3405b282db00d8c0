//! A server's no: read from status, headers and body, without keeping its prose.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use serde_json::Value;

/// An error as the server reported it. The message is left out: it may repeat keys and words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Refusal {
    status: Option<StatusCode>,
    kind: Option<Word>,
    code: Option<Word>,
    request: Option<Word>,
    should_retry: Option<bool>,
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

/// Codes that are about the account, whatever the status.
const ACCOUNT: &[&str] = &[
    "insufficient_quota",
    "invalid_api_key",
    "account_deactivated",
    "billing_hard_limit_reached",
    "billing_not_active",
];

impl Refusal {
    pub(crate) fn of_status(status: StatusCode) -> Self {
        Self {
            status: Some(status),
            ..Self::default()
        }
    }

    /// Reads an answer that is no success.
    pub(crate) fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        Self {
            status: Some(status),
            request: headers
                .get("x-request-id")
                .and_then(|id| Word::of(id.to_str().ok()?)),
            should_retry: match headers.get("x-should-retry").map(|v| v.as_bytes()) {
                Some(b"true") => Some(true),
                Some(b"false") => Some(false),
                _ => None,
            },
            retry_after: retry_after(headers, SystemTime::now()),
            ..Self::of_error(&body["error"])
        }
    }

    /// Reads the `error` object of a body or of an event.
    pub(crate) fn of_error(error: &Value) -> Self {
        // Some servers put the status there.
        let status = error["code"]
            .as_u64()
            .and_then(|code| u16::try_from(code).ok());
        Self {
            status: status.and_then(|code| StatusCode::from_u16(code).ok()),
            kind: error["type"].as_str().and_then(Word::of),
            code: error["code"].as_str().and_then(Word::of),
            ..Self::default()
        }
    }

    pub(crate) fn sort(&self) -> Sort {
        let is_account = |word: &Option<Word>| {
            word.as_ref()
                .is_some_and(|word| ACCOUNT.contains(&word.0.as_str()))
        };
        if is_account(&self.code) || is_account(&self.kind) {
            return Sort::Account;
        }
        match (self.status.map(|status| status.as_u16()), self.should_retry) {
            (Some(401..=403), _) => Sort::Account,
            (_, Some(true)) => Sort::Passing,
            (_, Some(false)) => Sort::Request,
            (Some(408 | 409 | 429 | 500..), None) => Sort::Passing,
            (Some(_), None) => Sort::Request,
            (None, None) => match self.kind.as_ref().map(|kind| kind.0.as_str()) {
                Some("invalid_request_error") => Sort::Request,
                _ => Sort::Passing,
            },
        }
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server refused")?;
        if let Some(status) = self.status {
            write!(f, ", status {}", status.as_u16())?;
        }
        for (name, word) in [
            ("type", &self.kind),
            ("code", &self.code),
            ("request", &self.request),
        ] {
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
                .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
            && !text.starts_with("sk-");
        is_word.then(|| Self(text.to_owned()))
    }
}

/// How long to stay away, as the server says: in milliseconds, in seconds, or until a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| {
        text.parse()
            .ok()
            .and_then(|s| Duration::try_from_secs_f64(s).ok())
    };
    if let Some(milliseconds) = text("retry-after-ms".parse().ok()?).and_then(seconds) {
        return Some(milliseconds / 1000);
    }
    let later = text(RETRY_AFTER)?;
    seconds(later).or_else(|| {
        httpdate::parse_http_date(later)
            .ok()?
            .duration_since(now)
            .ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(status: u16, headers: &[(&'static str, &str)], error: &Value) -> Refusal {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let body = json!({ "error": error }).to_string();
        Refusal::of_answer(
            StatusCode::from_u16(status).unwrap(),
            &headers,
            body.as_bytes(),
        )
    }

    #[test]
    fn a_used_up_account_is_no_rate_limit() {
        let limit = refusal(429, &[], &json!({ "code": "rate_limit_exceeded" }));
        let quota = refusal(429, &[], &json!({ "code": "insufficient_quota" }));

        assert_eq!(limit.sort(), Sort::Passing);
        assert_eq!(quota.sort(), Sort::Account);
    }

    #[test]
    fn the_server_says_itself_what_may_be_tried_again() {
        let never = refusal(503, &[("x-should-retry", "false")], &Value::Null);
        let again = refusal(400, &[("x-should-retry", "true")], &Value::Null);

        assert_eq!(never.sort(), Sort::Request);
        assert_eq!(again.sort(), Sort::Passing);
    }

    #[test]
    fn milliseconds_come_before_seconds_and_seconds_before_dates() {
        let both = refusal(
            429,
            &[("retry-after-ms", "1500"), ("retry-after", "7")],
            &Value::Null,
        );
        let seconds = refusal(429, &[("retry-after", "7")], &Value::Null);
        let past = refusal(
            429,
            &[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")],
            &Value::Null,
        );

        assert_eq!(both.retry_after, Some(Duration::from_millis(1500)));
        assert_eq!(seconds.retry_after, Some(Duration::from_secs(7)));
        assert_eq!(past.retry_after, None);
    }

    #[test]
    fn prose_and_keys_of_the_server_are_not_repeated() {
        let error = json!({
            "message": "Incorrect API key provided: sk-secret. You said: my name is Ann",
            "type": "You said: my name is Ann",
            "code": "sk-secret",
        });

        let shown = refusal(401, &[("x-request-id", "req_1")], &error).to_string();

        assert_eq!(shown, "the server refused, status 401, request `req_1`");
    }
}
