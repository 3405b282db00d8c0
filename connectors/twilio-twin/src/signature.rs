//! Twilio's signature: HMAC-SHA1 over the address and the parameters of a request.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha1::Sha1;

/// Returns what stands in `X-Twilio-Signature` for a request to `url`, exactly as it was configured, without its fragment.
///
/// `parameters` are those of a form body, decoded; GET, JSON and WebSocket requests have none.
#[must_use]
pub fn sign(auth_token: &str, url: &str, parameters: &[(String, String)]) -> String {
    let mut parameters: Vec<(&str, &str)> = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    parameters.sort_unstable();
    // A repeated name counts once for each different value.
    parameters.dedup();

    let mut mac =
        Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()).expect("a key of any length is taken");
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    mac.update(url.as_bytes());
    for (name, value) in parameters {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_vectors_of_twilios_own_tests_hold() {
        let vectors: Value =
            serde_json::from_str(include_str!("../specs/signatures.json")).unwrap();

        for vector in vectors.as_array().unwrap() {
            let parameters: Vec<(String, String)> =
                serde_json::from_value(vector["form_params"].clone()).unwrap_or_default();

            let signature = sign(
                vector["auth_token"].as_str().unwrap(),
                vector["signed_url"].as_str().unwrap(),
                &parameters,
            );

            assert_eq!(signature, vector["signature"].as_str().unwrap(), "{vector}");
        }
    }

    #[test]
    fn the_fragment_is_not_signed() {
        assert_eq!(
            sign("12345", "https://app.test/voice#rc=3", &[]),
            sign("12345", "https://app.test/voice", &[]),
        );
    }
}
