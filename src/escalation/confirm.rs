//! Which numbers were read back and confirmed: a number that a thinker gives is dialled in a later turn at the
//! earliest. Pure; time is an argument.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::dial::Number;

/// Longer than it takes to read a number back and to think about it; a number that was confirmed is good until then.
const GOOD_FOR: Duration = Duration::from_secs(600);

/// Conversations with a number; when there are more, the oldest one is asked again.
const MOST: usize = 1024;

/// The number of each conversation, by its session.
#[derive(Debug, Default)]
pub(super) struct Confirmations(HashMap<String, Asked>);

/// A number that a thinker gave.
#[derive(Debug, Clone)]
struct Asked {
    number: Number,
    standing: Standing,
    until: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is being read back in this turn.
    ReadBack { turn: u64 },
    /// Somebody has said something since.
    Confirmed,
}

/// What is to be done with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is to be read back first.
    ReadBack,
    /// It was, and may be dialled.
    Confirmed,
}

impl Confirmations {
    /// Takes in that a thinker wants this number dialled, in the given turn of the conversation.
    pub(super) fn handle(
        &mut self,
        now: Instant,
        session: &str,
        turn: u64,
        number: &Number,
    ) -> Verdict {
        self.0.retain(|_, asked| asked.until > now);
        if let Some(asked) = self.0.get_mut(session)
            && asked.number == *number
        {
            match asked.standing {
                Standing::ReadBack { turn: before } if turn > before => {
                    asked.standing = Standing::Confirmed;
                    return Verdict::Confirmed;
                }
                Standing::Confirmed => return Verdict::Confirmed,
                // An agent that came in the place of another counts anew.
                Standing::ReadBack { .. } => asked.standing = Standing::ReadBack { turn },
            }
            return Verdict::ReadBack;
        }
        if self.0.len() >= MOST {
            self.forget_oldest();
        }
        let asked = Asked {
            number: number.clone(),
            standing: Standing::ReadBack { turn },
            until: now + GOOD_FOR,
        };
        self.0.insert(session.to_owned(), asked);
        Verdict::ReadBack
    }

    fn forget_oldest(&mut self) {
        let oldest = self.0.iter().min_by_key(|(_, asked)| asked.until);
        if let Some(session) = oldest.map(|(session, _)| session.clone()) {
            self.0.remove(&session);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(last: u32) -> Number {
        Number::parse(&format!("+4930901{last:03}"), None).expect("it is one")
    }

    fn handle(numbers: &mut Confirmations, now: Instant, turn: u64, last: u32) -> Verdict {
        numbers.handle(now, "web-a", turn, &number(last))
    }

    #[test]
    fn a_number_is_confirmed_in_a_later_turn_and_not_in_the_same() {
        let (mut numbers, now) = (Confirmations::default(), Instant::now());

        assert_eq!(handle(&mut numbers, now, 3, 820), Verdict::ReadBack);
        assert_eq!(handle(&mut numbers, now, 3, 820), Verdict::ReadBack);
        assert_eq!(handle(&mut numbers, now, 4, 820), Verdict::Confirmed);
        assert_eq!(handle(&mut numbers, now, 4, 820), Verdict::Confirmed);
    }

    #[test]
    fn another_number_begins_anew() {
        let (mut numbers, now) = (Confirmations::default(), Instant::now());
        handle(&mut numbers, now, 1, 820);

        assert_eq!(handle(&mut numbers, now, 2, 821), Verdict::ReadBack);
        assert_eq!(handle(&mut numbers, now, 3, 820), Verdict::ReadBack);
    }

    #[test]
    fn a_number_of_one_conversation_is_none_of_another() {
        let (mut numbers, now) = (Confirmations::default(), Instant::now());
        numbers.handle(now, "web-b", 1, &number(820));

        assert_eq!(handle(&mut numbers, now, 2, 820), Verdict::ReadBack);
    }

    #[test]
    fn a_number_is_good_for_a_while() {
        let (mut numbers, now) = (Confirmations::default(), Instant::now());
        handle(&mut numbers, now, 1, 820);

        let late = handle(&mut numbers, now + GOOD_FOR, 2, 820);

        assert_eq!(late, Verdict::ReadBack);
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let (mut numbers, now) = (Confirmations::default(), Instant::now());

        for session in 0..2 * MOST {
            numbers.handle(now, &session.to_string(), 1, &number(820));
        }

        assert_eq!(numbers.0.len(), MOST);
    }

    proptest! {
        #[test]
        fn nothing_is_confirmed_that_was_not_asked_in_an_earlier_turn_within_the_time(
            steps in prop::collection::vec((0_u64..4, 0_u32..3, 0_u64..400), 1..60),
        ) {
            let (mut numbers, begin) = (Confirmations::default(), Instant::now());
            let (mut turn, mut now) = (0, begin);
            let mut asked: Option<(u32, u64, Instant)> = None;
            for (turns, last, seconds) in steps {
                turn += turns;
                now += Duration::from_secs(seconds);
                let verdict = handle(&mut numbers, now, turn, last + 820);
                let same = asked.filter(|(number, _, at)| *number == last && now < *at + GOOD_FOR);
                match same {
                    Some((_, before, _)) => {
                        prop_assert_eq!(verdict == Verdict::Confirmed, turn > before);
                    }
                    None => {
                        prop_assert_eq!(verdict, Verdict::ReadBack);
                        asked = Some((last, turn, now));
                    }
                }
            }
        }
    }
}
