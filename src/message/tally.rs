//! How many messages each conversation has left: enough to correct oneself, too few to annoy anybody. Pure; time is an
//! argument.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Messages of one conversation.
const ENOUGH: u32 = 3;
/// How long they count: longer than conversations are.
const COUNTS_FOR: Duration = Duration::from_secs(3_600);
/// Conversations that are counted; when there are more, nobody leaves anything until some are forgotten.
const MOST: usize = 4_096;

/// What each conversation has left, by its session.
#[derive(Debug, Default)]
pub(super) struct Tally(HashMap<String, (u32, Instant)>);

impl Tally {
    /// Returns whether a conversation may leave another one, which counts from here on.
    pub(super) fn permit(&mut self, now: Instant, session: &str) -> bool {
        self.0.retain(|_, (_, until)| *until > now);
        if !self.0.contains_key(session) && self.0.len() >= MOST {
            return false;
        }
        let fresh = (0, now + COUNTS_FOR);
        let (count, _) = self.0.entry(session.to_owned()).or_insert(fresh);
        *count += 1;
        *count <= ENOUGH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_leaves_three_and_others_theirs() {
        let (mut tally, now) = (Tally::default(), Instant::now());

        let ann = [(); 4].map(|()| tally.permit(now, "ann"));

        assert_eq!(ann, [true, true, true, false]);
        assert!(tally.permit(now, "ben"));
    }

    #[test]
    fn what_was_left_long_ago_does_not_count() {
        let (mut tally, now) = (Tally::default(), Instant::now());
        for _ in 0..ENOUGH {
            tally.permit(now, "ann");
        }

        assert!(tally.permit(now + COUNTS_FOR, "ann"));
    }

    #[test]
    fn a_flood_of_conversations_is_bounded() {
        let (mut tally, now) = (Tally::default(), Instant::now());
        for number in 0..MOST {
            assert!(tally.permit(now, &number.to_string()));
        }

        assert!(!tally.permit(now, "one more"));
        assert!(tally.permit(now, "0"));
        assert!(tally.permit(now + COUNTS_FOR, "one more"));
    }
}
