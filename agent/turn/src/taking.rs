//! The state machine.

mod floor;
mod listening;
mod replying;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::{
    Action, Input, Person, Prompt, Turn, TurnSettings,
    alarm::Alarm,
    company::Company,
    reply::{Reply, Said},
};

/// Turns and announcements that wait; the oldest turn is noted, the oldest announcement dropped when there are more.
const MOST_WAITING: usize = 8;
/// A look takes a few steps; more than this is a mistake of ours that must not hang the session.
const MOST_STEPS: u32 = 256;
/// So soon after it is looked again then.
const NEXT_LOOK: Duration = Duration::from_millis(100);

/// Decides whose turn it is. Holds no socket, no task, no clock.
#[derive(Debug)]
pub struct TurnTaking {
    settings: TurnSettings,
    phase: Phase,
    /// The conversation is too long when this is too long ago; time switched off does not count.
    started: Instant,
    company: Company,
    floor: Floor,
    /// Turns that are over and wait for the floor.
    waiting: VecDeque<Said>,
    announcements: VecDeque<Turn>,
    /// What the agent should say unasked when the floor is free.
    owed: Option<Prompt>,
    quiet: Quiet,
    last_turn: u64,
    wake: Option<Instant>,
    actions: VecDeque<Action>,
}

/// How far the conversation is.
#[derive(Debug, Clone, Copy)]
enum Phase {
    On,
    Off { since: Instant, end_asked: bool },
    Ending { since: Instant, why: Prompt },
    Over,
}

/// Who has the floor.
#[derive(Debug)]
enum Floor {
    Free,
    /// A reply waits for the turn to be over.
    Prepared {
        turn: Turn,
        person: Person,
        text: String,
    },
    Replying(Reply),
}

/// How long nobody has said anything, and what was tried.
#[derive(Debug, Default)]
struct Quiet {
    since: Option<Instant>,
    prompts: u32,
    misheard: u32,
}

impl TurnTaking {
    /// Begins a conversation.
    #[must_use]
    pub fn new(settings: TurnSettings, now: Instant) -> Self {
        let mut taking = Self {
            settings,
            phase: Phase::On,
            started: now,
            company: Company::default(),
            floor: Floor::Free,
            waiting: VecDeque::new(),
            announcements: VecDeque::new(),
            owed: None,
            quiet: Quiet::default(),
            last_turn: 0,
            wake: None,
            actions: VecDeque::new(),
        };
        taking.settle(now);
        taking
    }

    /// Returns a number that no turn has, for an [announcement](Input::Announce).
    pub fn next_turn(&mut self) -> Turn {
        self.last_turn += 1;
        Turn(self.last_turn)
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Instant, input: Input) {
        match self.phase {
            Phase::Over => return,
            Phase::Off { .. } => self.take_in_while_off(now, input),
            Phase::On | Phase::Ending { .. } => self.take_in(now, input),
        }
        self.settle(now);
    }

