//! Whether a request is Twilio's: `X-Twilio-Signature` over the URL and what came with it.
//!
//! HMAC-SHA1 with the account's primary Auth Token, in constant time. Twilio spells URLs inconsistently, so each
//! spelling that its own SDKs accept is tried; all are tried always.
//! See <https://www.twilio.com/docs/usage/webhooks/webhooks-security>.

mod spellings;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use self::spellings::{Slash, spellings};
use crate::form::Form;

/// The header that carries the signature; a WebSocket's upgrade has it as well.
pub const HEADER: &str = "x-twilio-signature";

/// Where the URL carries the hash of a body that is not a form.
const BODY_HASH: &str = "bodySHA256";

/// The longest URL that is looked at, in bytes.
const LONGEST_URL: usize = 16 * 1024;

/// The longest header that can be a signature: 20 bytes in base64 are 28.
const LONGEST_HEADER: usize = 64;

/// Reported to be added after signing, by one public project. Whoever needs them left out gets them left out.
const ADDED_LATE: &[&str] = &["CallToken", "StirVerstat"];

/// Checks signatures, and makes them for tests of one's own address.
#[derive(Clone)]
pub struct Signatures {
    keyed: Hmac<Sha1>,
}

/// A request that is not shown to be Twilio's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// It carries no signature: answer 400.
    #[error("the request is not signed")]
    Missing,
    /// The signature is another request's, or made with another token: answer 403.
    #[error("the request's signature is wrong")]
    Wrong,
}

impl Signatures {
    /// Takes the primary Auth Token of the account, or of the subaccount, that sends the requests.
    #[must_use]
    pub fn new(auth_token: &SecretString) -> Self {
        let keyed = Hmac::new_from_slice(auth_token.expose_secret().as_bytes())
            .expect("HMAC takes keys of any length");
        Self { keyed }
    }

    /// Checks a form that was posted to `url`, and returns what of it is signed.
    ///
    /// # Errors
    /// [`SignatureError`] says what to answer.
    pub fn form(
        &self,
        url: &str,
        form: Form,
        header: Option<&str>,
    ) -> Result<Form, SignatureError> {
        let signature = decoded(header)?;
        if self.fits(&spellings(url, Slash::AsItIs), &form, &signature) {
            return Ok(form);
        }
        let rest = form.without(ADDED_LATE);
        let shorter = rest.fields().count() < form.fields().count();
        if shorter && self.fits(&spellings(url, Slash::AsItIs), &rest, &signature) {
            return Ok(rest);
        }
        Err(SignatureError::Wrong)
    }

    /// Checks a GET, whose parameters are in its URL.
    ///
    /// # Errors
    /// [`SignatureError`] says what to answer.
    pub fn get(&self, url: &str, header: Option<&str>) -> Result<(), SignatureError> {
        self.alone(&spellings(url, Slash::AsItIs), header)
    }

    /// Checks the upgrade to a WebSocket, by its `wss` address.
    ///
    /// # Errors
    /// [`SignatureError`] says what to answer.
    pub fn socket(&self, url: &str, header: Option<&str>) -> Result<(), SignatureError> {
        self.alone(&spellings(url, Slash::WithAndWithout), header)
    }

    /// Checks a body that is not a form, JSON as a rule, byte by byte as it came.
    ///
    /// # Errors
    /// [`SignatureError`] says what to answer.
    pub fn body(&self, url: &str, body: &[u8], header: Option<&str>) -> Result<(), SignatureError> {
        self.alone(&spellings(url, Slash::AsItIs), header)?;
        // Signed with the URL, and no secret: it may be compared as any text is.
        if body_hash(url).is_some_and(|hash| hash == hex(&Sha256::digest(body))) {
            Ok(())
        } else {
            Err(SignatureError::Wrong)
        }
    }

    /// Returns the signature of a form posted to `url`; of a GET, an upgrade or another body when the form is empty.
    #[must_use]
    pub fn sign(&self, url: &str, form: &Form) -> String {
        STANDARD.encode(self.mac(url, &sorted(form)).finalize().into_bytes())
    }

    fn alone(&self, spellings: &[String], header: Option<&str>) -> Result<(), SignatureError> {
        let signature = decoded(header)?;
        if self.fits(spellings, &Form::default(), &signature) {
            Ok(())
        } else {
            Err(SignatureError::Wrong)
        }
    }

    fn fits(&self, spellings: &[String], form: &Form, signature: &[u8]) -> bool {
        let fields = sorted(form);
        spellings
            .iter()
            .filter(|url| url.len() <= LONGEST_URL)
            .map(|url| self.mac(url, &fields).verify_slice(signature).is_ok())
            // Not `any`: which spelling fits must not be told by the time.
            .fold(false, |found, fits| found | fits)
    }

    fn mac(&self, url: &str, fields: &[(&str, &str)]) -> Hmac<Sha1> {
        let mut mac = self.keyed.clone();
        mac.update(url.as_bytes());
        for (name, value) in fields {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        mac
    }
}

impl std::fmt::Debug for Signatures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signatures").finish_non_exhaustive()
    }
}

/// Returns the fields in the order in which they are signed, repeated ones once.
fn sorted(form: &Form) -> Vec<(&str, &str)> {
    let mut fields: Vec<_> = form.fields().collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// Returns the signature's bytes; too few of them when it is none.
fn decoded(header: Option<&str>) -> Result<Vec<u8>, SignatureError> {
    let header = header.map(str::trim).filter(|header| !header.is_empty());
    let header = header.ok_or(SignatureError::Missing)?;
    if header.len() > LONGEST_HEADER {
        return Err(SignatureError::Wrong);
    }
    STANDARD.decode(header).map_err(|_| SignatureError::Wrong)
}

fn body_hash(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let (_, hash) = parameters.find(|(name, _)| name == BODY_HASH)?;
    Some(hash.into_owned())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
