//! Addresses as webhooks bring them: known or nobody, never a panic, never shown.
#![no_main]

use connectors_twilio::party::Party;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let party = Party::parse(text);
    if let Some(number) = party.number() {
        assert!(number.starts_with('+') && number.len() <= 16);
        assert!(!format!("{party} {party:?}").contains(number));
    }
    if let Some(address) = party.address() {
        assert_eq!(Party::parse(&address), party);
    }
});
