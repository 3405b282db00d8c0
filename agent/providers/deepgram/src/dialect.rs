//! How Deepgram words its refusals.

use agent_wire::{Dialect, Refusal};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

#[derive(Debug)]
pub(crate) struct Deepgram;

impl Dialect for Deepgram {
    fn of_answer(&self, status: StatusCode, headers: &HeaderMap, body: &Value) -> Refusal {
        let code = ["err_code", "category"]
            .iter()
            .find_map(|key| body[key].as_str());
        Refusal::of_status(status, headers)
            .with_code(code)
            .with_request(headers, "dg-request-id")
    }

    /// It hangs up with a number and a word, such as 1011 and `NET-0001: …`.
    fn of_close(&self, code: u16, reason: &str) -> Refusal {
        Refusal::new(code).with_code(reason.split(':').next().map(str::trim))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_code_is_read_and_the_prose_left_out() {
        let body = json!({ "err_code": "INVALID_AUTH", "err_msg": "no key abc" });

        let refusal = Deepgram.of_answer(StatusCode::UNAUTHORIZED, &HeaderMap::new(), &body);
        let closed = Deepgram.of_close(1011, "NET-0001: no audio");

        assert_eq!(
            refusal.to_string(),
            "the service refused, status 401, code `INVALID_AUTH`"
        );
        assert_eq!(closed.code(), Some("NET-0001"));
        assert_eq!(Deepgram.of_close(1011, "we heard Ann say").code(), None);
    }
}
