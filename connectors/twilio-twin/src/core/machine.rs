//! The state of one call: what it does, what comes next, and how it ends.

use std::{sync::Arc, time::Duration};

use room_media::ulaw;

use super::{
    Action, Does, Facts, First, Input, Method, Outbox, Update,
    detection::Verdict,
    gather::Gathering,
    meeting::Meeting,
    mouth::Mouth,
    outbound::Ringing,
    performance::{Performance, Piece},
    program::Program,
    relaying::Relaying,
};
use crate::{
    CallStatus, Ended, FRAME, Reason, Voice, What, conference::Guest, sid::Sids, stream::Stream,
};

/// Twilio ends a call after four hours.
const LONGEST_CALL: Duration = Duration::from_hours(4);

/// What holds for all calls of a twin.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) voice: Arc<dyn Voice>,
    pub(crate) plain_sockets: bool,
    pub(crate) hang_up_on_lost_socket: bool,
}

/// What a call does now.
#[derive(Debug)]
pub(super) enum Doing {
    Nothing,
    /// Waits for the person called to answer.
    Ringing(Box<Ringing>),
    /// Waits until it is known who answered.
    Detecting {
        at: Duration,
        verdict: Verdict,
        first: First,
    },
    /// Presses keys before anything else.
    Dialling {
        performance: Performance,
        first: First,
    },
    /// Waits for a document.
    Fetching {
        fetch: u64,
        url: String,
        method: Method,
    },
    Playing {
        performance: Performance,
        fetch: u64,
    },
    Gathering {
        gathering: Gathering,
        fetch: u64,
    },
    Streaming {
        stream: Box<Stream>,
        action: Option<(String, Method)>,
    },
    Meeting(Box<Meeting>),
    Relaying(Box<Relaying>),
}

/// 20 ms of a call: what the person said, and what reached their ear.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sound {
    pub(crate) said: [u8; FRAME],
    pub(crate) heard: [u8; FRAME],
}

/// Who answered, when that is known, and who is told.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) at: Duration,
    pub(super) verdict: Verdict,
    pub(super) callback: Option<(String, Method)>,
}

/// One call. Holds no socket, no task, no clock.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(super) facts: Facts,
    pub(super) rules: Rules,
    pub(super) sids: Sids,
    pub(super) out: Outbox,
    pub(super) program: Program,
    pub(super) doing: Doing,
    pub(super) forks: Vec<Stream>,
    pub(super) mouth: Mouth,
    pub(super) status: CallStatus,
    pub(super) answered: Option<Duration>,
    pub(super) ended: Option<Ended>,
    /// Asked when the first document does not come.
    pub(super) fallback: Option<(String, Method)>,
    /// Why the call ends when its program does.
    pub(super) last_words: Reason,
    pub(super) last_id: u64,
    pub(super) sequence: u32,
    pub(super) time_limit: Duration,
    /// When it is known who answered, and who is told.
    pub(super) verdict: Option<Pending>,
    /// When the persona hangs up.
    pub(super) leaves_at: Option<Duration>,
    /// Whom the call meets when its document is over.
    pub(super) meets: Option<Guest>,
}

impl Machine {
    /// Returns a call that rings at a number of the account.
    pub(crate) fn inbound(facts: Facts, rules: Rules, sids: Sids) -> Self {
        let mut machine = Self::new(facts, rules, sids);
        machine.set_status(CallStatus::Ringing);
        machine
    }

    pub(super) fn new(facts: Facts, rules: Rules, sids: Sids) -> Self {
        Self {
            facts,
            rules,
            sids,
            out: Outbox::default(),
            program: Program::default(),
            doing: Doing::Nothing,
            forks: Vec::new(),
            mouth: Mouth::default(),
            status: CallStatus::Queued,
            answered: None,
            ended: None,
            fallback: None,
            last_words: Reason::DocumentEnded,
            last_id: 0,
            sequence: 0,
            time_limit: LONGEST_CALL,
            verdict: None,
            leaves_at: None,
            meets: None,
        }
    }

    /// Asks for the document that says what to do.
    pub(crate) fn ask(&mut self, url: String, method: Method, fallback: Option<String>) {
        self.set_fallback(fallback);
        self.fetch(url, method, Vec::new());
    }

