//! How well what was said fits a phrase. Pure.

use super::text::words;

/// Words that say little by themselves.
const COMMON: &str = "a an the i you we he she it they me my your our is are am was be been do does did can could would \
    will shall should may to of in on at for from with and or but so that this these those there here what when where \
    who how which why much many please hello hi okay well um like want know tell have has get got some any no yes not \
    le la les un une des de du d'un d'une je tu il elle nous vous ils me moi mon ma mes votre vos est es êtes suis sont \
    et ou à au aux en dans sur pour par avec ce cet cette ces que qui quoi quel quelle quels quelles comment combien \
    quand où puis peux pouvez voudrais veux s'il plaît bonjour oui non ne pas y c'est est-ce";
const LIGHT: f32 = 0.25;
/// A value where the phrase has a slot.
const VALUE: f32 = 0.5;

/// So much of a phrase must be there.
const LEAST_RECALL: f32 = 0.6;
/// So well it must fit in all.
const LEAST_SCORE: f32 = 0.6;

/// What was said, ready to be held against phrases.
#[derive(Debug)]
pub(super) struct Utterance {
    pub(super) words: Vec<String>,
    /// Words that fill a slot: they are no evidence against a phrase.
    in_slots: Vec<bool>,
}

impl Utterance {
    /// Takes in what was said, and which of its words are values of slots.
    pub(super) fn new(text: &str, is_value: &dyn Fn(&str) -> bool) -> Self {
        let words = words(text);
        let in_slots = words.iter().map(|word| is_value(word)).collect();
        Self { words, in_slots }
    }

    /// Returns how well it fits the phrase that fits best; `None` when none does.
    pub(super) fn fits<S: AsRef<str>>(&self, phrases: &[S]) -> Option<f32> {
        let scores = phrases
            .iter()
            .filter_map(|phrase| self.fit(phrase.as_ref()));
        scores.max_by(f32::total_cmp)
    }

    /// Returns how many words say something.
    pub(super) fn telling_words(&self) -> usize {
        let telling = self.words.iter().filter(|word| weight(word) > LIGHT);
        telling.count()
    }

    fn fit(&self, phrase: &str) -> Option<f32> {
        let (slots, phrase): (Vec<String>, Vec<String>) = words(phrase)
            .into_iter()
            .partition(|word| word.starts_with('{'));
        if phrase.is_empty() || self.words.is_empty() {
            return None;
        }
        let has_value = !slots.is_empty() && self.in_slots.contains(&true);
        let slot = if has_value { VALUE } else { 0.0 };
        let (mut found, mut all) = (slot, slot);
        let mut used = vec![false; self.words.len()];
        for wanted in &phrase {
            all += weight(wanted);
            let place = (0..self.words.len()).find(|&i| !used[i] && alike(&self.words[i], wanted));
            if let Some(place) = place {
                used[place] = true;
                found += weight(wanted);
            }
        }
        let recall = found / all;
        let said: f32 = (0..self.words.len())
            .filter(|&i| used[i] || !self.in_slots[i])
            .map(|i| weight(&self.words[i]))
            .sum();
        let precision = (found / said.max(found)).min(1.0);
        let score = 0.75 * recall + 0.25 * precision;
        let telling = has_value || phrase.iter().any(|word| weight(word) > LIGHT);
        // A phrase of common words alone, such as "where are you", must be there as it is.
        let mut parts = self.words.windows(phrase.len());
        let whole = parts.any(|part| part == phrase.as_slice());
        let fits = (telling || whole) && recall >= LEAST_RECALL && score >= LEAST_SCORE;
        // Of two that fit, the longer one says more.
        fits.then_some(score + 0.01 * all)
    }
}

fn weight(word: &str) -> f32 {
    if COMMON.split_whitespace().any(|common| common == word) {
        LIGHT
    } else {
        1.0
    }
}

/// Returns whether two words are the same but for their endings.
fn alike(one: &str, other: &str) -> bool {
    one == other || (one.len() > 3 && other.len() > 3 && stem(one) == stem(other))
}

fn stem(word: &str) -> &str {
    let endings = ["ing", "ed", "es", "s", "e", "er", "ez"];
    let stems = endings
        .iter()
        .filter_map(|ending| word.strip_suffix(ending));
    let stems = stems.filter(|stem| stem.chars().count() >= 3);
    stems.min_by_key(|stem| stem.len()).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(said: &str, phrase: &str) -> bool {
        Utterance::new(said, &|word| word == "haircut")
            .fits(&[phrase])
            .is_some()
    }

    #[test]
    fn the_same_thing_in_other_words_fits() {
        for (said, phrase) in [
            (
                "What are your opening hours, please?",
                "what are your opening hours",
            ),
            ("opening hours", "what are your opening hours"),
            ("hi, when do you open", "when are you open"),
            (
                "could you tell me how much a haircut is",
                "how much is a {service}",
            ),
            (
                "i'd like to book an appointment",
                "i would like to book an appointment",
            ),
            (
                "quels sont vos horaires d'ouverture",
                "quels sont vos horaires d'ouverture",
            ),
        ] {
            assert!(fits(said, phrase), "{said} / {phrase}");
        }
    }

    #[test]
    fn something_else_does_not_fit() {
        for (said, phrase) in [
            ("where is the train station", "where are you"),
            (
                "what do you think about politics",
                "what are your opening hours",
            ),
            ("how much money does he make in a year", "where are you"),
            ("the weather is terrible", "goodbye"),
            ("", "goodbye"),
        ] {
            assert!(!fits(said, phrase), "{said} / {phrase}");
        }
    }
}
