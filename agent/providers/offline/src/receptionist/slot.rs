//! Finds the values of slots in what was said. Pure.

mod clock;
mod numeral;

use super::{builtin::Phrases, desk::Filled, script::Choice, text::words};

/// A value as it is said, and as a tool takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub said: String,
    pub meant: String,
}

/// How a slot is listened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attention {
    /// It was asked for: the bare value will do.
    Asked,
    /// It may come by the way: it must be recognisable as what it is.
    ByTheWay,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Yes,
    No,
}

const DAYS: [(&str, &str); 9] = [
    ("monday", "lundi"),
    ("tuesday", "mardi"),
    ("wednesday", "mercredi"),
    ("thursday", "jeudi"),
    ("friday", "vendredi"),
    ("saturday", "samedi"),
    ("sunday", "dimanche"),
    ("today", "aujourd'hui"),
    ("tomorrow", "demain"),
];

/// Finds a day of the week, today or tomorrow.
pub(super) fn day(text: &str, language: &str) -> Option<Value> {
    let words = words(text);
    let found = words.iter().enumerate().find_map(|(place, word)| {
        let day = DAYS.iter().find(|(en, fr)| word == en || word == fr)?;
        Some((place, day))
    });
    let (place, &(en, fr)) = found?;
    let is_named = en != "today" && en != "tomorrow";
    let before = place.checked_sub(1).and_then(|before| words.get(before));
    let after = words.get(place + 1);
    let is_next = is_named
        && (before.is_some_and(|word| word == "next")
            || after.is_some_and(|word| word == "prochain"));
    let said = match (language, is_named, is_next) {
        ("fr", _, true) => format!("{fr} prochain"),
        ("fr", _, false) => fr.to_owned(),
        (_, true, true) => format!("next {}", capital(en)),
        (_, true, false) => capital(en),
        (_, false, _) => en.to_owned(),
    };
    let meant = if is_next {
        format!("next {en}")
    } else {
        en.to_owned()
    };
    Some(Value { said, meant })
}

/// Finds a time of day; the hours from 1 to 7 are in the afternoon unless said otherwise.
pub(super) fn time(text: &str, language: &str, attention: Attention) -> Option<Value> {
    let words = words(text);
    let (hour, minute) = clock::find(&words, language, attention)?;
    Some(Value {
        said: clock::spoken(hour, minute, language),
        meant: format!("{hour:02}:{minute:02}"),
    })
}

/// Finds a number, digit by digit or as a numeral. A plus before it is part of it.
pub(super) fn number(text: &str, attention: Attention) -> Option<Value> {
    let words = words(text);
    let announced = ["number", "numéro"]
        .iter()
        .any(|word| words.iter().any(|w| w == word));
    if attention == Attention::ByTheWay && !announced {
        return None;
    }
    let digits = numeral::digits(&words)?;
    let mut pairs = words.windows(2);
    let is_said = pairs.any(|pair| pair[0] == "plus" && numeral::digits(&pair[1..]).is_some());
    let mut signs = text.chars().zip(text.chars().skip(1));
    let is_written = signs.any(|(sign, digit)| sign == '+' && digit.is_ascii_digit());
    let (plus, sign) = if is_said || is_written {
        ("plus ", "+")
    } else {
        ("", "")
    };
    let spaced: Vec<String> = digits.chars().map(String::from).collect();
    let said = if digits.len() > 4 {
        spaced.join(" ")
    } else {
        digits.clone()
    };
    Some(Value {
        said: format!("{plus}{said}"),
        meant: format!("{sign}{digits}"),
    })
}

/// Finds which of a few is meant: the first one, the last one.
pub(super) fn ordinal(text: &str, phrases: &Phrases, of: usize) -> Option<usize> {
    let words = words(text);
    let mut ordinals = phrases.ordinals.iter();
    let place = ordinals.position(|said| words.iter().any(|word| said.contains(&word.as_str())))?;
    let is_last = place == phrases.ordinals.len() - 1;
    let place = if is_last { of.checked_sub(1)? } else { place };
    (place < of).then_some(place)
}

