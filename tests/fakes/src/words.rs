//! Text in the pieces in which a model writes it.

/// Cuts text into words, each with the space before it: joined, they are the text.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = text
        .char_indices()
        .zip(text.chars().skip(1))
        .filter(|((_, this), next)| !this.is_whitespace() && next.is_whitespace())
        .map(|((at, this), _)| at + this.len_utf8())
        .collect();
    starts.insert(0, 0);
    starts.push(text.len());
    let pieces = starts.windows(2).map(|ends| &text[ends[0]..ends[1]]);
    pieces.filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_joined_are_the_text() {
        for text in ["", "word", "Hello there,  friend.", " été à Zürich \n"] {
            assert_eq!(tokens(text).concat(), text);
        }
        assert_eq!(tokens("a bc d"), ["a", " bc", " d"]);
    }
}
