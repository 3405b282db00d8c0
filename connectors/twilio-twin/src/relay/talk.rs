//! What a session says to the person, and how much of it was heard.

use std::{collections::VecDeque, time::Duration};

use room_media::ulaw;

use crate::{FRAME, TICK, Voice};

/// One thing to say.
#[derive(Debug)]
pub(super) struct Says {
    pub(super) text: String,
    pub(super) codes: Vec<u8>,
    pub(super) by_speech: bool,
    pub(super) by_dtmf: bool,
}

/// The talk cycle: what waits, what sounds, what was heard.
#[derive(Debug, Default)]
pub(super) struct Talk {
    waiting: VecDeque<Says>,
    position: usize,
    /// Tokens that are no sentence yet.
    tokens: String,
    heard: String,
    ticks: u32,
}

/// More than anybody listens to; what comes then is dropped.
const MOST_WAITING: usize = 1_000;

impl Talk {
    pub(super) fn add(&mut self, says: Says) {
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(says);
        }
    }

    /// Takes a token and returns the sentences that are whole; with the last one, the rest.
    pub(super) fn collect(&mut self, token: &str, last: bool) -> Vec<String> {
        self.tokens.push_str(token);
        let mut sentences = Vec::new();
        while let Some(end) = self.tokens.find(['.', '!', '?', ':', ';', '\n']) {
            let rest = self.tokens.split_off(end + 1);
            sentences.push(std::mem::replace(&mut self.tokens, rest));
        }
        if last {
            sentences.push(std::mem::take(&mut self.tokens));
        }
        sentences.retain(|sentence| !sentence.trim().is_empty());
        sentences
    }

    pub(super) fn is_interruptible(&self, by: impl Fn(&Says) -> bool) -> bool {
        self.waiting.front().is_some_and(by)
    }

    /// Says nothing more; returns what was heard of this talk cycle, and for how long.
    pub(super) fn cut(&mut self) -> (String, Duration) {
        let mut heard = std::mem::take(&mut self.heard);
        if let Some(says) = self.waiting.front() {
            let share = self.position as f64 / says.codes.len().max(1) as f64;
            let letters = (says.text.chars().count() as f64 * share) as usize;
            heard.extend(says.text.chars().take(letters));
        }
        let after = TICK * self.ticks;
        *self = Self::default();
        (heard, after)
    }

    /// Returns the next 20 ms.
    pub(super) fn play(&mut self) -> [u8; FRAME] {
        let mut frame = [ulaw::SILENCE; FRAME];
        let Some(says) = self.waiting.front() else {
            self.heard.clear();
            self.ticks = 0;
            return frame;
        };
        let rest = &says.codes[self.position..];
        let count = rest.len().min(FRAME);
        frame[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        self.ticks += 1;
        if self.position >= says.codes.len()
            && let Some(said) = self.waiting.pop_front()
        {
            self.heard.push_str(&said.text);
            self.position = 0;
        }
        frame
    }
}

pub(super) fn speak(voice: &dyn Voice, text: &str, language: &str) -> Vec<u8> {
    let samples = voice.speak(text, language, "");
    samples.into_iter().map(ulaw::encode).collect()
}
