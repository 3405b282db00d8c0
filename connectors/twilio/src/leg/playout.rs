//! What the caller has really heard, and how late. Pure: time is an argument.
//!
//! Twilio plays what it is sent in order and sends each mark back when the sound before it was played. After a clear
//! it sends all marks back at once, so a mark carries the number of the clears before it, its generation: one of an
//! older generation says nothing.

use std::{collections::VecDeque, time::Duration};

use room_contract::telephone::LONGEST_DELAY_MS;
use tokio::time::Instant;

use super::{
    lead::{Lead, is_pause},
    pace::TICK,
};

/// Sound between two marks.
const MARK_EVERY: u32 = 10;

/// Marks that are waited for; one for each 200 ms. When more are out, Twilio sends none back, and the oldest are
/// given up.
const MOST_OUT: usize = 256;

/// Ticks without sound after which nothing is sent: words of one sentence stay in step.
const QUIET: u32 = 10;

/// One part in this many of a new measurement moves the delay.
const SMOOTHING: u32 = 4;

/// The delay is told in such steps,
const STEP: Duration = Duration::from_millis(20);

/// and only when it has moved by this much.
const WORTH_TELLING: Duration = Duration::from_millis(40);

/// A longer delay is a fault of measurement.
const LONGEST_DELAY: Duration = Duration::from_millis(LONGEST_DELAY_MS);

/// How late it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Late {
    /// By this the tick is late.
    pub(super) tick: Duration,
    /// By this the machine was late of late, at worst.
    pub(super) machine: Duration,
}

/// What to send in a tick, in this order.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Tick {
    /// Silence first, so long.
    pub(super) lead: Duration,
    /// The sound of the tick, so many times.
    pub(super) times: u32,
    /// A mark of this name.
    pub(super) mark: Option<String>,
}

/// What a mark that came back says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    /// What was sent before it was heard.
    Heard,
    /// What was sent before it was heard, or cleared.
    Stale,
    /// It was never sent, or came back before.
    Unsent,
}

/// Keeps the account of one leg.
#[derive(Debug)]
pub(super) struct Playout {
    lead: Lead,
    generation: u32,
    next_mark: u64,
    out: VecDeque<Mark>,
    /// Marks of older generations that have not come back.
    stale: usize,
    /// Ticks of sound that were sent in this generation.
    sent: u64,
    /// Ticks of them that were heard.
    heard: u64,
    /// Ticks that were heard in older generations.
    heard_before: u64,
    unmarked: u32,
    /// Ticks without sound, one after the other.
    quiet: u32,
    delay: Option<Duration>,
    told: Option<Duration>,
}

#[derive(Debug)]
struct Mark {
    number: u64,
    /// How many ticks had been sent.
    sent: u64,
    /// When the last of them would have been over without any delay.
    over: Instant,
}

impl Playout {
    pub(super) fn new(lead: Duration) -> Self {
        Self {
            lead: Lead::new(lead),
            generation: 0,
            next_mark: 0,
            out: VecDeque::new(),
            stale: 0,
            sent: 0,
            heard: 0,
            heard_before: 0,
            unmarked: 0,
            quiet: QUIET,
            delay: None,
            told: None,
        }
    }

    /// Decides what of a tick is sent that begins at `due`.
    pub(super) fn handle_tick(&mut self, due: Instant, late: Late, mix: &[i16]) -> Tick {
        let was_quiet = self.is_quiet();
        let silent = mix.iter().all(|&sample| sample == 0);
        self.quiet = if silent {
            (self.quiet + 1).min(QUIET)
        } else {
            0
        };
        if self.is_quiet() {
            return Tick {
                mark: self.last_mark(due),
                ..Tick::default()
            };
        }
        let (lead, times) = if was_quiet {
            (self.lead.begin(late.machine), 1)
        } else if is_pause(mix) {
            (Duration::ZERO, self.lead.handle_pause(late.machine))
        } else {
            (Duration::ZERO, 1)
        };
        self.lead.handle_tick(late.tick);
        self.sent += 1;
        self.unmarked += 1;
        Tick {
            lead,
            times,
            mark: (self.unmarked >= MARK_EVERY).then(|| self.mark(due + TICK)),
        }
    }

