//! The words of a text as they are compared: lower case, without accents, endings and small words.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longer runs are no words; keys of the index stay short.
const LONGEST: usize = 40;

/// Letters that must remain of a word whose ending is taken.
const SHORTEST_STEM: usize = 3;

/// Small words of English and French, as they look when folded, in order.
const SMALL: &[&str] = &[
    "about", "am", "an", "and", "any", "are", "as", "at", "au", "aux", "avec", "avez", "be",
    "been", "but", "by", "can", "ce", "ces", "cette", "could", "dans", "de", "des", "did", "do",
    "does", "du", "elle", "en", "est", "et", "for", "from", "had", "has", "have", "he", "her",
    "his", "how", "if", "il", "ils", "in", "is", "it", "its", "je", "la", "le", "les", "leur",
    "ma", "may", "me", "mes", "mon", "must", "my", "ne", "no", "nos", "notre", "nous", "of", "on",
    "or", "ou", "our", "par", "pas", "please", "pour", "que", "quel", "quelle", "quelles", "quels",
    "qui", "sa", "se", "ses", "she", "should", "so", "son", "sont", "sur", "tell", "than", "that",
    "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "un", "une",
    "us", "vos", "votre", "vous", "was", "we", "were", "what", "when", "where", "which", "who",
    "will", "with", "would", "you", "your",
];

/// Returns the words of a text as they are compared.
pub(super) fn terms(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text);
    let words: Vec<String> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| is_telling(word))
        .map(|word| stem(word).to_owned())
        .collect();
    words.into_iter()
}

/// Lower case without accents.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let letters = text.nfkd().filter(|letter| !is_combining_mark(*letter));
    for letter in letters.flat_map(char::to_lowercase) {
        match letter {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            other => folded.push(other),
        }
    }
    folded
}

fn is_telling(word: &str) -> bool {
    let is_number = word.starts_with(|first: char| first.is_numeric());
    let is_long_enough = word.len() > 1 || is_number;
    is_long_enough && word.len() <= LONGEST && SMALL.binary_search(&word).is_err()
}

/// Takes the endings that do not change what a word is about. Two words that become one by mistake cost a rank, no more.
fn stem(word: &str) -> &str {
    let plural = ["s", "x"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .filter(|rest| rest.len() >= SHORTEST_STEM && !rest.ends_with('s'));
    let word = plural.unwrap_or(word);
    let endings = ["ing", "ed", "e"].iter();
    let shorter = endings
        .filter_map(|ending| word.strip_suffix(ending))
        .find(|rest| rest.len() > SHORTEST_STEM);
    shorter.unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        terms(text).collect()
    }

    #[test]
    fn the_small_words_can_be_searched_by_halves() {
        assert!(SMALL.is_sorted());
    }

    #[test]
    fn case_accents_and_endings_make_no_difference() {
        assert_eq!(of("ÉLÈVES"), of("eleve"));
        assert_eq!(of("e\u{301}te\u{301}"), of("été"));
        assert_eq!(of("opening hours"), of("Open hour"));
        assert_eq!(of("gâteaux"), of("gateau"));
        assert_eq!(of("cœur"), of("coeur"));
        assert_eq!(of("price"), of("prices"));
    }

    #[test]
    fn small_words_and_single_letters_are_left_out_and_numbers_stay() {
        assert_eq!(of("What is the price of 2 rooms?"), ["pric", "2", "room"]);
        assert_eq!(
            of("Quels sont les horaires d'ouverture ?"),
            ["horair", "ouvertur"]
        );
    }
}
