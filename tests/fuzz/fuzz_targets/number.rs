//! Phone numbers as requests and callers bring them: read or refused, never a panic, never shown in full; what was
//! read is read the same again.
#![no_main]

#[path = "../../../src/dial/number.rs"]
#[expect(dead_code, reason = "the server uses the rest")]
mod number;

use libfuzzer_sys::fuzz_target;
use number::{Keeping, Number, Salt};
use phonenumber::country;

/// Countries that differ in what they make of leading zeros and shared codes.
const HOMES: [Option<country::Id>; 6] = [
    None,
    Some(country::CH),
    Some(country::IT),
    Some(country::US),
    Some(country::RU),
    Some(country::BR),
];

fuzz_target!(|input: (u8, &str)| {
    let (home, text) = input;
    let home = HOMES[usize::from(home) % HOMES.len()];
    let Ok(number) = Number::parse(text, home) else {
        return;
    };
    let e164 = number.e164();
    assert!(e164.starts_with('+') && (2..=16).contains(&e164.len()));
    assert!(e164[1..].bytes().all(|byte| byte.is_ascii_digit()));
    let salt = Salt::new("salt");
    let _ = (number.country(), number.range_digest(&salt));
    let again = Number::parse(e164, None).expect("what was read is a number");
    assert_eq!(again.e164(), e164);
    assert_eq!(again.digest(&salt), number.digest(&salt));
    // Of the shortest numbers the country's code and the last two digits are all there is.
    if e164.len() > 7 {
        for shown in [number.kept(Keeping::Redacted), Some(format!("{number:?}"))] {
            assert!(!shown.expect("it is kept").contains(&e164[1..]));
        }
    }
});
