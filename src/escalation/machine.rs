//! One escalation, decided: who is called, who is told what, who hears whom. Pure; time is an argument.
//!
//! ```text
//! Seeking ── somebody accepts ──► Connected ── they leave ──► Over
//!    │  └── nobody is left ───────────────────────────────────► Over
//!    │         └ of a callback: Reaching ── the caller is there ──► Connected
//!    └── the callers leave ──► Closing ── every leg is gone ──► Over
//! ```
//!
//! What is to be done comes out of [`poll_action`](Machine::poll_action); what has happened goes in by
//! [`handle_news`](Machine::handle_news).

mod action;
mod leg;
mod news;
mod recall;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

pub(crate) use self::action::{Action, Farewell, Line, Outcome};
pub(crate) use self::leg::{Callee, LegId};
use self::leg::{Leg, Stage};
pub(crate) use self::news::{Gone, News};

/// A leg that was told to end and is not heard of counts as gone after this: longer than a call may take to be placed.
const LAST_WORDS: Duration = Duration::from_secs(20);

/// How long everything may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Patience {
    /// How long the caller's own telephone rings.
    pub(crate) ring: Duration,
    /// How long somebody who was briefed may think.
    pub(crate) decide: Duration,
    /// How often a word is said to whoever waits.
    pub(crate) word: Duration,
}

/// Somebody who may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Which contact.
    pub(crate) contact: usize,
    /// How long each way to reach them is tried, the first one first; at least one.
    pub(crate) ways: Vec<Duration>,
}

/// Where the caller is when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// In the conversation.
    Here,
    /// There, and they want to be called as well.
    CalledToo,
    /// Nowhere: they are called once a contact has accepted.
    CalledLast,
}

/// Where an escalation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Somebody is being sought.
    Seeking,
    /// A contact waits for the caller, who is being called back.
    Reaching(LegId),
    /// A contact is in the conversation.
    Connected(LegId),
    /// Nobody is sought any more; legs are being ended.
    Closing(Outcome),
    /// Over.
    Over,
}

/// The state of one escalation.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    patience: Patience,
    /// Who is called at once, one group after the other.
    groups: VecDeque<Vec<Candidate>>,
    legs: BTreeMap<LegId, Leg>,
    phase: Phase,
    /// What is left to try of those who are being called.
    ways: BTreeMap<usize, Vec<Duration>>,
    caller: Caller,
    callers: usize,
    next_word: Instant,
    actions: VecDeque<Action>,
}

impl Machine {
    /// Begins: calls the first group, and the caller's own telephone where that is wanted at once.
    pub(crate) fn new(
        now: Instant,
        patience: Patience,
        groups: Vec<Vec<Candidate>>,
        caller: Caller,
    ) -> Self {
        let mut machine = Self {
            patience,
            groups: groups.into(),
            legs: BTreeMap::new(),
            ways: BTreeMap::new(),
            phase: Phase::Seeking,
            caller,
            callers: usize::from(caller != Caller::CalledLast),
            next_word: now + patience.word,
            actions: VecDeque::new(),
        };
        match machine.groups.pop_front() {
            Some(group) if !group.is_empty() => {
                machine.act(Action::Say(Line::Calling(group[0].contact)));
                machine.act(Action::Music(true));
                if caller == Caller::CalledToo {
                    machine.call(now, Callee::Visitor, patience.ring);
                }
                machine.call_group(now, group);
            }
            _ => machine.give_up(now),
        }
        machine
    }

    /// Takes up one that another process left with this contact in the conversation.
    pub(crate) fn resumed(patience: Patience, now: Instant, contact: usize) -> (Self, LegId) {
        let (id, callee) = (LegId(0), Callee::Contact { contact, way: 0 });
        let stage = Stage::In;
        let machine = Self {
            patience,
            groups: VecDeque::new(),
            legs: BTreeMap::from([(id, Leg { callee, stage })]),
            ways: BTreeMap::new(),
            phase: Phase::Connected(id),
            caller: Caller::Here,
            callers: 1,
            next_word: now,
            actions: VecDeque::new(),
        };
        (machine, id)
    }