    pub(super) fn set_fallback(&mut self, url: Option<String>) {
        self.fallback = url.map(|url| (url, Method::Post));
    }

    /// Takes what happens.
    pub(crate) fn handle(&mut self, now: Duration, input: Input) {
        if self.ended.is_some() {
            return;
        }
        match input {
            Input::Person(does) => self.handle_person(now, does),
            Input::Answer { fetch, result } => self.handle_answer(now, fetch, result),
            Input::Sound { fetch, result } => self.handle_sound(fetch, result),
            Input::Socket { socket, news } => self.handle_socket(now, socket, news),
            Input::Update(update) => self.handle_update(now, update),
            Input::Heard(frame) => self.handle_heard(frame),
            Input::Child { sid, news } => self.handle_child(now, &sid, news),
            Input::MeetingOver => self.handle_meeting_over(now),
            Input::Stop => self.end(now, Reason::Stopped),
        }
    }

    /// Lets 20 ms go by, and returns their sound; nothing before the answer and after the end.
    pub(crate) fn handle_tick(&mut self, now: Duration) -> Option<Sound> {
        if self.ended.is_some() {
            return None;
        }
        let Some(answered) = self.answered else {
            self.ring(now);
            self.hear(now);
            return None;
        };
        self.judge(now);
        if now >= answered + self.time_limit {
            self.end(now, Reason::TimeLimit);
            return None;
        }
        if let Some(key) = self.mouth.poll_key() {
            self.handle_key(now, key);
        }
        let said = self.mouth.speak();
        let heard = self.hear(now);
        if let Doing::Meeting(meeting) = &self.doing
            && meeting.has_joined()
        {
            self.out.push(Action::SayToMeeting(said));
        }
        if let Doing::Streaming { stream, .. } = &mut self.doing {
            stream.send(&said, &heard, &mut self.out);
        }
        for fork in &mut self.forks {
            fork.send(&said, &heard, &mut self.out);
        }
        self.ended.is_none().then_some(Sound { said, heard })
    }

    /// Returns what is to be done next.
    pub(crate) fn poll_action(&mut self) -> Option<Action> {
        self.out.poll()
    }

    /// Returns how the call ended.
    pub(crate) const fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    fn handle_person(&mut self, now: Duration, does: Does) {
        match does {
            Does::Say(samples) => self.mouth.say(&samples),
            Does::Hush => self.mouth.hush(),
            Does::Press(keys) => self.mouth.press(&keys),
            Does::HangUp => self.end(now, Reason::Person),
            Does::KillSockets => self.out.push(Action::KillSockets),
            Does::Words(words) => self.handle_words(now, &words),
        }
    }

    fn handle_words(&mut self, now: Duration, words: &str) {
        match &mut self.doing {
            Doing::Gathering { gathering, .. } => {
                if let Some(gathered) = gathering.handle_words(words) {
                    self.finish_gather(now, gathered);
                }
            }
            Doing::Relaying(relaying) => relaying.relay.handle_words(words, &mut self.out),
            _ => {}
        }
    }

    fn handle_key(&mut self, now: Duration, key: char) {
        self.out.log(What::Digit(key));
        match &mut self.doing {
            Doing::Streaming { stream, .. } => stream.handle_digit(key, &mut self.out),
            Doing::Relaying(relaying) => relaying.relay.handle_key(key, &mut self.out),
            Doing::Gathering { gathering, .. } => {
                if let Some(gathered) = gathering.handle_key(key, now) {
                    self.finish_gather(now, gathered);
                }
            }
            Doing::Nothing
            | Doing::Ringing(_)
            | Doing::Detecting { .. }
            | Doing::Dialling { .. }
            | Doing::Meeting(_)
            | Doing::Fetching { .. }
            | Doing::Playing { .. } => {}
        }
    }