/// Finds which of a few is meant by its time, its day, or both.
pub(super) fn moment(text: &str, language: &str, options: &[Filled]) -> Option<usize> {
    let time = time(text, language, Attention::Asked).map(|time| format!("t{}", time.meant));
    let day = day(text, language).map(|day| day.said.to_lowercase());
    if time.is_none() && day.is_none() {
        return None;
    }
    let is_meant = |option: &Filled| {
        let has = |wanted: &Option<String>| {
            let wanted = wanted.as_deref().unwrap_or_default();
            option
                .values()
                .any(|value| value.said.to_lowercase().contains(wanted))
        };
        has(&time) && has(&day)
    };
    options.iter().position(is_meant)
}

/// Finds a person's name.
pub(super) fn name(text: &str, attention: Attention) -> Option<Value> {
    const BEFORE: [&[&str]; 9] = [
        &["my", "name", "is"],
        &["my", "name's"],
        &["this", "is"],
        &["i", "am"],
        &["i'm"],
        &["it's"],
        &["mon", "nom", "est"],
        &["je", "m'appelle"],
        &["je", "suis"],
    ];
    // "I am looking for" is no name.
    let sure = if attention == Attention::Asked {
        &BEFORE[..]
    } else {
        &[BEFORE[0], BEFORE[1], BEFORE[6], BEFORE[7]]
    };
    let words = words(text);
    let introduced = sure.iter().find_map(|phrase| {
        let place = words
            .windows(phrase.len())
            .position(|part| part == *phrase)?;
        Some(&words[place + phrase.len()..])
    });
    let rest = match (introduced, attention) {
        (Some(rest), _) => rest,
        (None, Attention::Asked) => &words[..],
        (None, Attention::ByTheWay) => return None,
    };
    let polite = [
        "please", "thanks", "and", "s'il", "uh", "um", "yes", "oui", "no", "non", "hello",
        "bonjour",
    ];
    let name: Vec<String> = rest
        .iter()
        .skip_while(|word| polite.contains(&word.as_str()))
        .take_while(|word| {
            !polite.contains(&word.as_str()) && word.chars().all(|c| c.is_alphabetic() || c == '\'')
        })
        .map(|word| capital(word))
        .collect();
    let fits = match introduced {
        Some(_) => !name.is_empty(),
        None => (1..=3).contains(&name.len()) && rest.len() <= 4,
    };
    let said = name.into_iter().take(3).collect::<Vec<_>>().join(" ");
    fits.then(|| Value {
        meant: said.clone(),
        said,
    })
}

/// Finds one of a few values.
pub(super) fn choice(text: &str, choice: &Choice, language: &str) -> Option<Value> {
    let said = words(text);
    // A caller may still say it in English.
    let values = choice
        .values
        .of(language)
        .iter()
        .chain(choice.values.of("en"));
    let found = values.filter(|value| {
        let value = words(value);
        let singular = |word: &str| word.trim_end_matches('s').to_owned();
        !value.is_empty()
            && said.windows(value.len()).any(|part| {
                part.iter()
                    .zip(&value)
                    .all(|(a, b)| singular(a) == singular(b))
            })
    });
    let longest = found.max_by_key(|value| value.len())?;
    let place = choice
        .values
        .of(language)
        .iter()
        .position(|value| value == longest);
    let meant = place
        .and_then(|place| choice.values.of("en").get(place))
        .unwrap_or(longest);
    Some(Value {
        said: longest.clone(),
        meant: meant.clone(),
    })
}

/// Finds yes or no; a no wins, because it is the careful answer.
pub(super) fn decision(text: &str, phrases: &Phrases) -> Option<Decision> {
    let words = words(text);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if has(phrases.no) {
        Some(Decision::No)
    } else if has(phrases.yes) {
        Some(Decision::Yes)
    } else {
        None
    }
}

/// Returns whether a word is, or is part of, a value of a built-in slot.
pub(super) fn is_value(word: &str) -> bool {
    DAYS.iter().any(|(en, fr)| *en == word || *fr == word)
        || numeral::value(word).is_some()
        || clock::is_part(word)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests;
