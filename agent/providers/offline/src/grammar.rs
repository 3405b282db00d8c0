//! What callers are likely to say, as a grammar for the transcriber.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

/// What is said before the matter.
const BEFORE: &str = "hello | hi | good morning | good afternoon | well | okay | so | um | excuse me | yes | no | \
     please | can you tell me | could you tell me | i would like to know | i want to know";
/// What is said after it.
const AFTER: &str = "please | thank you | thanks | then | bye";

/// The rules of the slots that every profile has.
const SLOTS: [(&str, &str); 5] = [
    (
        "day",
        "[ on | this | next | for ] ( monday | tuesday | wednesday | thursday | friday | saturday | sunday | \
         today | tomorrow | the day after tomorrow )",
    ),
    (
        "time",
        "[ at | around ] ( [ half past | quarter past | quarter to | ten past | twenty past | ten to ] <hour> \
         [ o'clock | fifteen | thirty | forty five ] | noon | midday ) \
         [ in the morning | in the afternoon | in the evening | a m | p m ]",
    ),
    ("number", "<digit>+ | <count>"),
    ("name", "<first> [ <last> ]"),
    (
        "yes_no",
        "yes | no | yeah | yep | nope | sure | okay | of course | that's right | that is right | correct | \
         that's wrong | not really | no thanks | yes please | no thank you",
    ),
];

/// What the slots are made of.
const PARTS: &str = "\
<hour> = one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve;
<digit> = zero | oh | one | two | three | four | five | six | seven | eight | nine | double;
<count> = ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen | nineteen | \
twenty [ <digit> ] | thirty [ <digit> ] | forty [ <digit> ] | fifty [ <digit> ];
";

/// Names that are common where people speak English; a profile adds its own.
const FIRST_NAMES: &str = "alex alice andrew anna anthony barbara ben betty brian carol charles chris daniel david \
     donna edward elizabeth emily emma eric frank george helen henry jack james jane jennifer jessica john joseph \
     karen kevin laura linda lisa lucy maria mark martin mary matthew michael nancy nicholas oliver patricia paul \
     peter rachel richard robert ruth sam sandra sarah simon sophie stephen steven susan thomas timothy tom william";
const LAST_NAMES: &str = "adams allen anderson baker brown campbell carter clark collins cooper davis evans garcia \
     green hall harris hill jackson johnson jones king lee lewis martin martinez miller mitchell moore morris nelson \
     parker phillips roberts robinson scott smith stewart taylor thomas thompson turner walker watson white williams \
     wilson wood wright young";

/// Phrases with slots in braces, `book a {service} on {day}`, and what may stand in the slots.
///
/// Built in are `{day}`, `{time}`, `{number}`, `{name}` and `{yes_no}`, which may also be said alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grammar {
    phrases: BTreeSet<String>,
    slots: BTreeMap<String, BTreeSet<String>>,
    names: BTreeSet<String>,
    sounds: BTreeMap<String, String>,
}

impl Grammar {
    /// Adds something that may be said.
    pub fn add_phrase(&mut self, phrase: &str) {
        let phrase = plain(phrase);
        if !phrase.is_empty() {
            self.phrases.insert(phrase);
        }
    }

    /// Adds a value of a slot of the profile's own.
    pub fn add_value(&mut self, slot: &str, value: &str) {
        let value = plain(value);
        if !value.is_empty() {
            let values = self.slots.entry(slot.to_owned()).or_default();
            values.insert(value);
        }
    }

    /// Adds a person's name.
    pub fn add_name(&mut self, name: &str) {
        self.names.extend(plain(name).split(' ').map(str::to_owned));
    }

    /// Adds how a word sounds that the dictionary does not have, in the phones of the CMU dictionary.
    pub fn add_sounds(&mut self, word: &str, sounds: &str) {
        self.sounds.insert(plain(word), sounds.to_uppercase());
    }

    /// Returns it with more terms that may be said.
    pub(crate) fn with_keywords(mut self, keywords: &[String]) -> Self {
        for keyword in keywords {
            self.add_phrase(keyword);
        }
        self
    }

    /// Returns the words with sounds of their own.
    pub(crate) fn sounds(&self) -> impl Iterator<Item = (&str, &str)> {
        let sounds = self.sounds.iter();
        sounds.map(|(word, sounds)| (word.as_str(), sounds.as_str()))
    }

