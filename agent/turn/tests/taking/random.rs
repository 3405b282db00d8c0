//! Thousands of random conversations, and what holds in each.

use std::collections::BTreeSet;

use agent_turn::{Action, AnswerWhen, Input, Person, Turn, TurnSettings};
use proptest::prelude::*;

use crate::world::{Entry, Hearing, Ms, World};

/// Longer than a few announcements, apologies and idle prompts of which each waits for a tool that hangs.
const BOUND: Ms = 1_500_000;

const PEOPLE: [&str; 3] = ["ann", "bob", "eve"];

/// Something somebody does.
#[derive(Debug, Clone)]
enum Deed {
    Says {
        words: usize,
        length: Ms,
        name: bool,
    },
    Listens,
    Coughs(Ms),
    Types,
    Comes,
    Goes,
    VoiceBegins,
    VoiceEnds,
    EndsTurn,
    EmptyFinal,
    Announce,
    SwitchOff,
    SwitchOn,
    EndAsked,
}

/// What becomes of a reply.
#[derive(Debug, Clone)]
enum Fate {
    Heard { after: Ms, length: Ms },
    Fails { after: Ms },
    BreaksOff { after: Ms, length: Ms },
    NeverBegins,
    UsesTool { tool: Ms, length: Ms },
    ToolHangs,
}

#[derive(Debug, Clone)]
struct Story {
    settings: TurnSettings,
    hearing: Hearing,
    deeds: Vec<(Ms, usize, Deed)>,
    fates: Vec<Fate>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn every_conversation_keeps_its_promises(story in story()) {
        let world = play(&story);

        let mut promises = Promises::default();
        for (at, entry) in &world.trace {
            promises.keep(*at, entry);
        }
        promises.keep_at_the_end(&world, &story.settings);
    }
}

fn play(story: &Story) -> World {
    let mut world = World::new(story.settings.clone());
    world.hearing = story.hearing.clone();
    world.input(0, Input::Joined(Person(PEOPLE[0].into())));
    let mut at = 0;
    for (place, (gap, who, deed)) in story.deeds.iter().enumerate() {
        at += gap;
        do_deed(&mut world, at, &Person(PEOPLE[*who].into()), deed, place);
    }
    let fates = story.fates.clone();
    world.run_until(at + BOUND, |world, now, action| {
        if let Action::Answer { turn, .. } | Action::Speak(turn) | Action::Prompt(turn, _) = action
        {
            meet(world, now, *turn, &fates[turn.0 as usize % fates.len()]);
        }
    });
    world
}

fn do_deed(world: &mut World, at: Ms, who: &Person, deed: &Deed, place: usize) {
    let input = match deed {
        Deed::Says {
            words,
            length,
            name,
        } => {
            let said: Vec<String> = (0..*words).map(|word| format!("x{place}x{word}")).collect();
            let name = if *name { "Pat " } else { "" };
            return world.speak(at, who, &format!("{name}{}.", said.join(" ")), *length);
        }
        Deed::Listens => return world.speak(at, who, "mhm", 300),
        Deed::Coughs(length) => return world.speak(at, who, "", *length),
        Deed::Types => Input::Typed(who.clone(), format!("Pat y{place}")),
        Deed::Comes => Input::Joined(who.clone()),
        Deed::Goes => Input::Left(who.clone()),
        Deed::VoiceBegins => Input::VoiceBegan(who.clone()),
        Deed::VoiceEnds => Input::VoiceEnded(who.clone()),
        Deed::EndsTurn => Input::EndOfTurn(who.clone()),
        Deed::EmptyFinal => Input::Final(who.clone(), String::new()),
        Deed::Announce => Input::Announce(world.taking.next_turn()),
        Deed::SwitchOff => Input::SwitchedOff,
        Deed::SwitchOn => Input::SwitchedOn,
        Deed::EndAsked => Input::EndAsked,
    };
    world.input(at, input);
}

fn meet(world: &mut World, now: Ms, turn: Turn, fate: &Fate) {
    match fate {
        Fate::Heard { after, length } => {
            world.input(now + after, Input::ReplyBegan(turn));
            world.input(now + after + length, Input::ReplyEnded(turn));
        }
        Fate::Fails { after } => world.input(now + after, Input::ReplyFailed(turn)),
        Fate::BreaksOff { after, length } => {
            world.input(now + after, Input::ReplyBegan(turn));
            world.input(now + after + length, Input::ReplyFailed(turn));
        }
        Fate::NeverBegins => {}
        Fate::UsesTool { tool, length } => {
            world.input(now + 100, Input::ToolBegan(turn));
            world.input(now + 100 + tool, Input::ToolEnded(turn));
            world.input(now + 300 + tool, Input::ReplyBegan(turn));
            world.input(now + 300 + tool + length, Input::ReplyEnded(turn));
        }
        Fate::ToolHangs => world.input(now + 100, Input::ToolBegan(turn)),
    }
}