    /// Returns when to call [`handle_timeout`](Self::handle_timeout).
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.wake
    }

    /// Takes in that time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.settle(now);
    }

    /// Takes out what to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    fn take_in(&mut self, now: Instant, input: Input) {
        match input {
            Input::Joined(person) => {
                self.company.people.entry(person).or_default();
                self.quiet.since = None;
            }
            Input::Left(person) => self.see_off(now, &person),
            Input::VoiceBegan(person) => self.hear_voice(now, &person),
            Input::VoiceEnded(person) => {
                if let Some(speech) = self.company.people.get_mut(&person) {
                    speech.handle_voice_ended(now);
                }
            }
            Input::Interim(person, text) => self.hear_interim(now, &person, &text),
            Input::Final(person, text) => self.hear_final(now, person, text),
            Input::EndOfTurn(person) => {
                if let Some(speech) = self.company.people.get_mut(&person) {
                    speech.handle_end_of_turn(now);
                }
            }
            Input::Typed(person, text) => self.read(now, person, text),
            Input::Hushed => self.clear_floor(now),
            Input::Announce(turn) => self.queue_announcement(turn),
            Input::ReplyBegan(turn) => self.on_reply(turn, |reply| reply.handle_began(now)),
            Input::ReplyEnded(turn) => self.finish_reply(now, turn),
            Input::ReplyFailed(turn) => self.lose_reply(now, turn),
            Input::ToolBegan(turn) => self.on_reply(turn, |reply| reply.handle_tool_began(now)),
            Input::ToolEnded(turn) => self.on_reply(turn, |reply| reply.handle_tool_ended(now)),
            Input::SwitchedOff => self.switch_off(now),
            Input::SwitchedOn => {}
            Input::EndAsked => {
                if matches!(self.phase, Phase::On) {
                    self.phase = Phase::Ending {
                        since: now,
                        why: Prompt::Asked,
                    };
                }
            }
        }
    }

    /// Only who is there is of interest meanwhile.
    fn take_in_while_off(&mut self, now: Instant, input: Input) {
        match input {
            Input::Joined(person) => {
                self.company.people.entry(person).or_default();
            }
            Input::Left(person) => {
                self.company.people.remove(&person);
            }
            Input::EndAsked => {
                if let Phase::Off { end_asked, .. } = &mut self.phase {
                    *end_asked = true;
                }
            }
            Input::SwitchedOn => self.switch_on(now),
            Input::VoiceBegan(_)
            | Input::VoiceEnded(_)
            | Input::Interim(..)
            | Input::Final(..)
            | Input::EndOfTurn(_)
            | Input::Typed(..)
            | Input::Hushed
            | Input::Announce(_)
            | Input::ReplyBegan(_)
            | Input::ReplyEnded(_)
            | Input::ReplyFailed(_)
            | Input::ToolBegan(_)
            | Input::ToolEnded(_)
            | Input::SwitchedOff => {}
        }
    }

    fn switch_off(&mut self, now: Instant) {
        let end_asked = match self.phase {
            Phase::Ending { why, .. } => why == Prompt::Asked,
            Phase::On | Phase::Off { .. } | Phase::Over => false,
        };
        self.clear_floor(now);
        self.phase = Phase::Off {
            since: now,
            end_asked,
        };
    }

    fn switch_on(&mut self, now: Instant) {
        let Phase::Off { since, end_asked } = self.phase else {
            return;
        };
        self.started += now.saturating_duration_since(since);
        self.quiet = Quiet::default();
        self.phase = if end_asked {
            Phase::Ending {
                since: now,
                why: Prompt::Asked,
            }
        } else {
            Phase::On
        };
    }

    /// Stops, forgets and notes everything.
    fn clear_floor(&mut self, now: Instant) {
        self.discard();
        self.stop_reply(now);
        while let Some(turn) = self.announcements.pop_front() {
            self.actions.push_back(Action::Discard(turn));
        }
        self.note_the_rest(now);
        self.owed = None;
        self.company.end_exchange();
        self.quiet.since = None;
    }

    fn hang_up(&mut self, now: Instant, why: Prompt) {
        self.clear_floor(now);
        self.phase = Phase::Over;
        self.actions.push_back(Action::HangUp(why));
    }

    /// Takes the steps that are due; whatever is not due yet sets the deadline.
    fn settle(&mut self, now: Instant) {
        self.wake = None;
        for _ in 0..MOST_STEPS {
            let mut alarm = Alarm::at(now);
            if !self.step(&mut alarm) {
                self.wake = alarm.next();
                return;
            }
        }
        self.wake = Some(now + NEXT_LOOK);
    }

    /// Takes the first step that is due; returns whether there was one.
    fn step(&mut self, alarm: &mut Alarm) -> bool {
        match self.phase {
            Phase::Off { .. } | Phase::Over => false,
            Phase::Ending { since, why } => {
                self.ask_for_finals(alarm)
                    || self.judge_interruption(alarm)
                    || self.collect_turns(alarm)
                    || self.watch_reply(alarm)
                    || self.end(since, why, alarm)
            }
            Phase::On => {
                self.begin_to_end(alarm)
                    || self.ask_for_finals(alarm)
                    || self.judge_interruption(alarm)
                    || self.collect_turns(alarm)
                    || self.watch_reply(alarm)
                    || self.discard_outdated()
                    || self.take_floor(alarm)
                    || self.prepare(alarm)
                    || self.mind_the_quiet(alarm)
            }
        }
    }
}
