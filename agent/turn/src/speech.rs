//! One person's stretch of speech: their voice, their words, and whether it is over.

use std::time::{Duration, Instant};

use crate::{
    TurnSettings,
    alarm::Alarm,
    voice::VOICE_HANGOVER,
    words::{self, Completeness, Remark},
};

/// A transcriber that was asked for the rest of words it already told has so long to answer.
const SETTLE_WITHIN: Duration = Duration::from_millis(800);
/// A transcriber that has told nothing yet has so long: those that hear whole utterances need it.
const TELL_WITHIN: Duration = Duration::from_secs(3);
/// A voice that goes on so long after the last new word is a noise, if words come while one speaks.
const STALE_AFTER: Duration = Duration::from_secs(5);
/// The same if words come at the end only: long enough for a story.
const STALE_WITHOUT_INTERIM: Duration = Duration::from_secs(30);
/// A voice at least so long wanted to say something; a shorter one was a cough.
const WORTH_ASKING: Duration = Duration::from_millis(600);
/// An end of turn told so soon after the voice came back is about what was said before.
const CROSSED: Duration = Duration::from_millis(300);
/// Words that settled so shortly before the voice ended were the last ones.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// A late transcript of a turn that was answered on its interim comes within this.
const LATE: Duration = Duration::from_secs(3);

/// A person, and what they are saying.
#[derive(Debug, Default)]
pub(crate) struct Speech {
    voice: Voice,
    finals: String,
    interim: String,
    began: Option<Instant>,
    changed: Option<Instant>,
    settled: Option<Instant>,
    asked: Option<Instant>,
    voiced: Duration,
    is_over: bool,
    interrupted: bool,
    has_interims: bool,
    prepared: u32,
    spent: Option<Spent>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Voice {
    #[default]
    Silent,
    On {
        since: Instant,
    },
    Off {
        ended: Instant,
    },
    /// It still sounds, but its turn is over.
    Carried,
}

/// Words that were answered before they were final.
#[derive(Debug)]
struct Spent {
    text: String,
    until: Instant,
}

/// What has become of a stretch of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It goes on, or there is none.
    Open,
    /// A turn.
    Said(String),
    /// Somebody wanted something, but there are no words.
    Misheard,
    /// A noise.
    Noise,
}

/// What a voice does to a reply that is held for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grip {
    /// Too early to tell.
    Undecided,
    /// It has lasted: an interruption.
    Lasting,
    /// It was nothing.
    Gone,
}

impl Speech {
    pub(crate) fn handle_voice_began(&mut self, now: Instant) {
        self.voice = Voice::On { since: now };
        self.began.get_or_insert(now);
        self.asked = None;
    }

    pub(crate) fn handle_voice_ended(&mut self, now: Instant) {
        self.voice = match self.voice {
            Voice::On { since } => {
                let ended = now
                    .checked_sub(VOICE_HANGOVER)
                    .map_or(now, |at| at.max(since));
                self.voiced += ended.saturating_duration_since(since);
                Voice::Off { ended }
            }
            Voice::Carried => Voice::Silent,
            Voice::Silent | Voice::Off { .. } => self.voice,
        };
    }

    /// Takes in an interim; returns whether the words changed.
    pub(crate) fn handle_interim(&mut self, now: Instant, text: &str) -> bool {
        self.has_interims = true;
        let Some(text) = self.unspent(now, text) else {
            return false;
        };
        let changed = !words::same(&self.interim, text);
        text.trim().clone_into(&mut self.interim);
        if changed {
            self.note_words(now, text);
            self.asked = None;
        }
        changed
    }

    /// Takes in a final; returns whether the words changed.
    pub(crate) fn handle_final(&mut self, now: Instant, text: &str) -> bool {
        let unspent = self.unspent(now, text);
        self.spent = None;
        let Some(text) = unspent else {
            return false;
        };
        let changed = !words::same(&self.interim, text);
        self.interim.clear();
        let text = text.trim();
        if !text.is_empty() {
            if !self.finals.is_empty() {
                self.finals.push(' ');
            }
            self.finals.push_str(text);
        }
        if changed {
            self.note_words(now, text);
        }
        self.settled = Some(now);
        changed
    }

