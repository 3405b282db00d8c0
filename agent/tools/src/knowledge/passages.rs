//! Cuts a text into passages: what can be read out as an answer.

/// Characters of a passage: a long paragraph.
const LONGEST: usize = 700;

/// How a paragraph ends that says nothing without the next one.
const UNFINISHED: [char; 2] = ['?', ':'];

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passage {
    /// The headings above it, from the highest, joined by ` › `.
    pub(super) heading: String,
    pub(super) text: String,
}

/// Cuts plain text or Markdown into passages.
pub(super) fn split(text: &str) -> Vec<Passage> {
    let mut cutter = Cutter::default();
    for line in text.lines() {
        match heading(line) {
            Some((level, title)) => cutter.begin_section(level, title),
            None => cutter.add(line),
        }
    }
    cutter.end_paragraph();
    cutter.end_passage();
    cutter.passages
}

#[derive(Default)]
struct Cutter {
    passages: Vec<Passage>,
    /// Titles with their levels, the highest first.
    headings: Vec<(usize, String)>,
    passage: String,
    paragraph: String,
}

impl Cutter {
    fn begin_section(&mut self, level: usize, title: &str) {
        self.end_paragraph();
        self.end_passage();
        self.headings.retain(|(above, _)| *above < level);
        self.headings.push((level, plain(title)));
    }

    fn add(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() {
            self.end_paragraph();
            return;
        }
        let Some(item) = bullet(line) else {
            join(&mut self.paragraph, &plain(line));
            return;
        };
        // Read out, each entry of a list is a sentence of its own.
        if self.paragraph.ends_with(char::is_alphanumeric) {
            self.paragraph.push('.');
        }
        join(&mut self.paragraph, &plain(item));
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        if paragraph.is_empty() {
            return;
        }
        if !self.passage.ends_with(UNFINISHED) {
            self.end_passage();
        }
        for piece in pieces(&paragraph) {
            if characters(&self.passage) + characters(piece) >= LONGEST {
                self.end_passage();
            }
            join(&mut self.passage, piece);
        }
    }

    fn end_passage(&mut self) {
        let text = std::mem::take(&mut self.passage);
        if text.is_empty() {
            return;
        }
        let titles: Vec<&str> = self.headings.iter().map(|(_, title)| &**title).collect();
        self.passages.push(Passage {
            heading: titles.join(" › "),
            text,
        });
    }
}

/// Returns level and title of a Markdown heading.
fn heading(line: &str) -> Option<(usize, &str)> {
    let line = line.trim_start();
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    let title = rest.trim().trim_end_matches('#').trim_end();
    let is_heading = (1..=6).contains(&level) && rest.starts_with(' ') && !title.is_empty();
    is_heading.then_some((level, title))
}

/// Returns what stands behind the sign of a list.
fn bullet(line: &str) -> Option<&str> {
    ["- ", "* ", "+ ", "> "]
        .iter()
        .find_map(|sign| line.strip_prefix(sign))
}

/// Without signs that a voice would read out.
fn plain(text: &str) -> String {
    text.replace("**", "").replace("__", "").replace('`', "")
}

/// Cuts a paragraph at the ends of sentences where it is too long, and between words where a sentence is.
fn pieces(paragraph: &str) -> Vec<&str> {
    if characters(paragraph) <= LONGEST {
        return vec![paragraph];
    }
    let sentences = paragraph.split_inclusive(['.', '!', '?', '…', '。']);
    sentences.flat_map(words_of).map(str::trim).collect()
}

fn words_of(sentence: &str) -> Vec<&str> {
    let mut rest = sentence;
    let mut pieces = Vec::new();
    while let Some((end, _)) = rest.char_indices().nth(LONGEST / 2) {
        let (piece, _) = rest.split_at(end);
        let end = piece.rfind(' ').filter(|space| *space > 0).unwrap_or(end);
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paragraphs_know_their_headings() {
        let text = "# Hotel\n\n## Dogs\n\nDogs are **welcome**.\n\n## Parking\n- Two euros an hour\n- Free at night\n";

        let passages = split(text);

        let shown: Vec<_> = passages
            .iter()
            .map(|one| (&*one.heading, &*one.text))
            .collect();
        assert_eq!(
            shown,
            [
                ("Hotel › Dogs", "Dogs are welcome."),
                ("Hotel › Parking", "Two euros an hour. Free at night"),
            ]
        );
    }

    #[test]
    fn questions_stay_with_their_answers_and_long_paragraphs_are_cut_at_sentences() {
        let long = "We walk the dogs at seven. ".repeat(60);
        let text = format!("May I bring my dog?\n\nDogs are welcome.\n\n{long}");

        let passages = split(&text);

        assert_eq!(passages[0].text, "May I bring my dog? Dogs are welcome.");
        assert!(passages.len() > 2);
        for passage in &passages[1..] {
            assert!(passage.text.ends_with("at seven."), "{}", passage.text);
        }
    }

    proptest! {
        #[test]
        fn no_letter_is_lost_and_no_passage_is_too_long(text in "[a-zé .\n]{0,4000}") {
            let passages = split(&text);

            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            let kept: String = passages.iter().map(|one| letters(&one.text)).collect();
            prop_assert_eq!(kept, letters(&text));
            for passage in passages {
                prop_assert!(characters(&passage.text) <= LONGEST + 1);
            }
        }
    }
}