    fn handle_update(&mut self, now: Duration, update: Update) {
        match update {
            Update::Verb(verb) if verb.name == "Start" => self.start(&verb),
            Update::Verb(verb) => self.stop(&verb, now),
            Update::HangUp => self.end(now, Reason::Api),
            Update::Fetch { url, method } => {
                self.out.log(What::Updated);
                self.leave(now);
                self.fetch(url, method, Vec::new());
            }
            Update::Document(document) => {
                self.out.log(What::Updated);
                self.leave(now);
                match Program::of_document(&document) {
                    Ok(program) => {
                        self.program = program;
                        self.advance(now);
                    }
                    Err(refusal) => self.handle_refusal(now, &refusal, "", Method::Post),
                }
            }
        }
    }

    /// Stops what the call does, with a goodbye to whom it concerns.
    fn leave(&mut self, now: Duration) {
        let doing = std::mem::replace(&mut self.doing, Doing::Nothing);
        match doing {
            Doing::Streaming { mut stream, .. } => self.say_goodbye(now, &mut stream),
            Doing::Meeting(meeting) => self.leave_meeting(&meeting),
            Doing::Relaying(relaying) => self.leave_relay(now, *relaying),
            _ => {}
        }
    }

    /// Returns the next 20 ms for the ear, and goes on when something is over.
    fn hear(&mut self, now: Duration) -> [u8; FRAME] {
        let silence = [ulaw::SILENCE; FRAME];
        let (performance, awaited) = match &mut self.doing {
            Doing::Nothing
            | Doing::Ringing(_)
            | Doing::Detecting { .. }
            | Doing::Fetching { .. } => return silence,
            Doing::Dialling { performance, .. } => {
                let Piece::Sound(frame) = performance.play() else {
                    self.begin_after_keys(now);
                    return silence;
                };
                return frame;
            }
            Doing::Streaming { stream, .. } => return stream.play(&mut self.out),
            Doing::Meeting(meeting) => return meeting.hear(),
            Doing::Relaying(relaying) => return relaying.relay.play(),
            Doing::Playing { performance, fetch } => (performance, fetch),
            Doing::Gathering { gathering, fetch } => (&mut gathering.prompts, fetch),
        };
        match performance.play() {
            Piece::Sound(frame) => frame,
            Piece::Wants(url) => {
                self.last_id += 1;
                *awaited = self.last_id;
                let fetch = self.last_id;
                self.out.push(Action::FetchSound { fetch, url });
                silence
            }
            Piece::Over => {
                self.handle_over(now);
                silence
            }
        }
    }

    fn handle_over(&mut self, now: Duration) {
        match &mut self.doing {
            Doing::Gathering { gathering, .. } => {
                if let Some(gathered) = gathering.handle_silence(now) {
                    self.finish_gather(now, gathered);
                }
            }
            _ => self.advance(now),
        }
    }

    /// Answers a call that still rings.
    pub(super) fn answer(&mut self, now: Duration) {
        if self.answered.is_none() {
            self.answered = Some(now);
            self.set_status(CallStatus::InProgress);
        }
    }

    pub(super) fn set_status(&mut self, status: CallStatus) {
        self.status = status;
        self.out.log(What::Status(status));
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Ends the call.
    pub(super) fn end(&mut self, now: Duration, reason: Reason) {
        self.leave(now);
        for mut fork in std::mem::take(&mut self.forks) {
            self.say_goodbye(now, &mut fork);
        }
        let status = match (self.answered, reason) {
            (Some(_), _) => CallStatus::Completed,
            (None, Reason::Busy) => CallStatus::Busy,
            (None, Reason::Failed | Reason::Stopped) => CallStatus::Failed,
            (None, Reason::Api) => CallStatus::Canceled,
            (None, _) => CallStatus::NoAnswer,
        };
        self.set_status(status);
        let talked = self
            .answered
            .map_or(Duration::ZERO, |at| now.saturating_sub(at));
        self.tell(now, "completed", status.word(), talked);
        let ended = Ended {
            status,
            reason,
            talked,
        };
        self.out.log(What::Ended(ended.clone()));
        self.ended = Some(ended);
    }

    pub(super) fn end_of_program(&mut self, now: Duration) {
        // Whoever was called by `<Dial>` meets the caller after their own document.
        if let Some(guest) = self.meets.take() {
            return self.meet(guest, None);
        }
        self.end(now, self.last_words);
    }
}