    pub(crate) fn handle_end_of_turn(&mut self, now: Instant) {
        self.settled = Some(now);
        let came_back = matches!(self.voice, Voice::On { since }
            if now.saturating_duration_since(since) < CROSSED && self.began != Some(since));
        if self.has_words() && !came_back {
            self.is_over = true;
        }
    }

    pub(crate) fn text(&self) -> String {
        match (self.finals.is_empty(), self.interim.is_empty()) {
            (_, true) => self.finals.clone(),
            (true, false) => self.interim.clone(),
            (false, false) => format!("{} {}", self.finals, self.interim),
        }
    }

    pub(crate) fn remark(&self) -> Remark {
        Remark::of(&self.text())
    }

    pub(crate) fn has_words(&self) -> bool {
        self.remark() != Remark::Nothing
    }

    /// Returns whether there are words that are meant, and that came after this.
    pub(crate) fn is_meant_since(&self, moment: Instant) -> bool {
        self.changed.is_some_and(|changed| changed > moment) && self.remark() == Remark::Meant
    }

    /// Returns when it began.
    pub(crate) fn began(&self) -> Option<Instant> {
        self.began
    }

    /// Returns whether something is being said, or was said and is not decided.
    pub(crate) fn is_open(&self) -> bool {
        match self.voice {
            Voice::On { .. } | Voice::Off { .. } => true,
            Voice::Silent | Voice::Carried => self.has_words(),
        }
    }

    /// Returns whether somebody is speaking.
    pub(crate) fn is_speaking(&self, alarm: &mut Alarm) -> bool {
        match self.voice {
            Voice::On { .. } => self.quiet_since(alarm).is_none(),
            Voice::Silent | Voice::Off { .. } | Voice::Carried => false,
        }
    }

    /// Returns whether the transcriber should tell what is open, once.
    pub(crate) fn wants_final(&mut self, settings: &TurnSettings, alarm: &mut Alarm) -> bool {
        if self.asked.is_some() || !self.is_open() {
            return false;
        }
        let Some(quiet) = self.quiet_since(alarm) else {
            return false;
        };
        if self.is_settled(quiet) {
            return false;
        }
        let pause = match Completeness::of(&self.text()) {
            Completeness::Complete => VOICE_HANGOVER,
            Completeness::Unmarked | Completeness::Dictating | Completeness::Trailing => {
                Duration::from_millis(settings.min_pause_ms.into())
            }
        };
        if !alarm.is_due(quiet + pause) {
            return false;
        }
        self.asked = Some(alarm.now());
        true
    }

    /// Returns what has become of it.
    pub(crate) fn outcome(&self, settings: &TurnSettings, alarm: &mut Alarm) -> Outcome {
        if !self.is_open() {
            return Outcome::Open;
        }
        if self.is_over {
            return Outcome::Said(self.text());
        }
        let Some(quiet) = self.quiet_since(alarm) else {
            return Outcome::Open;
        };
        let asked = self.asked.unwrap_or(quiet);
        if !self.has_words() {
            if !self.is_settled(quiet) && !alarm.is_due(asked + TELL_WITHIN) {
                return Outcome::Open;
            }
            let wanted = self.interrupted || self.voiced >= WORTH_ASKING;
            return if wanted {
                Outcome::Misheard
            } else {
                Outcome::Noise
            };
        }
        let patience = Completeness::of(&self.text()).patience(settings);
        if !alarm.is_due(quiet + patience) {
            return Outcome::Open;
        }
        if !self.is_settled(quiet) && !alarm.is_due(asked + SETTLE_WITHIN) {
            return Outcome::Open;
        }
        Outcome::Said(self.text())
    }

