//! The state of one call: what it does, what comes next, and how it ends.

use std::{sync::Arc, time::Duration};

use room_media::ulaw;

use super::{
    Action, Answer, Does, Facts, Failure, Fetch, First, Input, Method, Outbox, SocketNews, Update,
    detection::Verdict,
    gather::Gathering,
    mouth::Mouth,
    outbound::Ringing,
    performance::{Performance, Piece},
    program::{Program, Refusal},
};
use crate::{
    CallStatus, Closed, Ended, FRAME, Reason, Voice, What, sid::Sids, stream::Stream,
    twiml::Element,
};

/// Twilio ends a call after four hours.
const LONGEST_CALL: Duration = Duration::from_hours(4);

/// What a person hears when the application does not work.
const APOLOGY: &str = "We are sorry, an application error has occurred. Goodbye.";

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
    ended: Option<Ended>,
    /// Asked when the first document does not come.
    fallback: Option<(String, Method)>,
    /// Why the call ends when its program does.
    last_words: Reason,
    last_id: u64,
    sequence: u32,
    pub(super) time_limit: Duration,
    /// When it is known who answered, and who is told.
    pub(super) verdict: Option<Pending>,
    /// When the persona hangs up.
    pub(super) leaves_at: Option<Duration>,
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
            Input::Stop => self.end(now, Reason::Stopped),
        }
    }

    /// Lets 20 ms go by, and returns what was heard in them; nothing before the answer and after the end.
    pub(crate) fn handle_tick(&mut self, now: Duration) -> Option<[u8; FRAME]> {
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
        if let Doing::Streaming { stream, .. } = &mut self.doing {
            stream.send(&said, &heard, &mut self.out);
        }
        for fork in &mut self.forks {
            fork.send(&said, &heard, &mut self.out);
        }
        self.ended.is_none().then_some(heard)
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
            Does::Words(words) => {
                if let Doing::Gathering { gathering, .. } = &mut self.doing
                    && let Some(gathered) = gathering.handle_words(&words)
                {
                    self.finish_gather(now, gathered);
                }
            }
        }
    }

    fn handle_key(&mut self, now: Duration, key: char) {
        self.out.log(What::Digit(key));
        match &mut self.doing {
            Doing::Streaming { stream, .. } => stream.handle_digit(key, &mut self.out),
            Doing::Gathering { gathering, .. } => {
                if let Some(gathered) = gathering.handle_key(key, now) {
                    self.finish_gather(now, gathered);
                }
            }
            Doing::Nothing
            | Doing::Ringing(_)
            | Doing::Detecting { .. }
            | Doing::Dialling { .. }
            | Doing::Fetching { .. }
            | Doing::Playing { .. } => {}
        }
    }

    fn handle_answer(&mut self, now: Duration, fetch: u64, result: Result<Answer, Failure>) {
        let Doing::Fetching {
            fetch: awaited,
            url,
            method,
        } = &self.doing
        else {
            return;
        };
        if *awaited != fetch {
            return;
        }
        let (url, method) = (url.clone(), *method);
        let program = match result {
            Ok(answer) => {
                let program = Program::of_answer(&url, &answer);
                self.out.log(What::WebhookAnswered {
                    url: url.clone(),
                    status: answer.status,
                    took: answer.took,
                    body: answer.body,
                });
                program
            }
            Err(Failure { code, text, took }) => {
                let url = url.clone();
                self.out.log(What::WebhookFailed { url, code, took });
                Err(Refusal { code, text })
            }
        };
        match program {
            Ok(program) => {
                self.program = program;
                self.advance(now);
            }
            Err(refusal) => self.handle_refusal(now, &refusal, &url, method),
        }
    }

    fn handle_refusal(&mut self, now: Duration, refusal: &Refusal, url: &str, _method: Method) {
        self.out.warn(refusal.code, &refusal.text);
        if let Some((fallback, method)) = self.fallback.take() {
            let parameters = vec![
                ("ErrorCode".to_owned(), refusal.code.to_string()),
                ("ErrorUrl".to_owned(), url.to_owned()),
            ];
            return self.fetch(fallback, method, parameters);
        }
        self.apologize(now);
    }

    /// Says that something is wrong, and hangs up.
    pub(super) fn apologize(&mut self, now: Duration) {
        self.last_words = Reason::ApplicationError;
        self.program.replace(vec![Element::verb("Say", APOLOGY)]);
        self.advance(now);
    }

    fn handle_sound(&mut self, fetch: u64, result: Result<Vec<u8>, Failure>) {
        let sound = match result {
            Ok(sound) => Some(sound),
            Err(failure) => {
                self.out.warn(failure.code, &failure.text);
                None
            }
        };
        match &mut self.doing {
            Doing::Playing {
                performance,
                fetch: awaited,
            } if *awaited == fetch => {
                performance.handle_sound(sound);
            }
            Doing::Gathering {
                gathering,
                fetch: awaited,
            } if *awaited == fetch => {
                gathering.prompts.handle_sound(sound);
            }
            _ => {}
        }
    }

    fn handle_socket(&mut self, now: Duration, socket: u64, news: SocketNews) {
        let main = match &mut self.doing {
            Doing::Streaming { stream, .. } if stream.socket == socket => Some(stream.as_mut()),
            _ => None,
        };
        let is_main = main.is_some();
        let stream = main.or_else(|| self.forks.iter_mut().find(|fork| fork.socket == socket));
        let Some(stream) = stream else { return };
        match news {
            SocketNews::Text(text) => stream.handle_text(&text, &mut self.out),
            SocketNews::Binary => stream.handle_binary(&mut self.out),
            SocketNews::Open => {
                stream.handle_open(&mut self.out);
                let card = stream.card.clone();
                self.tell_of_stream(now, &card, "stream-started", None);
            }
            SocketNews::Closed { by, code } => {
                let card = stream.card.clone();
                self.out.log(What::SocketClosed { by, code });
                if by != Closed::Server {
                    self.out
                        .warn(31_921, "Stream - Connection - Server closed abnormally");
                }
                self.tell_of_stream(now, &card, "stream-stopped", None);
                if is_main && by != Closed::Server && self.rules.hang_up_on_lost_socket {
                    return self.end(now, Reason::SocketLost);
                }
                self.leave_stream(now, socket, is_main);
            }
            SocketNews::Refused { code, text } => {
                let card = stream.card.clone();
                self.out.log(What::SocketClosed {
                    by: Closed::Refused,
                    code: None,
                });
                self.out.warn(code, &text);
                self.tell_of_stream(now, &card, "stream-error", Some(&text));
                self.leave_stream(now, socket, is_main);
            }
        }
    }

    fn leave_stream(&mut self, now: Duration, socket: u64, is_main: bool) {
        self.forks.retain(|fork| fork.socket != socket);
        if !is_main {
            return;
        }
        let doing = std::mem::replace(&mut self.doing, Doing::Nothing);
        if let Doing::Streaming {
            action: Some((url, method)),
            ..
        } = doing
        {
            let url = self.program.resolve(Some(&url));
            return self.fetch(url, method, Vec::new());
        }
        self.advance(now);
    }

    fn handle_update(&mut self, now: Duration, update: Update) {
        match update {
            Update::HangUp => self.end(now, Reason::Api),
            Update::Fetch { url, method } => {
                self.out.log(What::Updated);
                self.leave();
                self.fetch(url, method, Vec::new());
            }
            Update::Document(document) => {
                self.out.log(What::Updated);
                self.leave();
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
    fn leave(&mut self) {
        let doing = std::mem::replace(&mut self.doing, Doing::Nothing);
        if let Doing::Streaming { mut stream, .. } = doing {
            self.say_goodbye(&mut stream);
        }
    }

    fn say_goodbye(&mut self, stream: &mut Stream) {
        stream.stop(&mut self.out);
        self.out.log(What::SocketClosed {
            by: Closed::Twin,
            code: None,
        });
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

    /// Asks for a document, and waits for it.
    pub(super) fn fetch(&mut self, url: String, method: Method, more: Vec<(String, String)>) {
        let fetch = self.next_id();
        let mut parameters = self.facts.parameters(self.status);
        parameters.extend(more);
        self.out.log(What::WebhookSent {
            url: url.clone(),
            parameters: parameters.clone(),
        });
        self.doing = Doing::Fetching {
            fetch,
            url: url.clone(),
            method,
        };
        self.out.push(Action::Fetch(Fetch {
            fetch,
            url,
            method,
            parameters,
        }));
    }

    /// Ends the call.
    pub(super) fn end(&mut self, now: Duration, reason: Reason) {
        self.leave();
        for mut fork in std::mem::take(&mut self.forks) {
            self.say_goodbye(&mut fork);
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
        self.end(now, self.last_words);
    }

    /// Tells whoever wants to know how far the call is.
    pub(super) fn tell(&mut self, now: Duration, event: &str, status: &str, talked: Duration) {
        let Some(callback) = self.facts.callback.clone() else {
            return;
        };
        if !callback.events.iter().any(|wanted| wanted == event) {
            return;
        }
        let mut parameters = self.facts.identity();
        parameters.extend([
            ("CallStatus".to_owned(), status.to_owned()),
            ("Timestamp".to_owned(), self.facts.date(now)),
            (
                "CallbackSource".to_owned(),
                "call-progress-events".to_owned(),
            ),
            ("SequenceNumber".to_owned(), self.sequence.to_string()),
        ]);
        if let Some(answered_by) = self.facts.answered_by {
            parameters.push(("AnsweredBy".to_owned(), answered_by.to_owned()));
        }
        if event == "completed" {
            let seconds = talked.as_secs_f64().ceil() as u64;
            parameters.push(("CallDuration".to_owned(), seconds.to_string()));
            parameters.push(("Duration".to_owned(), seconds.div_ceil(60).to_string()));
        }
        let sequence = self.sequence;
        self.sequence += 1;
        self.notify(
            sequence,
            status,
            (callback.url, callback.method),
            parameters,
        );
    }

    pub(super) fn notify(
        &mut self,
        sequence: u32,
        status: &str,
        (url, method): (String, Method),
        parameters: Vec<(String, String)>,
    ) {
        self.out.push(Action::Tell {
            sequence,
            status: status.to_owned(),
            callback: Fetch {
                fetch: 0,
                url,
                method,
                parameters,
            },
        });
    }
}