    /// Returns the mark that ends what was sent, if that has none yet.
    pub(super) fn last_mark(&mut self, now: Instant) -> Option<String> {
        (self.unmarked > 0).then(|| self.mark(now))
    }

    /// Takes in a mark that came back.
    pub(super) fn handle_echo(&mut self, now: Instant, name: &str) -> Echo {
        let Some((generation, number)) = read(name) else {
            return Echo::Unsent;
        };
        if generation < self.generation && self.stale > 0 {
            self.stale -= 1;
            return Echo::Stale;
        }
        let place = self.out.iter().position(|mark| mark.number == number);
        let (true, Some(place)) = (generation == self.generation, place) else {
            return Echo::Unsent;
        };
        // Marks come back in order: one that did not was lost on the way.
        let mark = self.out.drain(..=place).next_back();
        if let Some(mark) = mark {
            self.heard = mark.sent;
            self.measure(now.saturating_duration_since(mark.over));
        }
        Echo::Heard
    }

    /// Takes in that Twilio is told to drop what it has not played: what follows is of another generation.
    pub(super) fn handle_clear(&mut self, now: Instant) {
        let played = self.played(now);
        self.heard_before += played;
        self.begin_generation();
        self.stale = (self.stale + self.out.len()).min(MOST_OUT);
        self.out.clear();
    }

    /// Takes in that the socket is lost, and with it what was not played.
    pub(super) fn handle_lost(&mut self, now: Instant) {
        self.handle_clear(now);
        self.stale = 0;
    }

    /// Returns how much sound was heard, silence within it included.
    pub(super) fn heard(&self) -> Duration {
        let ticks = self.heard_before + self.heard;
        TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
    }

    /// Returns whether everything that was sent was heard.
    pub(super) fn is_all_heard(&self) -> bool {
        self.sent == self.heard
    }

    /// Returns whether nothing is being said.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet >= QUIET
    }

    /// Returns the delay when it is time to tell another one; `waiting` is what sound has waited before it got here.
    pub(super) fn poll_delay(&mut self, waiting: Duration) -> Option<Duration> {
        let delay = self.delay? + waiting;
        if self
            .told
            .is_some_and(|told| told.abs_diff(delay) < WORTH_TELLING)
        {
            return None;
        }
        let steps = (delay + STEP / 2).as_millis() / STEP.as_millis();
        let delay = STEP * u32::try_from(steps).unwrap_or_default();
        self.told = Some(delay);
        Some(delay)
    }

    /// How many ticks of this generation were played by now, as far as can be told.
    fn played(&self, now: Instant) -> u64 {
        let Some(delay) = self.delay else {
            return self.heard;
        };
        let over = self.out.iter().take_while(|mark| mark.over + delay <= now);
        over.last().map_or(self.heard, |mark| mark.sent)
    }

    fn begin_generation(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.sent = 0;
        self.heard = 0;
        self.unmarked = 0;
        self.quiet = QUIET;
    }

    fn mark(&mut self, over: Instant) -> String {
        let number = self.next_mark;
        self.next_mark += 1;
        self.unmarked = 0;
        if self.out.len() == MOST_OUT {
            self.out.pop_front();
        }
        self.out.push_back(Mark {
            number,
            sent: self.sent,
            over,
        });
        format!("p{}.{number}", self.generation)
    }

    fn measure(&mut self, delay: Duration) {
        let delay = delay.min(LONGEST_DELAY);
        self.delay = Some(match self.delay {
            Some(old) => (old * (SMOOTHING - 1) + delay) / SMOOTHING,
            None => delay,
        });
    }
}

/// Reads generation and number.
fn read(name: &str) -> Option<(u32, u64)> {
    let (generation, number) = name.strip_prefix('p')?.split_once('.')?;
    Some((generation.parse().ok()?, number.parse().ok()?))
}

#[cfg(test)]
mod tests;