    /// Returns what it does to a reply held since then.
    pub(crate) fn grip(&self, held: Instant, settings: &TurnSettings, alarm: &mut Alarm) -> Grip {
        match self.voice {
            Voice::On { since } if since >= held => {
                let once = Duration::from_millis(settings.interruption_ms.into());
                let long = match self.remark() {
                    Remark::Nothing => once,
                    Remark::Listening | Remark::Agreeing | Remark::Meant => once * 2,
                };
                if alarm.is_due(since + long + VOICE_HANGOVER) {
                    Grip::Lasting
                } else {
                    Grip::Undecided
                }
            }
            Voice::Off { ended } => {
                let patience = Duration::from_millis(settings.resume_after_ms.into());
                if self.settled.is_some_and(|at| at >= ended) || alarm.is_due(ended + patience) {
                    Grip::Gone
                } else {
                    Grip::Undecided
                }
            }
            Voice::On { .. } | Voice::Silent | Voice::Carried => Grip::Gone,
        }
    }

    /// Remembers that it stopped a reply, so that something has to follow.
    pub(crate) fn mark_interrupting(&mut self) {
        self.interrupted |= self.is_open();
    }

    /// Returns how many replies were prepared for it.
    pub(crate) fn prepared(&self) -> u32 {
        self.prepared
    }

    pub(crate) fn count_prepared(&mut self) {
        self.prepared += 1;
    }

    /// Returns whether its words may be the last ones, so that a reply can begin.
    pub(crate) fn is_answerable(&self, stable: Duration, alarm: &mut Alarm) -> bool {
        let is_on = matches!(self.voice, Voice::On { .. });
        let is_off = matches!(self.voice, Voice::Off { .. });
        match Completeness::of(&self.text()) {
            Completeness::Complete if is_on || (!is_off && !self.interim.is_empty()) => self
                .changed
                .is_some_and(|changed| alarm.is_due(changed + stable)),
            Completeness::Complete => true,
            // In the middle of speech every word is followed by another.
            Completeness::Unmarked => !is_on,
            Completeness::Dictating | Completeness::Trailing => false,
        }
    }

    /// Begins anew: its words were answered, kept or dropped.
    pub(crate) fn close(&mut self, now: Instant) {
        let spent = (!self.interim.is_empty()).then(|| Spent {
            text: self.interim.clone(),
            until: now + LATE,
        });
        let voice = match self.voice {
            Voice::On { .. } | Voice::Carried => Voice::Carried,
            Voice::Silent | Voice::Off { .. } => Voice::Silent,
        };
        *self = Self {
            voice,
            spent: spent.or_else(|| self.spent.take()),
            has_interims: self.has_interims,
            ..Self::default()
        };
    }

    fn note_words(&mut self, now: Instant, text: &str) {
        if words::words(text).is_empty() {
            return;
        }
        self.changed = Some(now);
        self.began.get_or_insert(now);
        self.is_over = false;
        if self.voice == Voice::Carried {
            self.voice = Voice::On { since: now };
        }
    }

    /// Returns since when nothing is said; nothing while somebody speaks.
    fn quiet_since(&self, alarm: &mut Alarm) -> Option<Instant> {
        match self.voice {
            Voice::Off { ended } => Some(ended),
            Voice::Silent | Voice::Carried => self.changed,
            Voice::On { since } => {
                let last_sign = self.changed.map_or(since, |changed| changed.max(since));
                let stale = if self.has_interims {
                    STALE_AFTER
                } else {
                    STALE_WITHOUT_INTERIM
                };
                alarm.is_due(last_sign + stale).then_some(last_sign + stale)
            }
        }
    }

    fn is_settled(&self, quiet: Instant) -> bool {
        let margin = if self.has_interims {
            LAST_WORDS
        } else {
            Duration::ZERO
        };
        self.interim.is_empty() && self.settled.is_some_and(|at| at + margin >= quiet)
    }

    /// Returns what is new in the text: not what was answered already, before it was final.
    fn unspent<'a>(&self, now: Instant, text: &'a str) -> Option<&'a str> {
        let Some(spent) = &self.spent else {
            return Some(text);
        };
        match words::behind(text, &spent.text) {
            Some(rest) if !rest.is_empty() => Some(rest),
            _ if now <= spent.until && words::overlap(&spent.text, text) => None,
            _ => Some(text),
        }
    }
}
