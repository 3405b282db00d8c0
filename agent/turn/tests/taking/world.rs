//! People, a transcriber and a clock around the machine; nothing here waits.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use agent_turn::{Action, Input, Person, TurnSettings, TurnTaking, VOICE_HANGOVER};

/// Milliseconds since the beginning.
pub(crate) type Ms = u64;

/// A word is told so long after it was spoken.
const WORD_DELAY: Ms = 100;
/// More steps at one moment than this: the machine goes round in circles.
const MOST_STEPS: usize = 1_000;

/// How the transcriber behaves.
#[derive(Debug, Clone)]
pub(crate) struct Hearing {
    pub(crate) interims: bool,
    /// So long after it was asked it tells what is open; never when there is nothing here.
    pub(crate) finalizes: Option<Ms>,
    /// So long after somebody finished it says so itself.
    pub(crate) ends_turns: Option<Ms>,
}

impl Default for Hearing {
    fn default() -> Self {
        Self {
            interims: true,
            finalizes: Some(100),
            ends_turns: None,
        }
    }
}

/// The machine and what surrounds it.
pub(crate) struct World {
    pub(crate) taking: TurnTaking,
    pub(crate) hearing: Hearing,
    pub(crate) trace: Vec<(Ms, Entry)>,
    start: Instant,
    now: Ms,
    agenda: BTreeMap<(Ms, usize), Event>,
    planned: usize,
    speech: BTreeMap<Person, Vec<Word>>,
    told: BTreeMap<Person, usize>,
}

/// Something planned.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Input(Input),
    /// The transcriber tells what it has heard so far.
    Tell(Person),
    /// The transcriber settles what it has heard.
    Settle(Person),
}

/// What went in and what came out.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Happened(Input),
    Done(Action),
}

#[derive(Debug, Clone)]
struct Word {
    at: Ms,
    text: String,
}

impl World {
    pub(crate) fn new(settings: TurnSettings) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a beginning, from which virtual time runs"
        )]
        let start = Instant::now() + Duration::from_secs(1);
        Self {
            taking: TurnTaking::new(settings, start),
            hearing: Hearing::default(),
            trace: Vec::new(),
            start,
            now: 0,
            agenda: BTreeMap::new(),
            planned: 0,
            speech: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    pub(crate) fn plan(&mut self, at: Ms, event: Event) {
        self.planned += 1;
        self.agenda.insert((at.max(self.now), self.planned), event);
    }

    pub(crate) fn input(&mut self, at: Ms, input: Input) {
        self.plan(at, Event::Input(input));
    }

    /// Somebody speaks; without words it is a noise.
    pub(crate) fn speak(&mut self, at: Ms, person: &Person, text: &str, length: Ms) {
        let hangover = VOICE_HANGOVER.as_millis() as Ms;
        self.input(at, Input::VoiceBegan(person.clone()));
        self.input(at + length + hangover, Input::VoiceEnded(person.clone()));
        let words: Vec<&str> = text.split_whitespace().collect();
        for (place, text) in words.iter().enumerate() {
            let spoken = at + length * (place as Ms + 1) / words.len() as Ms;
            self.speech.entry(person.clone()).or_default().push(Word {
                at: spoken,
                text: (*text).to_owned(),
            });
            if self.hearing.interims {
                self.plan(spoken + WORD_DELAY, Event::Tell(person.clone()));
            }
        }
        if let Some(delay) = self.hearing.ends_turns
            && !words.is_empty()
        {
            self.plan(at + length + delay, Event::Settle(person.clone()));
            self.input(at + length + delay, Input::EndOfTurn(person.clone()));
        }
    }

    /// Lets time pass.
    pub(crate) fn run_until(&mut self, end: Ms, mut react: impl FnMut(&mut Self, Ms, &Action)) {
        let mut steps = 0;
        self.take_actions(&mut react);
        loop {
            let planned = self.agenda.first_key_value().map(|(key, _)| key.0);
            let deadline = self.taking.deadline().map(|deadline| self.ms_of(deadline));
            let Some(next) = planned.into_iter().chain(deadline).min() else {
                break;
            };
            if next > end {
                break;
            }
            steps = if next > self.now { 0 } else { steps + 1 };
            assert!(steps < MOST_STEPS, "time stands still at {next} ms");
            self.now = self.now.max(next);
            if planned == Some(next) {
                self.next_event();
            } else {
                self.taking.handle_timeout(self.instant(self.now));
            }
            self.take_actions(&mut react);
        }
        self.now = end;
    }

    fn next_event(&mut self) {
        let Some((_, event)) = self.agenda.pop_first() else {
            return;
        };
        let input = match event {
            Event::Input(input) => input,
            Event::Tell(person) => {
                let text = self
                    .heard(&person, self.now.saturating_sub(WORD_DELAY))
                    .join(" ");
                if text.is_empty() {
                    return;
                }
                Input::Interim(person, text)
            }
            Event::Settle(person) => {
                let words = self.heard(&person, self.now);
                *self.told.entry(person.clone()).or_default() += words.len();
                Input::Final(person, words.join(" "))
            }
        };
        self.trace.push((self.now, Entry::Happened(input.clone())));
        self.taking.handle(self.instant(self.now), input);
    }

    fn heard(&self, person: &Person, until: Ms) -> Vec<String> {
        let told = self.told.get(person).copied().unwrap_or_default();
        let mut words: Vec<&Word> = self.speech.get(person).into_iter().flatten().collect();
        words.sort_by_key(|word| word.at);
        let untold = words.into_iter().skip(told);
        untold
            .take_while(|word| word.at <= until)
            .map(|word| word.text.clone())
            .collect()
    }

    fn take_actions(&mut self, react: &mut impl FnMut(&mut Self, Ms, &Action)) {
        while let Some(action) = self.taking.poll_action() {
            if let (Action::Finalize(person), Some(delay)) = (&action, self.hearing.finalizes) {
                self.plan(self.now + delay, Event::Settle(person.clone()));
            }
            let now = self.now;
            react(self, now, &action);
            self.trace.push((now, Entry::Done(action)));
        }
    }

    fn instant(&self, at: Ms) -> Instant {
        self.start + Duration::from_millis(at)
    }

    fn ms_of(&self, instant: Instant) -> Ms {
        let nanos = instant.saturating_duration_since(self.start).as_nanos();
        nanos.div_ceil(1_000_000) as Ms
    }
}
