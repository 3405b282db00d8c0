//! Numerals of English and French. Pure.

const NUMERALS: [(&str, u32); 60] = [
    ("zero", 0),
    ("oh", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("zéro", 0),
    ("un", 1),
    ("une", 1),
    ("deux", 2),
    ("trois", 3),
    ("quatre", 4),
    ("cinq", 5),
    ("sept", 7),
    ("huit", 8),
    ("neuf", 9),
    ("dix", 10),
    ("onze", 11),
    ("douze", 12),
    ("treize", 13),
    ("quatorze", 14),
    ("quinze", 15),
    ("seize", 16),
    ("vingt", 20),
    ("trente", 30),
    ("quarante", 40),
    ("cinquante", 50),
    ("soixante", 60),
    ("dixsept", 17),
    ("dixhuit", 18),
    ("dixneuf", 19),
    ("vingts", 80),
    ("septante", 70),
    ("huitante", 80),
    ("octante", 80),
    ("nonante", 90),
    ("o", 0),
];

/// Returns the value of a numeral or of written digits.
pub(super) fn value(word: &str) -> Option<u32> {
    let known = NUMERALS.iter().find(|(numeral, _)| *numeral == word);
    known.map(|known| known.1).or_else(|| {
        let is_short = word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit());
        if is_short { word.parse().ok() } else { None }
    })
}

/// Returns the value of one or two words that are one numeral: `twenty five`, and how many words it took.
pub(super) fn compound(words: &[String]) -> Option<(u32, usize)> {
    let first = value(words.first()?)?;
    let second = words.get(1).and_then(|word| value(word));
    match second {
        Some(units @ 1..=9) if first >= 20 && first % 10 == 0 && first < 100 => {
            Some((first + units, 2))
        }
        // Dix-sept, dix-huit, dix-neuf.
        Some(units @ 7..=9) if words[0] == "dix" => Some((10 + units, 2)),
        _ => Some((first, 1)),
    }
}

/// Returns the digits of the first run of numerals, with `double five` as two.
pub(super) fn digits(words: &[String]) -> Option<String> {
    let mut digits = String::new();
    let mut rest = words;
    let mut copies = 1;
    while let Some(word) = rest.first() {
        if word == "double" {
            copies = 2;
            rest = &rest[1..];
            continue;
        }
        let written: String = word.chars().filter(char::is_ascii_digit).collect();
        let is_written = !written.is_empty() && !word.chars().any(char::is_alphabetic);
        if is_written {
            digits.push_str(&written);
            rest = &rest[1..];
        } else if let Some((value, taken)) = compound(rest) {
            digits.push_str(&value.to_string().repeat(copies));
            rest = &rest[taken..];
        } else if digits.is_empty() {
            rest = &rest[1..];
        } else {
            break;
        }
        copies = 1;
    }
    (!digits.is_empty()).then_some(digits)
}