    /// Returns where it stands.
    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// Tells whether any caller is in the conversation.
    pub(crate) fn has_callers(&self) -> bool {
        self.callers > 0
    }

    /// Returns whom a leg leads to.
    pub(crate) fn callee(&self, leg: LegId) -> Option<Callee> {
        self.legs.get(&leg).map(|leg| leg.callee)
    }

    /// Returns what is to be done next.
    pub(crate) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Returns when time itself has something to say.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if self.phase == Phase::Over {
            return None;
        }
        let word = self.is_waited().then_some(self.next_word);
        let legs = self.legs.values().filter_map(|leg| leg.stage.until());
        legs.chain(word).min()
    }

    /// Takes in that time has passed.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let late: Vec<LegId> = self
            .legs
            .iter()
            .filter(|(_, leg)| leg.stage.until().is_some_and(|until| until <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            match self.legs[&id].stage {
                Stage::Ringing { .. } => {
                    self.hang_up(now, id);
                    self.handle_lost(now, id, Gone::NoAnswer);
                }
                Stage::Asked { .. } => {
                    self.dismiss(now, id, Farewell::Undecided);
                    self.proceed(now);
                }
                Stage::Leaving { .. } => self.handle_news(now, News::Gone(id, Gone::HungUp)),
                Stage::In | Stage::Gone => {}
            }
        }
        if self.is_waited() && self.next_word <= now {
            self.next_word = now + self.patience.word;
            self.act(Action::Say(Line::StillTrying));
        }
    }

    /// Takes in what has happened. What comes too late, or twice, changes nothing.
    pub(crate) fn handle_news(&mut self, now: Instant, news: News) {
        if self.phase == Phase::Over {
            return;
        }
        match news {
            News::PickedUp(id) => self.handle_picked_up(now, id),
            News::Accepted(id) => self.handle_accepted(now, id),
            News::Declined(id) => {
                if self.phase == Phase::Seeking && self.is_asked(id) {
                    self.dismiss(now, id, Farewell::Declined);
                    self.proceed(now);
                }
            }
            News::Gone(id, why) => self.handle_gone(now, id, why),
            News::Callers(count) => {
                self.callers = count;
                match self.phase {
                    // Nobody was there who could leave: the room is gone.
                    Phase::Seeking if self.caller == Caller::CalledLast && count == 0 => {
                        self.close(now, Outcome::CallersLeft, Farewell::CallerLeft);
                    }
                    Phase::Reaching(_) if count == 0 => self.miss_visitor(now),
                    _ => self.look_for_callers(now),
                }
            }
            News::Cancelled => match self.phase {
                Phase::Seeking => {
                    self.act(Action::Music(false));
                    self.act(Action::Say(Line::CalledOff));
                    self.close(now, Outcome::CalledOff, Farewell::CalledOff);
                }
                Phase::Reaching(_) => self.miss_visitor(now),
                Phase::Connected(_) | Phase::Closing(_) | Phase::Over => {}
            },
        }
    }

    fn handle_picked_up(&mut self, now: Instant, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        if !matches!(leg.stage, Stage::Ringing { .. }) {
            return;
        }
        if leg.is_contact() {
            leg.stage = Stage::Asked {
                until: now + self.patience.decide,
            };
            self.act(Action::Brief(id));
        } else if let Phase::Reaching(contact) = self.phase {
            self.bring_together(id, contact);
        } else {
            leg.stage = Stage::In;
            self.act(Action::Admit(id));
            self.act(Action::Say(Line::VisitorIsThere));
        }
    }

    fn handle_accepted(&mut self, now: Instant, id: LegId) {
        if self.phase != Phase::Seeking || !self.is_asked(id) {
            return;
        }
        let Some(contact) = self.contact(id) else {
            return;
        };
        if self.caller == Caller::CalledLast {
            return self.reach_visitor(now, id);
        }
        self.set(id, Stage::In);
        self.phase = Phase::Connected(id);
        self.act(Action::Music(false));
        self.act(Action::Admit(id));
        self.act(Action::Say(Line::Connected(contact)));
        self.act(Action::Yield);
        self.end_contacts(now, Farewell::Taken);
    }

    fn handle_gone(&mut self, now: Instant, id: LegId, why: Gone) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let before = std::mem::replace(&mut leg.stage, Stage::Gone);
        match before {
            Stage::Gone => return,
            Stage::Leaving { .. } => {}
            Stage::Ringing { .. } | Stage::Asked { .. } => self.handle_lost(now, id, why),
            Stage::In if self.phase == Phase::Connected(id) => return self.handle_human_left(now),
            Stage::In if self.phase == Phase::Reaching(id) => {
                self.close(now, Outcome::Nobody, Farewell::CalledOff);
            }
            Stage::In => {}
        }
        self.look_for_callers(now);
        self.finish_closing();
    }

    /// A leg that was ringing, or asked, is not to be had.
    fn handle_lost(&mut self, now: Instant, id: LegId, why: Gone) {
        if !self.is_waited() {
            return;
        }
        let Some(leg) = self.legs.get(&id) else {
            return;
        };
        match leg.callee {
            Callee::Visitor if self.caller == Caller::CalledLast => self.miss_visitor(now),
            Callee::Visitor => {
                if self.callers > 0 {
                    self.act(Action::Say(Line::VisitorUnreachable));
                }
                self.look_for_callers(now);
            }
            Callee::Contact { contact, way } => {
                let next = way + 1;
                let ways = self.ways.get(&contact);
                match ways.and_then(|ways| ways.get(next)).copied() {
                    // Somebody who picked up and hung up does not want to be called elsewhere.
                    Some(ring) if why != Gone::HungUp => {
                        self.call(now, Callee::Contact { contact, way: next }, ring);
                    }
                    _ => self.proceed(now),
                }
            }
        }
    }

    fn handle_human_left(&mut self, now: Instant) {
        let Phase::Connected(id) = self.phase else {
            return;
        };
        let Some(contact) = self.contact(id) else {
            return;
        };
        if self.callers > 0 {
            self.act(Action::Return);
            self.act(Action::Say(Line::HumanLeft(contact)));
        }
        self.close(now, Outcome::Talked(contact), Farewell::CallerLeft);
    }

    /// Goes on to the next group once nobody of this one is left.
    fn proceed(&mut self, now: Instant) {
        let is_open = |leg: &Leg| leg.is_contact() && leg.is_open();
        if self.phase != Phase::Seeking || self.legs.values().any(is_open) {
            return;
        }
        match self.groups.pop_front() {
            Some(group) if !group.is_empty() => {
                self.act(Action::Say(Line::Next(group[0].contact)));
                self.next_word = now + self.patience.word;
                self.call_group(now, group);
            }
            _ => self.give_up(now),
        }
    }

    fn give_up(&mut self, now: Instant) {
        self.act(Action::Music(false));
        self.act(Action::Say(Line::Unreachable));
        self.close(now, Outcome::Nobody, Farewell::CalledOff);
    }

    /// The callers are gone when none is there and none is being called.
    fn look_for_callers(&mut self, now: Instant) {
        let is_ringing =
            |leg: &Leg| !leg.is_contact() && matches!(leg.stage, Stage::Ringing { .. });
        let is_to_come = self.caller == Caller::CalledLast && self.is_waited();
        if self.callers > 0 || is_to_come || self.legs.values().any(is_ringing) {
            return;
        }
        match self.phase {
            Phase::Seeking => {
                self.act(Action::Music(false));
                self.close(now, Outcome::CallersLeft, Farewell::CallerLeft);
            }
            Phase::Connected(id) => {
                if let Some(contact) = self.contact(id) {
                    self.close(now, Outcome::Talked(contact), Farewell::CallerLeft);
                }
            }
            Phase::Reaching(_) | Phase::Closing(_) | Phase::Over => {}
        }
    }

    fn close(&mut self, now: Instant, outcome: Outcome, farewell: Farewell) {
        self.phase = Phase::Closing(outcome);
        self.end_contacts(now, farewell);
        let ringing = self.ids(|leg| matches!(leg.stage, Stage::Ringing { .. }));
        for id in ringing {
            self.hang_up(now, id);
        }
        self.finish_closing();
    }

    fn finish_closing(&mut self) {
        let is_ending = |leg: &Leg| matches!(leg.stage, Stage::Leaving { .. });
        if let Phase::Closing(outcome) = self.phase
            && !self.legs.values().any(is_ending)
        {
            self.phase = Phase::Over;
            if self.caller == Caller::CalledLast {
                self.act(Action::Music(false));
            }
            self.act(Action::Settle(outcome));
        }
    }

    /// Ends the legs of all contacts but the one in the conversation.
    fn end_contacts(&mut self, now: Instant, farewell: Farewell) {
        let kept = match self.phase {
            Phase::Connected(id) | Phase::Reaching(id) => Some(id),
            Phase::Seeking | Phase::Closing(_) | Phase::Over => None,
        };
        for id in self.ids(Leg::is_contact) {
            if Some(id) == kept {
                continue;
            }
            match self.legs[&id].stage {
                Stage::Ringing { .. } => self.hang_up(now, id),
                Stage::Asked { .. } | Stage::In => self.dismiss(now, id, farewell),
                Stage::Leaving { .. } | Stage::Gone => {}
            }
        }
    }

    fn call_group(&mut self, now: Instant, group: Vec<Candidate>) {
        for Candidate { contact, ways } in group {
            let first = ways.first().copied().unwrap_or(self.patience.ring);
            self.ways.insert(contact, ways);
            self.call(now, Callee::Contact { contact, way: 0 }, first);
        }
    }

    fn call(&mut self, now: Instant, callee: Callee, ring: Duration) {
        let id = LegId(u32::try_from(self.legs.len()).unwrap_or(u32::MAX));
        let stage = Stage::Ringing { until: now + ring };
        self.legs.insert(id, Leg { callee, stage });
        self.act(Action::Call(id, callee));
    }

    fn hang_up(&mut self, now: Instant, id: LegId) {
        self.set(
            id,
            Stage::Leaving {
                until: now + LAST_WORDS,
            },
        );
        self.act(Action::HangUp(id));
    }

    fn dismiss(&mut self, now: Instant, id: LegId, farewell: Farewell) {
        self.set(
            id,
            Stage::Leaving {
                until: now + LAST_WORDS,
            },
        );
        self.act(Action::Dismiss(id, farewell));
    }

    fn set(&mut self, id: LegId, stage: Stage) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.stage = stage;
        }
    }

    /// Tells whether a contact is being briefed and has not decided.
    pub(crate) fn is_asked(&self, id: LegId) -> bool {
        let leg = self.legs.get(&id);
        leg.is_some_and(|leg| matches!(leg.stage, Stage::Asked { .. }))
    }

    fn contact(&self, id: LegId) -> Option<usize> {
        match self.legs.get(&id)?.callee {
            Callee::Contact { contact, .. } => Some(contact),
            Callee::Visitor => None,
        }
    }

    fn ids(&self, like: impl Fn(&Leg) -> bool) -> Vec<LegId> {
        let legs = self.legs.iter().filter(|(_, leg)| like(leg));
        legs.map(|(id, _)| *id).collect()
    }

    /// Tells whether somebody waits, or would if they were there.
    fn is_waited(&self) -> bool {
        matches!(self.phase, Phase::Seeking | Phase::Reaching(_))
    }

    fn act(&mut self, action: Action) {
        let is_heard = matches!(action, Action::Say(_) | Action::Music(_));
        if is_heard && self.caller == Caller::CalledLast && self.phase == Phase::Seeking {
            // Nobody is there who could hear it.
            return;
        }
        self.actions.push_back(action);
    }
}

#[cfg(test)]
mod schedules;
#[cfg(test)]
mod tests;
