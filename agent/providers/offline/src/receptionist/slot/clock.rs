//! Times of day as they are said. Pure.

use super::{Attention, numeral};

const PARTS: [&str; 22] = [
    "half",
    "quarter",
    "past",
    "o'clock",
    "am",
    "pm",
    "a.m",
    "p.m",
    "noon",
    "midday",
    "midnight",
    "morning",
    "afternoon",
    "evening",
    "heure",
    "heures",
    "midi",
    "minuit",
    "quart",
    "demie",
    "matin",
    "soir",
];

/// Returns whether a word is only said of times.
pub(super) fn is_part(word: &str) -> bool {
    PARTS.contains(&word) || word.contains(':')
}

/// Finds a time and returns hour and minute.
pub(super) fn find(words: &[String], language: &str, attention: Attention) -> Option<(u32, u32)> {
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    if has("noon") || has("midday") || has("midi") {
        return Some((12, 0));
    }
    let (hour, minute, sure) = if language == "fr" {
        french(words)
    } else {
        english(words)
    }?;
    let announced = sure || words.iter().any(|word| is_part(word));
    if (attention == Attention::ByTheWay && !announced) || hour > 23 || minute > 59 {
        return None;
    }
    let pair = |one: &str, two: &str| {
        words
            .windows(2)
            .any(|pair| pair[0] == one && pair[1] == two)
    };
    let late = has("pm")
        || has("p.m")
        || pair("p", "m")
        || has("afternoon")
        || has("evening")
        || has("soir");
    let early = has("am") || has("a.m") || pair("a", "m") || has("morning") || has("matin");
    let hour = match hour {
        12 if early => 0,
        1..=11 if late => hour + 12,
        // Nobody books before eight by saying "three".
        1..=7 if !early && language != "fr" => hour + 12,
        _ => hour,
    };
    Some((hour, minute))
}

/// Returns a time as it is said.
pub(super) fn spoken(hour: u32, minute: u32, language: &str) -> String {
    if language == "fr" {
        return match minute {
            0 => format!("{hour} heures"),
            _ => format!("{hour} heures {minute}"),
        };
    }
    const HOURS: [&str; 12] = [
        "twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven",
    ];
    let name = |hour: u32| HOURS[(hour % 12) as usize];
    match minute {
        0 => format!("{} o'clock", name(hour)),
        15 => format!("quarter past {}", name(hour)),
        30 => format!("half past {}", name(hour)),
        45 => format!("quarter to {}", name(hour + 1)),
        1..=9 => format!("{} oh {minute}", name(hour)),
        _ => format!("{} {minute}", name(hour)),
    }
}

/// Hour, minute, and whether it can be nothing else.
type Found = Option<(u32, u32, bool)>;

fn english(words: &[String]) -> Found {
    for (place, word) in words.iter().enumerate() {
        let after = words.get(place + 1..).unwrap_or_default();
        let hour_after = |skipped: usize| after.get(skipped).and_then(|word| hour(word));
        let next_is = |wanted: &str| after.first().is_some_and(|word| word == wanted);
        if let Some(found) = written(word) {
            return Some(found);
        }
        let minutes = match word.as_str() {
            "half" => Some(30),
            "quarter" => Some(15),
            _ => numeral::value(word),
        };
        if let (Some(minutes), true, Some(hour)) = (minutes, next_is("past"), hour_after(1)) {
            return Some((hour, minutes, true));
        }
        if let (Some(minutes @ 1..=30), true, Some(hour)) = (minutes, next_is("to"), hour_after(1))
        {
            return Some(((hour + 23) % 24, 60 - minutes, true));
        }
        if let Some(hour) = hour(word) {
            let at = place > 0 && ["at", "around"].contains(&words[place - 1].as_str());
            let minutes = numeral::compound(after).map(|found| found.0);
            let minutes = minutes
                .filter(|minutes| (10..60).contains(minutes))
                .unwrap_or(0);
            return Some((hour, minutes, at || next_is("o'clock")));
        }
    }
    None
}

fn french(words: &[String]) -> Found {
    for (place, word) in words.iter().enumerate() {
        if let Some(found) = written(word) {
            return Some(found);
        }
        if word != "heure" && word != "heures" && word != "h" {
            continue;
        }
        let before = &words[..place];
        let start = before.len().saturating_sub(2);
        let hour = (start..before.len()).find_map(|from| {
            let (hour, taken) = numeral::compound(&before[from..])?;
            (from + taken == before.len()).then_some(hour)
        })?;
        let after = words.get(place + 1..).unwrap_or_default();
        let after = after.strip_prefix(&["et".to_owned()]).unwrap_or(after);
        let minute = match after.first().map(String::as_str) {
            Some("demie") => 30,
            Some("quart") => 15,
            Some("moins") => return Some(((hour + 23) % 24, 45, true)),
            _ => numeral::compound(after).map_or(0, |found| found.0),
        };
        return Some((hour, minute, true));
    }
    let bare = words.iter().find_map(|word| numeral::value(word))?;
    Some((bare, 0, false))
}

/// Reads `10:30` and `10h30`.
fn written(word: &str) -> Found {
    let (hour, minute) = word.split_once([':', 'h'])?;
    let minute = if minute.is_empty() {
        0
    } else {
        minute.parse().ok()?
    };
    Some((hour.parse().ok()?, minute, true))
}

fn hour(word: &str) -> Option<u32> {
    numeral::value(word).filter(|hour| (1..=23).contains(hour))
}
