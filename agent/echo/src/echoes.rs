//! Decides when to repeat what. Pure: time is an argument.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use room_contract::Identity;

use crate::utterance::Utterance;

/// Utterances that wait to be repeated; when it is full the oldest is dropped.
const WAITING: usize = 4;

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Say these samples.
    Say(Vec<i16>),
    /// Fall silent at once.
    Stop,
}

/// Everybody's utterances, and whether one is being repeated.
#[derive(Default)]
pub(crate) struct Echoes {
    speakers: BTreeMap<Identity, Utterance>,
    waiting: VecDeque<Vec<i16>>,
    repeating: bool,
    actions: VecDeque<Action>,
}

impl Echoes {
    /// Takes in what somebody said. Whoever begins to speak interrupts.
    pub(crate) fn handle_audio(&mut self, now: Instant, who: &Identity, samples: &[i16]) {
        let began = self
            .speakers
            .entry(who.clone())
            .or_default()
            .handle_audio(now, samples);
        if began && self.repeating {
            self.repeating = false;
            self.waiting.clear();
            self.actions.push_back(Action::Stop);
        }
        self.handle_timeout(now);
    }

    /// Forgets somebody who left.
    pub(crate) fn handle_left(&mut self, who: &Identity) {
        self.speakers.remove(who);
    }

    /// Takes in that all was said.
    pub(crate) fn handle_said(&mut self) {
        self.repeating = false;
        self.repeat();
    }

    /// Returns when a pause may be over.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.speakers.values().filter_map(Utterance::deadline).min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        for said in self
            .speakers
            .values_mut()
            .filter_map(|speaker| speaker.handle_timeout(now))
        {
            if self.waiting.len() == WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(said);
        }
        self.repeat();
    }

    pub(crate) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    fn repeat(&mut self) {
        if self.repeating {
            return;
        }
        if let Some(said) = self.waiting.pop_front() {
            self.repeating = true;
            self.actions.push_back(Action::Say(said));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LOUD: [i16; 480] = [5_000; 480];
    const LATER: Duration = Duration::from_secs(1);

    fn name(who: &str) -> Identity {
        Identity::new(who).expect("a name")
    }

    #[test]
    fn a_pause_is_answered_with_what_was_said() {
        let (mut echoes, now) = (Echoes::default(), Instant::now());

        echoes.handle_audio(now, &name("ann"), &LOUD);
        assert_eq!(echoes.poll_action(), None);
        echoes.handle_timeout(now + LATER);

        assert_eq!(echoes.poll_action(), Some(Action::Say(LOUD.to_vec())));
        assert_eq!(echoes.poll_action(), None);
    }

    #[test]
    fn two_speakers_are_repeated_one_after_the_other() {
        let (mut echoes, now) = (Echoes::default(), Instant::now());

        echoes.handle_audio(now, &name("ann"), &LOUD);
        echoes.handle_audio(now, &name("bob"), &[4_000; 480]);
        echoes.handle_timeout(now + LATER);

        assert_eq!(echoes.poll_action(), Some(Action::Say(LOUD.to_vec())));
        assert_eq!(echoes.poll_action(), None, "one at a time");
        echoes.handle_said();
        assert_eq!(echoes.poll_action(), Some(Action::Say(vec![4_000; 480])));
    }

    #[test]
    fn whoever_begins_to_speak_interrupts() {
        let (mut echoes, now) = (Echoes::default(), Instant::now());
        echoes.handle_audio(now, &name("ann"), &LOUD);
        echoes.handle_timeout(now + LATER);
        echoes.poll_action();

        echoes.handle_audio(now + LATER, &name("bob"), &LOUD);

        assert_eq!(echoes.poll_action(), Some(Action::Stop));
        echoes.handle_timeout(now + LATER * 2);
        assert!(
            matches!(echoes.poll_action(), Some(Action::Say(_))),
            "and is repeated in turn"
        );
    }

    #[test]
    fn one_who_left_is_not_repeated() {
        let (mut echoes, now) = (Echoes::default(), Instant::now());
        echoes.handle_audio(now, &name("ann"), &LOUD);

        echoes.handle_left(&name("ann"));
        echoes.handle_timeout(now + LATER);

        assert_eq!(echoes.deadline(), None);
        assert_eq!(echoes.poll_action(), None);
    }
}
