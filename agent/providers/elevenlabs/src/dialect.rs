//! How ElevenLabs words its refusals.

use agent_wire::{Dialect, Refusal};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// Codes that are about the account, whatever the number.
const ACCOUNT: &[&str] = &[
    "quota_exceeded",
    "invalid_api_key",
    "missing_permissions",
    "payment_required",
];

/// The code of a close for which none was given.
const UNEXPECTED: u16 = 1011;

#[derive(Debug)]
pub(crate) struct ElevenLabs;

impl Dialect for ElevenLabs {
    fn of_answer(&self, status: StatusCode, headers: &HeaderMap, body: &Value) -> Refusal {
        Refusal::of_status(status, headers)
            .with_code(body["detail"]["status"].as_str())
            .with_request(headers, "request-id")
            .account_where(ACCOUNT)
    }

    fn of_close(&self, code: u16, reason: &str) -> Refusal {
        Refusal::new(code)
            .with_code(Some(reason))
            .account_where(ACCOUNT)
    }
}

/// Reads an error message, which comes before the connection is closed.
pub(crate) fn of_message(message: &Value) -> Refusal {
    let number = message["code"]
        .as_u64()
        .and_then(|code| u16::try_from(code).ok());
    Refusal::new(number.unwrap_or(UNEXPECTED))
        .with_code(message["error"].as_str())
        .account_where(ACCOUNT)
}

#[cfg(test)]
mod tests {
    use agent_wire::Sort;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_used_up_account_is_told_from_a_bad_message() {
        let quota =
            json!({ "message": "Ann has 0 credits", "error": "quota_exceeded", "code": 1008 });
        let bad = json!({ "message": "no", "error": "input_timeout_exceeded", "code": 1008 });

        assert_eq!(of_message(&quota).sort(), Sort::Account);
        assert_eq!(of_message(&bad).sort(), Sort::Request);
        assert_eq!(of_message(&json!({})).sort(), Sort::Passing);
    }

    #[test]
    fn prose_is_not_repeated() {
        let body = json!({ "detail": { "status": "invalid_api_key", "message": "abc is wrong" } });

        let refusal = ElevenLabs.of_answer(StatusCode::UNAUTHORIZED, &HeaderMap::new(), &body);

        assert_eq!(
            refusal.to_string(),
            "the service refused, status 401, code `invalid_api_key`"
        );
        assert_eq!(ElevenLabs.of_close(1008, "we said Ann").code(), None);
    }
}
