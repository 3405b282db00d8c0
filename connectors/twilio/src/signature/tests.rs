use std::{fs, path::Path};

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const SIGNATURE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

fn signatures() -> Signatures {
    Signatures::new(&SecretString::from("12345"))
}

fn call() -> Form {
    [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    .into_iter()
    .collect()
}

#[test]
fn all_known_vectors_fit() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs/signature-vectors.json");
    let vectors: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let vectors = vectors["twilio_signature"].as_array().unwrap();

    for vector in vectors {
        let text = |key: &str| vector[key].as_str();
        let signatures = Signatures::new(&SecretString::from(text("auth_token").unwrap()));
        let (url, signature) = (text("signed_url").unwrap(), text("signature"));
        let fields = vector["form_params"].as_array().unwrap().iter();
        let form: Form = fields
            .map(|field| (field[0].as_str().unwrap(), field[1].as_str().unwrap()))
            .collect();

        assert_eq!(
            Some(signatures.sign(url, &form).as_str()),
            signature,
            "{url}"
        );
        let checked = match text("body") {
            Some(body) => signatures.body(url, body.as_bytes(), signature),
            None if url.starts_with("wss") => signatures.socket(url, signature),
            None if form.fields().count() == 0 => signatures.get(url, signature),
            None => signatures.form(url, form, signature).map(|_| ()),
        };
        assert_eq!(checked, Ok(()), "{url}");
    }
    assert_eq!(vectors.len(), 14);
}

#[test]
fn a_request_without_a_signature_is_told_apart_from_a_forged_one() {
    let signatures = signatures();

    for missing in [None, Some(""), Some("  ")] {
        assert_eq!(
            signatures.form(URL, call(), missing),
            Err(SignatureError::Missing)
        );
    }
    let long = "A".repeat(LONGEST_HEADER + 4);
    for wrong in ["AAAA", "not base64!", "0ZXoZLH/DfblKGATFgpif+LLRf4=", &long] {
        assert_eq!(
            signatures.form(URL, call(), Some(wrong)),
            Err(SignatureError::Wrong),
            "{wrong}"
        );
    }
}

#[test]
fn another_token_does_not_fit() {
    let others = Signatures::new(&SecretString::from("54321"));

    assert_eq!(
        others.form(URL, call(), Some(SIGNATURE)),
        Err(SignatureError::Wrong)
    );
}

#[test]
fn a_port_that_twilio_added_or_left_out_does_not_matter() {
    let signatures = signatures();
    let with_port = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
    let signature = signatures.sign(with_port, &call());

    assert!(signatures.form(URL, call(), Some(&signature)).is_ok());
    assert!(signatures.form(with_port, call(), Some(SIGNATURE)).is_ok());
}

#[test]
fn a_socket_may_be_signed_with_or_without_a_slash_and_a_form_may_not() {
    let signatures = signatures();
    let signature = signatures.sign("wss://mycompany.com/media/", &Form::default());
    let posted = signatures.sign("https://mycompany.com/voice/", &call());

    assert_eq!(
        signatures.socket("wss://mycompany.com/media", Some(&signature)),
        Ok(())
    );
    assert!(
        signatures
            .form("https://mycompany.com/voice", call(), Some(&posted))
            .is_err()
    );
}

#[test]
fn a_body_must_be_the_one_that_was_hashed() {
    let signatures = signatures();
    let url = format!(
        "https://mycompany.com/hook?bodySHA256={}",
        hex(&Sha256::digest(b"{}"))
    );
    let signature = signatures.sign(&url, &Form::default());
    let bare = "https://mycompany.com/hook";
    let unhashed = signatures.sign(bare, &Form::default());

    assert_eq!(signatures.body(&url, b"{}", Some(&signature)), Ok(()));
    assert_eq!(
        signatures.body(&url, b"{ }", Some(&signature)),
        Err(SignatureError::Wrong)
    );
    assert_eq!(
        signatures.body(bare, b"{}", Some(&unhashed)),
        Err(SignatureError::Wrong)
    );
}

#[test]
fn fields_that_were_added_after_signing_are_left_out() {
    let signatures = signatures();
    let mut fields: Vec<(String, String)> = call()
        .fields()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    fields.push((
        "StirVerstat".to_owned(),
        "TN-Validation-Passed-A".to_owned(),
    ));
    let form: Form = fields.clone().into_iter().collect();
    fields.push(("Extra".to_owned(), "1".to_owned()));

    assert_eq!(
        signatures.form(URL, form.clone(), Some(SIGNATURE)),
        Ok(call())
    );
    let whole = signatures.sign(URL, &form);
    assert_eq!(signatures.form(URL, form.clone(), Some(&whole)), Ok(form));
    assert!(
        signatures
            .form(URL, fields.into_iter().collect(), Some(SIGNATURE))
            .is_err()
    );
}

proptest! {
    #[test]
    fn a_flipped_bit_is_noticed(
        fields in prop::collection::vec(("[A-Za-z]{1,12}", ".{0,40}"), 1..12),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let signatures = signatures();
        let form: Form = fields.into_iter().collect();
        let mut bytes = STANDARD.decode(signatures.sign(URL, &form)).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;

        let checked = signatures.form(URL, form, Some(&STANDARD.encode(bytes)));

        prop_assert_eq!(checked, Err(SignatureError::Wrong));
    }

    #[test]
    fn nothing_in_a_url_or_a_header_breaks_the_check(url in ".{0,200}", header in ".{0,80}") {
        let signatures = signatures();

        prop_assert!(signatures.socket(&url, Some(&header)).is_err());
        prop_assert!(signatures.body(&url, b"", Some(&header)).is_err());
    }
}
