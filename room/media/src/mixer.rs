//! Everybody hears everybody else: the sum of the others for each, by a matrix of who hears whom.

mod limiter;

use std::collections::BTreeSet;

use limiter::Limiter;

use crate::Format;

/// A participant's place at the mixer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seat(usize);

/// Whether one participant's words reach another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// They do.
    Open,
    /// They do not: one of the two talks in private, or is on hold.
    Closed,
}

/// Mixes one tick of audio after the other.
///
/// In each tick every participant may [`put`](Mixer::put) what they said, then each takes what they
/// [`hear`](Mixer::hear), and [`next_tick`](Mixer::next_tick) begins the next. A newcomer hears and
/// is heard by all. Sums are exact integers until the limiter, so the order in which participants
/// put their sound does not matter.
#[derive(Debug)]
pub struct Mixer {
    values: usize,
    format: Format,
    /// Everything said in this tick.
    sum: Vec<i32>,
    /// One listener's part of `sum`; kept to spare an allocation per listener.
    mix: Vec<i32>,
    seats: Vec<Option<Participant>>,
}

#[derive(Debug)]
struct Participant {
    /// What was said in this tick; empty when silent.
    said: Vec<i16>,
    /// Whom this participant must not hear.
    closed_to: BTreeSet<Seat>,
    limiter: Limiter,
}

impl Mixer {
    /// Returns a mixer for ticks of `samples` per channel.
    #[must_use]
    pub fn new(format: Format, samples: usize) -> Self {
        let values = samples * format.channels.count();
        Self {
            values,
            format,
            sum: vec![0; values],
            mix: Vec::with_capacity(values),
            seats: Vec::new(),
        }
    }

    /// Gives a newcomer a seat.
    pub fn join(&mut self) -> Seat {
        let participant = Participant {
            said: Vec::with_capacity(self.values),
            closed_to: BTreeSet::new(),
            limiter: Limiter::new(self.format),
        };
        if let Some(free) = self.seats.iter().position(Option::is_none) {
            self.seats[free] = Some(participant);
            return Seat(free);
        }
        self.seats.push(Some(participant));
        Seat(self.seats.len() - 1)
    }

    /// Frees a seat. What its participant said in this tick is not heard any more.
    pub fn leave(&mut self, seat: Seat) {
        self.put(seat, &[]);
        let Some(place) = self.seats.get_mut(seat.0) else {
            return;
        };
        *place = None;
        for participant in self.seats.iter_mut().flatten() {
            participant.closed_to.remove(&seat);
        }
    }

    /// Opens or closes the way from `speaker` to `listener`. Nobody ever hears themselves.
    pub fn set_hearing(&mut self, listener: Seat, speaker: Seat, hearing: Hearing) {
        let sits = self.seats.get(speaker.0).is_some_and(Option::is_some);
        if listener == speaker || !sits {
            return;
        }
        let Some(listener) = self.seats.get_mut(listener.0).and_then(Option::as_mut) else {
            return;
        };
        match hearing {
            Hearing::Open => listener.closed_to.remove(&speaker),
            Hearing::Closed => listener.closed_to.insert(speaker),
        };
    }

    /// Takes what `seat` says in this tick, in place of what it said before. A short piece ends in
    /// silence, what is too long is cut, an empty seat is ignored.
    pub fn put(&mut self, seat: Seat, samples: &[i16]) {
        let Some(speaker) = self.seats.get_mut(seat.0).and_then(Option::as_mut) else {
            return;
        };
        subtract(&mut self.sum, &speaker.said);
        speaker.said.clear();
        speaker.said.extend(samples.iter().take(self.values));
        for (sum, &new) in self.sum.iter_mut().zip(&speaker.said) {
            *sum += i32::from(new);
        }
    }

    /// Writes what `seat` hears in this tick: the others, limited where their sum is too loud. To
    /// be called once per tick and listener, for the limiter remembers. Beyond the tick's length,
    /// and at an empty seat, there is silence.
    pub fn hear(&mut self, seat: Seat, output: &mut [i16]) {
        output.fill(0);
        let Some(mut listener) = self.seats.get_mut(seat.0).and_then(Option::take) else {
            return;
        };
        self.mix.clear();
        self.mix.extend_from_slice(&self.sum);
        subtract(&mut self.mix, &listener.said);
        for speaker in &listener.closed_to {
            if let Some(speaker) = &self.seats[speaker.0] {
                subtract(&mut self.mix, &speaker.said);
            }
        }
        listener.limiter.process(&self.mix, output);
        self.seats[seat.0] = Some(listener);
    }

    /// Forgets what was said: silence until somebody puts something.
    pub fn next_tick(&mut self) {
        self.sum.fill(0);
        for participant in self.seats.iter_mut().flatten() {
            participant.said.clear();
        }
    }
}

fn subtract(sum: &mut [i32], said: &[i16]) {
    for (sum, &said) in sum.iter_mut().zip(said) {
        *sum -= i32::from(said);
    }
}

#[cfg(test)]
mod tests;
