//! Texts that can be searched: the passages that fit a question best, by BM25.

mod passages;
mod words;

use std::collections::HashMap;

use passages::{Passage, split};
use words::terms;

/// How soon further mentions of a word stop to matter; the usual value.
const SATURATION: f32 = 1.2;

/// How much a long passage is held against it; the usual value.
const LENGTH_WEIGHT: f32 = 0.75;

/// A passage below this share of the best one's score shares a common word with the question, nothing else.
const WORTH_TELLING: f32 = 0.3;

/// A few thick handbooks: the index of more belongs into a database.
const MOST_PASSAGES: usize = 50_000;

/// A text and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// A file's name, such as `prices.md`.
    pub source: String,
    /// Plain text or Markdown.
    pub text: String,
}

impl Document {
    /// Returns a document.
    pub fn new(source: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            text: text.into(),
        }
    }
}

/// Why texts cannot be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KnowledgeError {
    /// Give it a text, or take the tool away.
    #[error("there is nothing to search: give it a text, or take `search_knowledge` away")]
    Empty,
    /// Give it less.
    #[error("there is too much to search: at most {MOST_PASSAGES} paragraphs")]
    TooMuch,
}

/// A passage that fits a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'a> {
    /// The document it is from.
    pub source: &'a str,
    /// The headings above it; empty when there are none.
    pub heading: &'a str,
    /// The passage.
    pub text: &'a str,
    /// How well it fits; only good for comparing.
    pub score: f32,
}

/// An index over documents, made once.
#[derive(Debug)]
pub struct Knowledge {
    sources: Vec<String>,
    passages: Vec<Indexed>,
    /// For each term the passages with it, and how often.
    places: HashMap<String, Vec<(usize, f32)>>,
    mean_length: f32,
}

#[derive(Debug)]
struct Indexed {
    source: usize,
    passage: Passage,
    length: f32,
}

impl Knowledge {
    /// Reads documents.
    ///
    /// # Errors
    /// [`KnowledgeError`] when no document has a word in it, or they are too long.
    pub fn new(documents: &[Document]) -> Result<Self, KnowledgeError> {
        let mut knowledge = Self {
            sources: Vec::with_capacity(documents.len()),
            passages: Vec::new(),
            places: HashMap::new(),
            mean_length: 0.0,
        };
        for (source, document) in documents.iter().enumerate() {
            knowledge.sources.push(document.source.clone());
            for passage in split(&document.text) {
                knowledge.add(source, passage)?;
            }
        }
        if knowledge.passages.is_empty() {
            return Err(KnowledgeError::Empty);
        }
        let total: f32 = knowledge.passages.iter().map(|one| one.length).sum();
        knowledge.mean_length = total / count(knowledge.passages.len());
        Ok(knowledge)
    }

    fn add(&mut self, source: usize, passage: Passage) -> Result<(), KnowledgeError> {
        let terms = terms(&passage.heading).chain(terms(&passage.text));
        let mut mentions: HashMap<String, f32> = HashMap::new();
        for term in terms {
            *mentions.entry(term).or_default() += 1.0;
        }
        if mentions.is_empty() {
            return Ok(());
        }
        if self.passages.len() == MOST_PASSAGES {
            return Err(KnowledgeError::TooMuch);
        }
        let length = mentions.values().sum();
        for (term, times) in mentions {
            let places = self.places.entry(term).or_default();
            places.push((self.passages.len(), times));
        }
        self.passages.push(Indexed {
            source,
            passage,
            length,
        });
        Ok(())
    }

    /// Returns the passages that fit a question best, the best first.
    #[must_use]
    pub fn search(&self, question: &str, most: usize) -> Vec<Found<'_>> {
        let mut asked: Vec<String> = terms(question).collect();
        asked.sort_unstable();
        asked.dedup();
        let mut scores: HashMap<usize, f32> = HashMap::new();
        for term in &asked {
            for (passage, score) in self.scores_of(term) {
                *scores.entry(passage).or_default() += score;
            }
        }

        let mut ranked: Vec<(usize, f32)> = scores.into_iter().collect();
        // Of two alike the earlier one, so that a question has one answer.
        ranked.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        let best = ranked.first().map_or(0.0, |(_, score)| *score);
        ranked
            .into_iter()
            .take_while(|(_, score)| *score >= best * WORTH_TELLING)
            .take(most)
            .map(|(passage, score)| self.found(passage, score))
            .collect()
    }

    fn scores_of(&self, term: &str) -> impl Iterator<Item = (usize, f32)> {
        let places = self.places.get(term).map_or(&[][..], Vec::as_slice);
        let with = count(places.len());
        let without = count(self.passages.len()) - with;
        let rarity = (1.0 + (without + 0.5) / (with + 0.5)).ln();
        places.iter().map(move |(passage, times)| {
            let length = self.passages[*passage].length / self.mean_length;
            let damping = SATURATION * (1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * length);
            let score = rarity * times * (SATURATION + 1.0) / (times + damping);
            (*passage, score)
        })
    }

    fn found(&self, passage: usize, score: f32) -> Found<'_> {
        let indexed = &self.passages[passage];
        Found {
            source: &self.sources[indexed.source],
            heading: &indexed.passage.heading,
            text: &indexed.passage.text,
            score,
        }
    }
}

/// A number of passages; there are too few to lose precision over.
fn count(passages: usize) -> f32 {
    u16::try_from(passages).map_or(f32::from(u16::MAX), f32::from)
}

#[cfg(test)]
mod tests;
