//! Sections that a server asks for. LiveKit's (1.13.5) takes a track that came and went between two exchanges for one
//! that still waits for its section, and asks for another one after each answer. Whoever gives in negotiates every few
//! milliseconds from then on, with a longer description each time.

use std::time::{Duration, Instant};

/// Exchanges in a row that leave empty what was asked for; fewer may be chance.
const PATIENCE: u32 = 3;
/// Whoever asks sooner after an exchange does not ask for something new: the server gathers that for 150 ms.
const AT_ONCE: Duration = Duration::from_millis(100);

/// What became of the sections that were asked for.
#[derive(Debug)]
pub(super) struct Demand<S> {
    /// Without an exchange since.
    asked: Vec<S>,
    /// Exchanges in a row that left all of them empty.
    futile: u32,
    exchanged: Option<Instant>,
}

impl<S> Demand<S> {
    pub(super) fn new() -> Self {
        Self {
            asked: Vec::new(),
            futile: 0,
            exchanged: None,
        }
    }

    /// Returns whether another section would stay empty like those before it.
    pub(super) fn is_futile(&self, now: Instant) -> bool {
        let is_new = |at| now.duration_since(at) < AT_ONCE;
        self.futile >= PATIENCE && self.exchanged.is_some_and(is_new)
    }

    /// Notes a section. Those of before the first exchange are kept ready, and nobody has asked for them.
    pub(super) fn handle_section(&mut self, section: S) {
        if self.exchanged.is_some() {
            self.asked.push(section);
        }
    }

    /// Notes the end of an exchange. `is_used` tells whether a section carries something by now, `None` if it was not
    /// part of the exchange.
    pub(super) fn handle_exchange(&mut self, now: Instant, is_used: impl Fn(&S) -> Option<bool>) {
        self.exchanged = Some(now);
        let mut found = Vec::new();
        self.asked.retain(|section| match is_used(section) {
            Some(used) => {
                found.push(used);
                false
            }
            None => true,
        });
        if found.contains(&true) {
            self.futile = 0;
        } else if !found.is_empty() {
            self.futile += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(3);

    /// Asks for one after each exchange, as long as it gets one; returns how many it got of `most`.
    fn ask(demand: &mut Demand<()>, start: Instant, most: u32, used: bool) -> u32 {
        let mut now = start;
        demand.handle_exchange(now, |()| None);
        for given in 0..most {
            now += SOON;
            if demand.is_futile(now) {
                return given;
            }
            demand.handle_section(());
            now += SOON;
            demand.handle_exchange(now, |()| Some(used));
        }
        most
    }

    #[test]
    fn sections_that_are_used_are_given_without_end() {
        let mut demand = Demand::new();

        assert_eq!(ask(&mut demand, Instant::now(), 100, true), 100);
    }

    #[test]
    fn whoever_leaves_them_empty_gets_three() {
        let mut demand = Demand::new();

        assert_eq!(ask(&mut demand, Instant::now(), 100, false), PATIENCE);
    }

    #[test]
    fn whoever_asks_later_gets_one_still() {
        let mut demand = Demand::new();
        let start = Instant::now();
        ask(&mut demand, start, 100, false);

        assert!(!demand.is_futile(start + Duration::from_secs(1)));
    }

    #[test]
    fn one_that_is_used_makes_good_for_those_before() {
        let mut demand = Demand::new();
        let start = Instant::now();
        ask(&mut demand, start, 2, false);
        ask(&mut demand, start, 1, true);

        assert_eq!(ask(&mut demand, start, 100, false), PATIENCE);
    }

    #[test]
    fn one_that_was_no_part_of_an_exchange_is_waited_for() {
        let mut demand = Demand::new();
        let now = Instant::now();
        demand.handle_exchange(now, |()| None);
        demand.handle_section(());
        for _ in 0..10 {
            demand.handle_exchange(now, |()| None);
        }

        assert!(!demand.is_futile(now));
    }

    #[test]
    fn those_of_the_beginning_were_not_asked_for() {
        let mut demand = Demand::new();
        let now = Instant::now();
        for _ in 0..10 {
            demand.handle_section(());
        }
        demand.handle_exchange(now, |()| Some(false));

        assert!(!demand.is_futile(now));
    }
}
