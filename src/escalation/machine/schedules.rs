//! Random schedules in virtual time: whatever happens in whatever order, nobody is left alone and no leg is left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

const PATIENCE: Patience = Patience {
    ring: Duration::from_secs(25),
    decide: Duration::from_secs(45),
    word: Duration::from_secs(20),
};

/// Longer than anything takes.
const END: Duration = Duration::from_secs(3_600);

/// What a leg does, each so many ms after the one before.
#[derive(Debug, Clone)]
struct Fate {
    first: (u64, Option<Gone>),
    then: (u64, u8),
    leaves: u64,
    /// After it was told to.
    ends: u64,
}

fn fate() -> impl Strategy<Value = Fate> {
    let gone = prop_oneof![
        3 => Just(None),
        1 => Just(Some(Gone::Busy)),
        1 => Just(Some(Gone::NoAnswer)),
        1 => Just(Some(Gone::Refused)),
    ];
    (
        (0..40_000u64, gone),
        (0..60_000u64, 0..3u8),
        0..120_000u64,
        0..20_000u64,
    )
        .prop_map(|(first, then, leaves, ends)| Fate {
            first,
            then,
            leaves,
            ends,
        })
}

/// The world around a machine.
struct World {
    now: Instant,
    machine: Machine,
    fates: Vec<Fate>,
    coming: Vec<(Instant, News)>,
    live: BTreeMap<LegId, bool>,
    /// Who has picked up.
    there: BTreeSet<LegId>,
    callers: usize,
    music: bool,
    human: bool,
    yielded: bool,
    silent_since: Option<Instant>,
    longest_silence: Duration,
    last_line: Option<Line>,
    settled: Option<Outcome>,
    /// The caller was called last, and came.
    called_back: bool,
    /// How often the caller was called.
    visitor_calls: usize,
}

impl World {
    fn perform(&mut self) {
        while let Some(action) = self.machine.poll_action() {
            assert!(self.settled.is_none(), "{action:?} after the end");
            match action {
                Action::Call(leg, callee) => {
                    self.visitor_calls += usize::from(callee == Callee::Visitor);
                    self.live.insert(leg, true);
                    let fate = &self.fates[leg.0 as usize % self.fates.len()];
                    let first = self.now + Duration::from_millis(fate.first.0);
                    match fate.first.1 {
                        Some(why) => self.coming.push((first, News::Gone(leg, why))),
                        None => {
                            let then = first + Duration::from_millis(fate.then.0);
                            let leaves = then + Duration::from_millis(fate.leaves);
                            self.coming.push((first, News::PickedUp(leg)));
                            match fate.then.1 {
                                0 => self.coming.push((then, News::Accepted(leg))),
                                1 => self.coming.push((then, News::Declined(leg))),
                                _ => {}
                            }
                            self.coming.push((leaves, News::Gone(leg, Gone::HungUp)));
                        }
                    }
                }
                Action::HangUp(leg) | Action::Dismiss(leg, _) => {
                    let fate = &self.fates[leg.0 as usize % self.fates.len()];
                    let ends = self.now + Duration::from_millis(fate.ends);
                    self.coming.push((ends, News::Gone(leg, Gone::HungUp)));
                    self.live.insert(leg, false);
                }
                Action::Admit(_) | Action::Brief(_) => {}
                Action::Say(line) => self.last_line = Some(line),
                Action::Music(on) => self.music = on,
                Action::Yield => (self.human, self.yielded) = (true, true),
                Action::Return => (self.human, self.yielded) = (false, false),
                Action::Settle(outcome) => self.settled = Some(outcome),
            }
        }
        if let Phase::Closing(_) | Phase::Over = self.machine.phase() {
            self.human = false;
        }
        // An agent that leads the conversation is company; one that has stepped back is none.
        let seeking = matches!(self.machine.phase(), Phase::Seeking | Phase::Reaching(_));
        let company = self.music || self.human || (!seeking && !self.yielded);
        // A contact whose telephone is put down hears the agent out, and music after it.
        let waits = matches!(self.machine.phase(), Phase::Reaching(_));
        if company || (self.callers == 0 && !waits) {
            self.silent_since = None;
        } else {
            let since = *self.silent_since.get_or_insert(self.now);
            self.longest_silence = self.longest_silence.max(self.now - since);
        }
    }