/// What holds in every conversation, followed step by step.
#[derive(Debug, Default)]
struct Promises {
    replying: Option<Turn>,
    paused: Option<Turn>,
    prepared: Option<Turn>,
    /// Turns that were used up: each number is answered, spoken or discarded once.
    used: BTreeSet<Turn>,
    people: BTreeSet<Person>,
    switch: Switch,
    hung_up: bool,
    last_speech: Option<Ms>,
    last_sign: Option<Ms>,
    /// Words that were settled while the agent listened.
    settled: Vec<String>,
    kept: String,
}

#[derive(Debug, Default, PartialEq)]
enum Switch {
    #[default]
    On,
    /// What it still does at this moment belongs to switching off.
    Turning,
    Off,
}

impl Promises {
    fn keep(&mut self, at: Ms, entry: &Entry) {
        match entry {
            Entry::Happened(input) => self.happened(at, input),
            Entry::Done(action) => self.done(at, action),
        }
    }

    fn happened(&mut self, at: Ms, input: &Input) {
        if self.switch == Switch::Turning {
            self.switch = Switch::Off;
        }
        let is_on = self.switch == Switch::On && !self.hung_up;
        match input {
            Input::Joined(person) => {
                self.people.insert(person.clone());
            }
            Input::Left(person) => {
                self.people.remove(person);
            }
            Input::SwitchedOff if is_on => self.switch = Switch::Turning,
            Input::SwitchedOn => self.switch = Switch::On,
            Input::ReplyEnded(turn) | Input::ReplyFailed(turn) if self.replying == Some(*turn) => {
                self.replying = None;
                self.paused = None;
            }
            Input::Final(person, text) | Input::Typed(person, text)
                if is_on && self.people.contains(person) && text.contains(['x', 'y']) =>
            {
                let words = text.split([' ', '.']);
                for word in words.filter(|word| word.starts_with(['x', 'y'])) {
                    if !self.kept.contains(word) {
                        self.last_speech = Some(at);
                    }
                    self.settled.push(word.to_owned());
                }
            }
            _ => {}
        }
    }

    fn done(&mut self, at: Ms, action: &Action) {
        assert!(!self.hung_up, "{action:?} after the end");
        assert_ne!(self.switch, Switch::Off, "{action:?} while switched off");
        match action {
            Action::Finalize(_) => {}
            Action::Prepare { turn, .. } => {
                assert_eq!(
                    (self.replying, self.prepared),
                    (None, None),
                    "two replies at once"
                );
                self.prepared = Some(*turn);
            }
            Action::Discard(turn) => {
                if self.prepared == Some(*turn) {
                    self.prepared = None;
                }
                assert!(self.used.insert(*turn), "{turn:?} was used before");
            }
            Action::Answer { turn, text, .. } => {
                if self.prepared == Some(*turn) {
                    self.prepared = None;
                }
                self.begin(at, *turn);
                self.kept.push_str(&format!(" {text} "));
            }
            Action::Speak(turn) | Action::Prompt(turn, _) => self.begin(at, *turn),
            Action::Note { text, .. } => {
                self.last_sign = Some(at);
                self.kept.push_str(&format!(" {text} "));
            }
            Action::Pause(turn) => {
                assert_eq!((self.replying, self.paused), (Some(*turn), None));
                self.paused = Some(*turn);
            }
            Action::Resume(turn) => {
                assert_eq!((self.replying, self.paused), (Some(*turn), Some(*turn)));
                self.paused = None;
            }
            Action::Stop(turn) => {
                assert_eq!(self.replying, Some(*turn));
                self.replying = None;
                self.paused = None;
            }
            Action::Fill(turn) => assert_eq!(self.replying, Some(*turn)),
            Action::HangUp(_) => {
                assert_eq!((self.replying, self.prepared), (None, None));
                self.hung_up = true;
                self.last_sign = Some(at);
            }
        }
    }

    fn begin(&mut self, at: Ms, turn: Turn) {
        assert_eq!(
            (self.replying, self.prepared),
            (None, None),
            "two replies at once"
        );
        assert!(self.used.insert(turn), "{turn:?} was used before");
        self.replying = Some(turn);
        self.last_sign = Some(at);
    }

