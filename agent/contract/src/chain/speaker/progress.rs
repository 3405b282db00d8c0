//! How far one speaker has come in the text, by what it tells and, where it tells nothing, by its sound. Pure.

use std::{collections::VecDeque, time::Duration};

use super::script::Script;
use crate::WordTime;

/// Slower than people speak: a word too many is better than one too few.
const PER_CHARACTER: Duration = Duration::from_millis(80);

/// Quicker than people speak: by then the text must have been spoken.
const QUICKEST: Duration = Duration::from_millis(40);

/// Sound for which no place was told is guessed at beyond this.
const UNTOLD: Duration = Duration::from_millis(600);

/// The times of words are not more exact than a piece of sound.
const TOLERANCE: Duration = Duration::from_millis(20);

/// Far slower than anybody speaks, and what silence there may be beside.
const ENDLESS: (Duration, Duration) = (Duration::from_millis(400), Duration::from_secs(3));

#[derive(Debug)]
pub(super) struct Progress {
    /// Where in the text this speaker began.
    base: usize,
    /// How much sound it made.
    sound: Duration,
    /// How much of it since a place was told.
    untold: Duration,
    has_told: bool,
    /// Where words end, in sound and text, that have not sounded yet.
    words: VecDeque<(Duration, usize)>,
    cursor: usize,
}

impl Progress {
    pub(super) fn from(base: usize) -> Self {
        Self {
            base,
            sound: Duration::ZERO,
            untold: Duration::ZERO,
            has_told: false,
            words: VecDeque::new(),
            cursor: base,
        }
    }

    pub(super) fn base(&self) -> usize {
        self.base
    }

    pub(super) fn handle_words(&mut self, words: &[WordTime], script: &mut Script) {
        for time in words {
            if let Some(end) = script.end_of(time.word.trim(), self.cursor) {
                self.cursor = end;
                self.words.push_back((time.to, end));
            }
        }
        self.note_words(script);
    }

    pub(super) fn handle_sound(
        &mut self,
        duration: Duration,
        text_until: Option<usize>,
        script: &mut Script,
    ) {
        self.sound += duration;
        self.untold += duration;
        if let Some(until) = text_until {
            self.note(self.base.saturating_add(until), script);
        }
        self.note_words(script);
    }

    /// Returns whether there should be sound at present.
    pub(super) fn is_awaited(&self, script: &Script) -> bool {
        if self.has_told {
            return script.is_due();
        }
        let characters = u32::try_from(script.due()).unwrap_or(u32::MAX);
        script.is_due() && self.sound < QUICKEST.saturating_mul(characters)
    }

    /// Returns whether it has made more sound than any text needs.
    pub(super) fn is_endless(&self, characters: usize) -> bool {
        let (each, beside) = ENDLESS;
        let characters = u32::try_from(characters).unwrap_or(u32::MAX);
        self.sound > each.saturating_mul(characters) + beside
    }

    /// Guesses how far it has come with sound for which it told no place.
    pub(super) fn guess(&self, script: &mut Script) {
        if self.untold > UNTOLD {
            let characters = (self.untold.as_millis() / PER_CHARACTER.as_millis()) as usize;
            let place = script.word_at(script.begins() + characters);
            script.spoken_until(place);
        }
    }

    fn note_words(&mut self, script: &mut Script) {
        while let Some(&(to, end)) = self.words.front() {
            if to > self.sound + TOLERANCE {
                break;
            }
            self.words.pop_front();
            self.note(end, script);
        }
    }

    fn note(&mut self, place: usize, script: &mut Script) {
        script.spoken_until(place);
        self.untold = Duration::ZERO;
        self.has_told = true;
    }
}