    fn run(&mut self) {
        let end = self.now + END;
        self.perform();
        loop {
            self.coming.sort_by_key(|(at, _)| *at);
            let next = self.coming.first().map(|(at, _)| *at);
            let deadline = self.machine.deadline();
            let Some(at) = next
                .into_iter()
                .chain(deadline)
                .min()
                .filter(|at| *at < end)
            else {
                return;
            };
            self.now = self.now.max(at);
            if deadline.is_some_and(|deadline| deadline <= self.now) {
                self.machine.handle_timeout(self.now);
            } else {
                let (_, news) = self.coming.remove(0);
                if let News::Callers(count) = news {
                    self.callers = count;
                }
                if let News::PickedUp(leg) = news {
                    self.there.insert(leg);
                    let is_caller = self.machine.callee(leg) == Some(Callee::Visitor);
                    if is_caller && matches!(self.machine.phase(), Phase::Reaching(_)) {
                        self.callers = 1;
                        self.called_back = true;
                    }
                }
                if let News::Gone(leg, _) = news {
                    self.live.insert(leg, false);
                }
                self.machine.handle_news(self.now, news);
            }
            self.perform();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nobody_is_left_alone_and_no_leg_is_left_behind(
        sizes in prop::collection::vec(prop::collection::vec(1..3usize, 0..3), 0..4),
        caller in prop_oneof![Just(Caller::Here), Just(Caller::CalledToo), Just(Caller::CalledLast)],
        fates in prop::collection::vec(fate(), 1..8),
        callers_leave in prop::option::of(0..200_000u64),
        cancelled in prop::option::weighted(0.2, 0..100_000u64),
        ) {
        let now = Instant::now();
        let mut contact = 0;
        let groups = sizes
            .iter()
            .map(|group| {
                let group = group.iter().map(|ways| {
                    contact += 1;
                    Candidate { contact: contact - 1, ways: vec![PATIENCE.ring; *ways] }
                });
                group.collect()
            })
            .collect();
        let mut world = World {
            now,
            machine: Machine::new(now, PATIENCE, groups, caller),
            fates,
            coming: Vec::new(),
            live: BTreeMap::new(),
            there: BTreeSet::new(),
            callers: usize::from(caller != Caller::CalledLast),
            music: false,
            human: false,
            yielded: false,
            silent_since: None,
            longest_silence: Duration::ZERO,
            last_line: None,
            settled: None,
            called_back: false,
            visitor_calls: 0,
        };
        let at = |ms: u64| now + Duration::from_millis(ms);
        world.coming.extend(callers_leave.map(|ms| (at(ms), News::Callers(0))));
        world.coming.extend(cancelled.map(|ms| (at(ms), News::Cancelled)));

        world.run();

        prop_assert!(world.settled.is_some(), "it never ends: {:?}", world.machine);
        prop_assert!(!world.music, "music goes on");
        prop_assert!(world.longest_silence <= Duration::from_secs(2), "{:?}", world.longest_silence);
        // The caller's own telephone stays, once they have picked it up.
        let left_behind = world.live.iter().filter(|(leg, live)| {
            let is_caller = world.machine.callee(**leg) == Some(Callee::Visitor);
            **live && !(is_caller && world.there.contains(leg))
        });
        prop_assert_eq!(left_behind.count(), 0, "legs are left behind");
        prop_assert!(world.visitor_calls <= 1, "the caller is called again");
        if caller == Caller::CalledLast {
            let has_met = matches!(world.settled, Some(Outcome::Talked(_)));
            prop_assert_eq!(has_met, world.called_back, "who came has met a contact, and nobody else has");
        }
        if world.callers > 0 {
            let spoken = matches!(
                world.last_line,
                Some(Line::Unreachable | Line::CalledOff | Line::HumanLeft(_))
            );
            prop_assert!(spoken, "the last word was {:?}", world.last_line);
        }
    }
}
