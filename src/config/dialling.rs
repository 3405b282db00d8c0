//! The table `[dialling]`: who may be called, and how often.

use super::Mistakes;
use super::Mode;
use super::reader::Reader;
use super::section::Section;
use crate::dial::Policy;

/// Numbers of nobody, which stand-ins of carriers use.
const FICTIONAL: [&str; 2] = ["+1555", "+1500555"];

/// Reads the table. In dev mode numbers that belong to nobody may be called.
pub(super) fn read(reader: &mut Reader<'_>, mode: Mode) -> Policy {
    let section = reader.section("dialling");
    let mut mistakes = Mistakes::default();
    let mut policy: Policy = section.read(&mut mistakes);
    check(&section, &policy, &mut mistakes);
    reader.add_mistakes(mistakes);
    if mode == Mode::Dev && !section.has("open_prefixes") {
        policy.open_prefixes = FICTIONAL.map(str::to_owned).to_vec();
    }
    policy
}

fn check(section: &Section, policy: &Policy, mistakes: &mut Mistakes) {
    for country in &policy.countries {
        if !is_country(country) {
            let what = format!("names `{country}`, which is no country as ISO 3166 writes them");
            section.mistake("countries", &what, "[\"CH\", \"DE\"]", mistakes);
        }
    }
    if !policy.home.is_empty() && !is_country(&policy.home) {
        let what = format!(
            "is `{}`, which is no country as ISO 3166 writes them",
            policy.home
        );
        section.mistake("home", &what, "\"CH\"", mistakes);
    }
    for (key, prefixes) in [
        ("blocked_prefixes", &policy.blocked_prefixes),
        ("open_prefixes", &policy.open_prefixes),
    ] {
        if prefixes.iter().any(|prefix| !is_prefix(prefix)) {
            let what = "holds something else than + and digits";
            section.mistake(key, what, "[\"+41900\"]", mistakes);
        }
    }
}

fn is_country(name: &str) -> bool {
    name.parse::<phonenumber::country::Id>().is_ok()
}

/// A plus alone would be everybody.
fn is_prefix(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
