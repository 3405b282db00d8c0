//! Who speaks at the moment, from the levels of what is heard.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use crate::Identity;

/// About −50 dBFS: louder than a quiet line's hiss.
const AUDIBLE: u16 = 100;

/// Long enough for the pause between two words.
const HANGOVER: Duration = Duration::from_millis(400);

/// The speakers of one room.
#[derive(Default)]
pub(super) struct Speakers {
    speaking: BTreeMap<Identity, Speaking>,
}

struct Speaking {
    peak: u16,
    until: Instant,
}

impl Speakers {
    /// Takes a frame's peak in; returns the speakers, the loudest first, when they changed.
    pub(super) fn hear(
        &mut self,
        now: Instant,
        who: &Identity,
        peak: u16,
    ) -> Option<Vec<Identity>> {
        if peak > AUDIBLE {
            let speaking = Speaking {
                peak,
                until: now + HANGOVER,
            };
            let began = self.speaking.insert(who.clone(), speaking).is_none();
            return began.then(|| self.loudest_first());
        }
        let over = self
            .speaking
            .get(who)
            .is_some_and(|speaking| now >= speaking.until);
        if over { self.silence(who) } else { None }
    }

    /// Takes somebody out who sends nothing any more.
    pub(super) fn silence(&mut self, who: &Identity) -> Option<Vec<Identity>> {
        self.speaking.remove(who).map(|_| self.loudest_first())
    }

    fn loudest_first(&self) -> Vec<Identity> {
        let mut speakers: Vec<_> = self.speaking.iter().collect();
        speakers.sort_by_key(|(_, speaking)| std::cmp::Reverse(speaking.peak));
        speakers.into_iter().map(|(who, _)| who.clone()).collect()
    }
}