    /// Returns it in the JSpeech Grammar Format, without the phrases that have a word the decoder does not know.
    /// `None` when nothing is left.
    pub(crate) fn render(&self, knows: &dyn Fn(&str) -> bool) -> Option<String> {
        let slots = self.known_values(knows);
        let is_slot =
            |name: &str| SLOTS.iter().any(|slot| slot.0 == name) || slots.contains_key(name);
        let phrases: Vec<String> = self
            .phrases
            .iter()
            .filter_map(|phrase| rule(phrase, knows, &is_slot))
            .collect();
        let left_out = self.phrases.len() - phrases.len();
        if left_out > 0 {
            tracing::warn!(
                grammar.left_out = left_out,
                "phrases of the profile have words that PocketSphinx does not know; give their sounds"
            );
        }
        if phrases.is_empty() {
            return None;
        }
        let own: Vec<String> = slots.keys().map(|slot| format!("<s_{slot}>")).collect();
        let built_in = SLOTS.iter().map(|slot| format!("<{}>", slot.0));
        let alone: Vec<String> = built_in.chain(own).collect();
        let mut jsgf = String::from("#JSGF V1.0;\ngrammar profile;\n");
        let mut add = |line: std::fmt::Arguments| {
            jsgf.write_fmt(line).expect("a String takes everything");
            jsgf.push('\n');
        };
        add(format_args!(
            "public <all> = [ <before> ] ( <phrase> | <slot> ) [ <after> ];"
        ));
        add(format_args!("<before> = {BEFORE};\n<after> = {AFTER};"));
        add(format_args!("<phrase> = {};", phrases.join(" | ")));
        add(format_args!(
            "<slot> = {} | <day> <time>;",
            alone.join(" | ")
        ));
        for (slot, rule) in SLOTS {
            add(format_args!("<{slot}> = {rule};"));
        }
        for (slot, values) in &slots {
            add(format_args!("<s_{slot}> = {};", values.join(" | ")));
        }
        let names = self
            .names
            .iter()
            .map(String::as_str)
            .filter(|name| knows(name));
        let first: Vec<&str> = FIRST_NAMES.split_whitespace().chain(names).collect();
        let last: Vec<&str> = LAST_NAMES.split_whitespace().collect();
        add(format_args!(
            "<first> = {};\n<last> = {};",
            first.join(" | "),
            last.join(" | ")
        ));
        jsgf.push_str(PARTS);
        Some(jsgf)
    }

    fn known_values(&self, knows: &dyn Fn(&str) -> bool) -> BTreeMap<String, Vec<String>> {
        let mut known = BTreeMap::new();
        for (slot, values) in &self.slots {
            let values: Vec<String> = values
                .iter()
                .filter(|value| value.split(' ').all(knows))
                .cloned()
                .collect();
            let is_rule_name = slot.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !values.is_empty() && is_rule_name {
                known.insert(slot.clone(), values);
            }
        }
        known
    }
}

/// Turns a phrase into the right side of a rule; `None` when a word or a slot is unknown.
fn rule(
    phrase: &str,
    knows: &dyn Fn(&str) -> bool,
    is_slot: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let mut words = Vec::new();
    for word in phrase.split(' ') {
        let slot = word
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match slot {
            Some(slot) if SLOTS.iter().any(|known| known.0 == slot) => {
                words.push(format!("<{slot}>"))
            }
            Some(slot) if is_slot(slot) => words.push(format!("<s_{slot}>")),
            Some(_) => return None,
            None if knows(word) => words.push(word.to_owned()),
            None => return None,
        }
    }
    Some(words.join(" "))
}

/// Returns a text in lower case with nothing but words, apostrophes and slots.
fn plain(text: &str) -> String {
    let kept = text.to_lowercase().replace('’', "'");
    let kept: String = kept
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "'{}_".contains(c) {
                c
            } else {
                ' '
            }
        })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_and_slots_become_rules() {
        let mut grammar = Grammar::default();
        grammar.add_phrase("Book a {service} on {day}!");
        grammar.add_value("service", "haircut");

        let jsgf = grammar.render(&|_| true).expect("a phrase");

        assert!(
            jsgf.contains("<phrase> = book a <s_service> on <day>;"),
            "{jsgf}"
        );
        assert!(jsgf.contains("<s_service> = haircut;"));
    }

    #[test]
    fn phrases_with_unknown_words_or_slots_are_left_out() {
        let mut grammar = Grammar::default();
        grammar.add_phrase("where are you");
        grammar.add_phrase("where is wolverley");
        grammar.add_phrase("a {thing}");

        let jsgf = grammar
            .render(&|word| word != "wolverley")
            .expect("a phrase");

        assert!(jsgf.contains("<phrase> = where are you;"));
    }

    #[test]
    fn nothing_to_say_is_no_grammar() {
        let mut grammar = Grammar::default();
        grammar.add_phrase("…");

        assert_eq!(grammar.render(&|_| true), None);
    }

    #[test]
    fn a_phrase_cannot_write_rules_of_its_own() {
        let mut grammar = Grammar::default();
        grammar.add_phrase("a; <b> = c | (d) \\ \" [e] * +");

        let jsgf = grammar.render(&|_| true).expect("a phrase");

        assert!(jsgf.contains("<phrase> = a b c d e;"), "{jsgf}");
    }
}
