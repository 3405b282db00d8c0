//! What words give away: how complete they are, whether they are meant, whether two texts say the same.

mod completeness;
mod remark;

pub(crate) use completeness::Completeness;
pub(crate) use remark::Remark;

/// Returns the words alone: lower case, no punctuation, nothing that stands in brackets for a noise.
pub(crate) fn words(text: &str) -> Vec<String> {
    without_noises(text)
        .split(|c: char| !(c.is_alphanumeric() || is_apostrophe(c)))
        .map(|word| word.trim_matches(is_apostrophe))
        .filter(|word| !word.is_empty())
        .map(|word| word.replace('’', "'").to_lowercase())
        .collect()
}

/// Returns whether two texts differ in punctuation and case at most.
pub(crate) fn same(one: &str, other: &str) -> bool {
    words(one) == words(other)
}

/// Returns whether one of the texts begins with the other.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    one.starts_with(&other) || other.starts_with(&one)
}

/// Returns what follows in the text behind this beginning, if it begins so.
pub(crate) fn behind<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let (said, known) = (words(text), words(beginning));
    if known.is_empty() || !said.starts_with(&known) {
        return None;
    }
    let mut rest = text;
    while words(rest).len() > said.len() - known.len() {
        rest = rest.trim_start();
        rest = rest
            .split_once(char::is_whitespace)
            .map_or("", |(_, later)| later);
    }
    Some(rest.trim_start())
}

/// Returns whether one of the names is said.
pub(crate) fn mention(text: &str, names: &[String]) -> bool {
    let said = words(text);
    names
        .iter()
        .map(|name| words(name))
        .any(|name| !name.is_empty() && said.windows(name.len()).any(|window| window == name))
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Takes out what transcribers write for noises: `[cough]`, `(laughs)`, `<noise>`.
fn without_noises(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['[', '(', '<']) {
        let close = match rest.as_bytes()[open] {
            b'[' => ']',
            b'(' => ')',
            _ => '>',
        };
        let Some(length) = rest[open..].find(close) else {
            break;
        };
        let inside = &rest[open + 1..open + length];
        kept.push_str(&rest[..open]);
        // An area code stands in brackets as well.
        kept.push_str(if inside.contains(|c: char| c.is_ascii_digit()) {
            inside
        } else {
            " "
        });
        rest = &rest[open + length + 1..];
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_and_case_make_no_difference() {
        assert!(same("Tell me a story", "tell me, a story."));
        assert!(same("d’accord", "D'accord !"));
        assert!(!same("tell me a story", "tell me the story"));
    }

    #[test]
    fn noises_in_brackets_are_no_words() {
        assert_eq!(words("[cough] (laughs)"), Vec::<String>::new());
        assert_eq!(words("(555) 0199"), ["555", "0199"]);
        assert_eq!(words("a ( b"), ["a", "b"]);
    }

    #[test]
    fn what_is_behind_a_beginning_is_found() {
        assert_eq!(
            behind("Tell me, a story. Now!", "tell me"),
            Some("a story. Now!")
        );
        assert_eq!(behind("tell me", "Tell me."), Some(""));
        assert_eq!(behind("tell him", "tell me"), None);
        assert_eq!(behind("tell him", ""), None);
    }

    #[test]
    fn a_name_is_heard_as_a_whole_word() {
        let names = ["Pat".to_owned(), "Miss Lee".to_owned()];

        assert!(mention("Hey Pat, what's the time?", &names));
        assert!(mention("ask miss lee", &names));
        assert!(!mention("that is a pattern", &names));
    }
}
