//! What a contact means who was asked whether they take a call: by key or in words. Pure.

/// What they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They take it.
    Accept,
    /// They do not.
    Decline,
    /// They want to hear it again.
    Repeat,
    /// Nobody knows.
    Unclear,
}

const NO: [&str; 16] = [
    "no",
    "nope",
    "not",
    "decline",
    "don't",
    "dont",
    "cannot",
    "can't",
    "busy",
    "later",
    "non",
    "pas",
    "refuse",
    "occupé",
    "plus tard",
    "never",
];
const AGAIN: [&str; 9] = [
    "again",
    "repeat",
    "pardon",
    "sorry",
    "what",
    "who",
    "répéter",
    "répétez",
    "comment",
];
const YES: [&str; 17] = [
    "yes",
    "yeah",
    "yep",
    "sure",
    "ok",
    "okay",
    "accept",
    "connect",
    "through",
    "take",
    "fine",
    "oui",
    "d'accord",
    "accepte",
    "volontiers",
    "allez",
    "ready",
];

impl Verdict {
    /// Reads what was said or pressed. Whoever says yes and no at once is asked again.
    pub(crate) fn of(text: &str) -> Self {
        let text = text.to_lowercase().replace('’', "'");
        match text.trim() {
            "1" => return Self::Accept,
            "2" => return Self::Decline,
            _ => {}
        }
        let words: Vec<&str> = text
            .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
            .filter(|word| !word.is_empty())
            .collect();
        let padded = format!(" {} ", words.join(" "));
        let holds = |list: &[&str]| {
            list.iter()
                .any(|word| padded.contains(&format!(" {word} ")))
        };
        match (holds(&YES), holds(&NO), holds(&AGAIN)) {
            (true, false, _) => Self::Accept,
            (false, true, _) => Self::Decline,
            (false, false, true) => Self::Repeat,
            _ => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_words_are_understood_in_both_languages() {
        for (text, meant) in [
            ("1", Verdict::Accept),
            ("2", Verdict::Decline),
            ("Yes, put them through.", Verdict::Accept),
            ("Oui, d’accord", Verdict::Accept),
            ("No, not now", Verdict::Decline),
            ("I'm busy", Verdict::Decline),
            ("Non, plus tard", Verdict::Decline),
            ("Sorry, I am busy", Verdict::Decline),
            ("Sorry, who is it?", Verdict::Repeat),
            ("hmm", Verdict::Unclear),
            ("", Verdict::Unclear),
            ("3", Verdict::Unclear),
        ] {
            assert_eq!(Verdict::of(text), meant, "{text}");
        }
    }

    #[test]
    fn nobody_is_connected_who_says_yes_and_no() {
        assert_ne!(Verdict::of("yes I mean no"), Verdict::Accept);
    }
}