    fn keep_at_the_end(&self, world: &World, settings: &TurnSettings) {
        let lines = world
            .trace
            .iter()
            .map(|(at, entry)| format!("{at} {entry:?}"));
        let trace = lines.collect::<Vec<_>>();
        assert_eq!(self.prepared, None, "prepared for nothing: {trace:#?}");
        assert_eq!(self.paused, None, "paused for ever: {trace:#?}");
        for word in &self.settled {
            let is_kept = self.kept.split([' ', '.']).any(|kept| kept == word);
            assert!(is_kept, "{word} was lost: {trace:#?}");
        }
        let is_alone = settings.answer_when == AnswerWhen::Always || self.people.len() == 1;
        let is_listening = self.switch == Switch::On && !self.hung_up && !self.people.is_empty();
        if is_listening && is_alone && settings.idle_prompt_after_ms > 0 {
            assert!(self.hung_up, "silent for ever: {trace:#?}");
        }
        if let (Some(speech), Switch::On) = (self.last_speech, &self.switch) {
            let sign = self.last_sign.unwrap_or_default();
            assert!(sign >= speech, "no answer to the last words: {trace:#?}");
        }
    }
}

fn story() -> impl Strategy<Value = Story> {
    let deeds = prop::collection::vec((gap(), 0..PEOPLE.len(), deed()), 1..40);
    let fates = prop::collection::vec(fate(), 1..6);
    (settings(), hearing(), deeds, fates).prop_map(|(settings, hearing, deeds, fates)| Story {
        settings,
        hearing,
        deeds,
        fates,
    })
}

fn settings() -> impl Strategy<Value = TurnSettings> {
    let flags = (any::<bool>(), prop::bool::weighted(0.8), any::<bool>());
    let idle = prop_oneof![4 => Just(10_000_u32), 1 => Just(0), 1 => Just(1_000)];
    (
        flags,
        idle,
        prop_oneof![3 => Just(3_600_u32), 1 => Just(20)],
    )
        .prop_map(
            |((preemptive, interruptible, always), idle, duration)| TurnSettings {
                preemptive,
                interruptible,
                idle_prompt_after_ms: idle,
                max_duration_s: duration,
                answer_when: if always {
                    AnswerWhen::Always
                } else {
                    AnswerWhen::Addressed
                },
                names: vec!["Pat".to_owned()],
                ..TurnSettings::default()
            },
        )
}

fn hearing() -> impl Strategy<Value = Hearing> {
    let finalizes = prop_oneof![4 => (20_u64..400).prop_map(Some), 1 => (400_u64..4_000).prop_map(Some), 1 => Just(None)];
    (
        any::<bool>(),
        finalizes,
        prop::option::weighted(0.3, 50_u64..600),
    )
        .prop_map(|(interims, finalizes, ends_turns)| Hearing {
            interims,
            finalizes,
            ends_turns,
        })
}

fn gap() -> impl Strategy<Value = Ms> {
    prop_oneof![3 => 0_u64..300, 4 => 300_u64..3_000, 1 => 3_000_u64..30_000]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        10 => (1_usize..6, 200_u64..4_000, any::<bool>())
            .prop_map(|(words, length, name)| Deed::Says { words, length, name }),
        3 => Just(Deed::Listens),
        3 => (50_u64..1_500).prop_map(Deed::Coughs),
        2 => Just(Deed::Types),
        2 => Just(Deed::Comes),
        1 => Just(Deed::Goes),
        1 => Just(Deed::VoiceBegins),
        1 => Just(Deed::VoiceEnds),
        1 => Just(Deed::EndsTurn),
        1 => Just(Deed::EmptyFinal),
        1 => Just(Deed::Announce),
        1 => Just(Deed::SwitchOff),
        2 => Just(Deed::SwitchOn),
        1 => Just(Deed::EndAsked),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        8 => (0_u64..2_000, 100_u64..8_000).prop_map(|(after, length)| Fate::Heard { after, length }),
        1 => (0_u64..2_000).prop_map(|after| Fate::Fails { after }),
        1 => (0_u64..2_000, 0_u64..2_000).prop_map(|(after, length)| Fate::BreaksOff { after, length }),
        1 => Just(Fate::NeverBegins),
        1 => (0_u64..9_000, 100_u64..4_000).prop_map(|(tool, length)| Fate::UsesTool { tool, length }),
        1 => Just(Fate::ToolHangs),
    ]
}
