//! Words and sentences of a text.

/// Returns the words in lower case, without punctuation. A colon between digits stays: `10:30`.
pub(super) fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('’', "'");
    text.split(|c: char| c.is_whitespace() || "-–—/".contains(c))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '{' && c != '}'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns the sentences, each with the space behind it.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let pieces = text
        .split_inclusive(". ")
        .flat_map(|piece| piece.split_inclusive("? "));
    pieces
        .filter(|piece| !piece.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns the first `count` sentences.
pub(super) fn first_sentences(text: &str, count: usize) -> String {
    let first: String = sentences(text).into_iter().take(count).collect();
    first.trim().to_owned()
}

/// Returns a list as it is spoken: `a, b or c`.
pub(super) fn spoken_list(items: &[String], or: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {or} {last}", first.join(", ")),
    }
}

/// Puts values in the place of `{names}`; an unknown name stays.
pub(super) fn fill(template: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(name, behind)| Some((value(name)?, behind)));
        rest = match known {
            Some((value, behind)) => {
                filled.push_str(&value);
                behind
            }
            None => {
                filled.push('{');
                after
            }
        };
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_replaced_where_known() {
        let value = |name: &str| (name == "day").then(|| "Monday".to_owned());

        assert_eq!(fill("On {day}, {x} {", &value), "On Monday, {x} {");
    }

    #[test]
    fn words_lose_case_and_punctuation() {
        assert_eq!(
            words("Hello, it’s 10:30 — “Friday”!"),
            ["hello", "it's", "10:30", "friday"]
        );
    }

    #[test]
    fn sentences_keep_every_character() {
        let text = "One. Two? Three";

        assert_eq!(sentences(text), ["One. ", "Two? ", "Three"]);
    }
}
