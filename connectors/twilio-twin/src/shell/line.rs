//! Runs one call: the loop that owns its state, its sockets and its clock.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use fastrand::Rng;
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinSet},
    time::{Instant, sleep, sleep_until},
};

use super::{
    Entry, Hall, Office, Placing, Wish,
    socket::{self, Order, QUEUE},
    sound,
};
use room_media::ulaw;

use crate::{
    Call, CallStatus, Closed, Event, Knobs, What,
    conference::{Full, Guest},
    core::{
        Action, ChildNews, Direction, Does, Facts, Fetch, Input, Leg, Machine, Method, Plan, Update,
    },
    journal::Journal,
};

/// Deeds of the person, messages of sockets and answers that may wait: senders wait, the person's deeds are lost.
const INBOX: usize = 256;

/// How long the last callbacks and goodbyes may take when the call is over.
const AFTERMATH: Duration = Duration::from_secs(20);

/// The task of a call.
pub(crate) struct Line {
    office: Arc<Office>,
    machine: Machine,
    inbox: mpsc::Receiver<Input>,
    sender: mpsc::Sender<Input>,
    heard: Journal<u8>,
    events: Journal<Event>,
    entry: Entry,
    sid: String,
    /// The call that placed this one.
    parent: Option<mpsc::Sender<Input>>,
    /// Who the conference is at the other end, until the call is answered.
    stands_for: Option<Guest>,
    hall: Option<Arc<Hall>>,
    /// The conference that is the other end, since then.
    behind: Option<Arc<Hall>>,
    /// Calls that this one placed.
    legs: Vec<(String, Entry)>,
    sockets: HashMap<u64, mpsc::Sender<Order>>,
    /// Requests and sockets under way; each ends with news for the call.
    errands: JoinSet<Option<Input>>,
    began: Duration,
    knobs: Knobs,
    dice: Rng,
    /// What a stalling network keeps back.
    held: Vec<(u64, String, bool)>,
    /// Sockets whose servers do not read fast enough.
    slow: HashSet<u64>,
    /// When the media socket breaks.
    kills_at: Option<Duration>,
}

impl Line {
    /// Starts a call's task and returns the call.
    pub(crate) fn start(
        office: &Arc<Office>,
        machine: Machine,
        facts: Facts,
        (parent, stands_for): (Option<mpsc::Sender<Input>>, Option<Guest>),
    ) -> (Call, Entry) {
        let (sender, inbox) = mpsc::channel(INBOX);
        let call = Call {
            sid: facts.call_sid.clone(),
            from: facts.from.clone(),
            to: facts.to.clone(),
            inbox: sender.clone(),
            heard: Journal::new(),
            events: Journal::new(),
        };
        let ours = [&facts.from, &facts.to];
        let numbers = office.registry.numbers();
        let number = numbers
            .into_iter()
            .find(|own| ours.contains(&&own.number.number));
        let entry = Entry::new(facts, number.map(|own| own.sid), sender.clone());
        office.registry.add_call(&call.sid, entry.clone());
        let line = Self {
            entry: entry.clone(),
            sid: call.sid.clone(),
            parent,
            stands_for,
            hall: None,
            behind: None,
            legs: Vec::new(),
            office: Arc::clone(office),
            machine,
            inbox,
            sender,
            heard: call.heard.clone(),
            events: call.events.clone(),
            sockets: HashMap::new(),
            errands: JoinSet::new(),
            began: office.now(),
            knobs: office.knobs(),
            dice: office.dice(),
            held: Vec::new(),
            slow: HashSet::new(),
            kills_at: None,
        };
        office.tasks.spawn(line.run());
        (call, entry)
    }

    async fn run(mut self) {
        let tick = self.knobs.tick();
        let mut next_tick = Instant::now() + tick;
        let stop = self.office.stop.clone();
        self.act();
        while self.machine.ended().is_none() {
            tokio::select! {
                biased;
                () = stop.cancelled() => self.machine.handle(self.office.now(), Input::Stop),
                () = sleep_until(next_tick) => {
                    next_tick += tick;
                    self.interfere();
                    if let Some(sound) = self.machine.handle_tick(self.office.now()) {
                        self.heard.add(&sound.heard);
                        self.entry.keep(&sound);
                        if let Some(hall) = &self.behind {
                            hall.put(&self.sid, sound.heard);
                        }
                    }
                }
                Some(input) = self.inbox.recv() => {
                    let input = self.as_of_a_person(input);
                    self.machine.handle(self.office.now(), input);
                }
                Some(done) = self.errands.join_next() => self.take(done),
            }
            self.act();
        }
        self.heard.close();
        if let Some(hall) = self.behind.take() {
            hall.leave(&self.sid, false);
        }
        for recording in self.entry.take_recordings() {
            self.office.finish(&recording);
        }
        self.clear_up().await;
        self.events.close();
    }

    /// What the conference at the other end does is what a person does.
    fn as_of_a_person(&self, input: Input) -> Input {
        match input {
            Input::Heard(frame) if self.behind.is_some() => {
                Input::Person(Does::Say(frame.map(ulaw::decode).to_vec()))
            }
            Input::MeetingOver if self.behind.is_some() => Input::Person(Does::HangUp),
            input => input,
        }
    }

    /// Does what the knobs want done at this time.
    fn interfere(&mut self) {
        let now = self.office.now();
        if self.kills_at.take_if(|at| now >= *at).is_some() {
            self.kill_sockets();
        }
        if !self.is_stalled() {
            for (socket, text, is_sound) in std::mem::take(&mut self.held) {
                self.pass_on(socket, text, is_sound);
            }
        }
    }

    fn is_stalled(&self) -> bool {
        let elapsed = self.office.now().saturating_sub(self.began);
        self.knobs
            .stalls
            .is_some_and(|stalls| stalls.holds(elapsed))
    }

    /// The call knows of it before its server can, which asks for something else at once.
    fn kill_sockets(&mut self) {
        let now = self.office.now();
        for (socket, orders) in self.sockets.drain() {
            let news = socket::closed(Closed::Killed, None);
            self.machine.handle(now, Input::Socket { socket, news });
            drop(orders.try_send(Order::Kill));
        }
    }

    /// Lets callbacks and goodbyes come to their end.
    async fn clear_up(&mut self) {
        self.sockets.clear();
        self.inbox.close();
        let deadline = Instant::now() + AFTERMATH;
        let stop = self.office.stop.clone();
        loop {
            tokio::select! {
                done = self.errands.join_next() => match done {
                    Some(done) => self.take(done),
                    None => return,
                },
                () = stop.cancelled() => return,
                () = sleep_until(deadline) => return,
            }
            self.act();
        }
    }

    fn take(&mut self, done: Result<Option<Input>, JoinError>) {
        if let Ok(Some(input)) = done {
            self.machine.handle(self.office.now(), input);
        }
    }

    fn act(&mut self) {
        while let Some(action) = self.machine.poll_action() {
            match action {
                Action::Log(what) => self.log(what),
                Action::Fetch(fetch) => self.fetch(&fetch),
                Action::FetchSound { fetch, url } => {
                    let office = Arc::clone(&self.office);
                    self.errands.spawn(async move {
                        let result = sound::load(&office, &url).await;
                        Some(Input::Sound { fetch, result })
                    });
                }
                Action::OpenSocket { socket, url } => {
                    let (orders, taken) = mpsc::channel(QUEUE);
                    self.sockets.insert(socket, orders);
                    let office = Arc::clone(&self.office);
                    let run = socket::run(office, socket, url, taken, self.sender.clone());
                    self.errands.spawn(async move { Some(run.await) });
                }
                Action::SendSocket {
                    socket,
                    text,
                    is_sound,
                } => self.send(socket, text, is_sound),
                Action::CloseSocket {
                    socket,
                    code,
                    reason,
                } => {
                    if let Some(orders) = self.sockets.remove(&socket) {
                        // What stands in the queue goes out first; a full one closes when its sender is dropped.
                        drop(orders.try_send(Order::Close { code, reason }));
                    }
                }
                Action::KillSockets => self.kill_sockets(),
                Action::Meet(guest) => self.meet(*guest),
                Action::SayToMeeting(frame) => {
                    if let Some(hall) = &self.hall {
                        hall.put(&self.sid, frame);
                    }
                }
                Action::LeaveMeeting => {
                    if let Some(hall) = self.hall.take() {
                        hall.leave(&self.sid, false);
                    }
                }
                Action::Dial(legs) => self.dial(legs),
                Action::HangUpLegs { but } => {
                    let others = self
                        .legs
                        .iter()
                        .filter(|(sid, _)| Some(sid) != but.as_ref());
                    for (_, leg) in others {
                        leg.send(Input::Update(Update::HangUp));
                    }
                }
                Action::Record(noun) => {
                    let wish = Wish {
                        source: "StartCallRecordingTwiML",
                        is_dual: noun.attribute("channels") == Some("dual"),
                        callback: noun.filled("recordingStatusCallback").map(|url| {
                            (
                                url.to_owned(),
                                Method::read(noun.attribute("recordingStatusCallbackMethod")),
                            )
                        }),
                        events: Vec::new(),
                    };
                    self.office.record(&self.entry, wish);
                }
                Action::TellParent => self.tell_parent(ChildNews::Joined),
                Action::Tell {
                    sequence,
                    status,
                    callback,
                } => self.tell(sequence, status, &callback),
            }
        }
    }

    fn log(&mut self, what: What) {
        self.entry.note(&what);
        if let What::Ended(ended) = &what {
            self.tell_parent(ChildNews::Ended(ended.status));
        }
        if matches!(what, What::StreamStarted { .. }) {
            let after = self.knobs.kill_socket_after;
            self.kills_at = after.map(|after| self.office.now() + after);
        }
        let is_answered = what == What::Status(CallStatus::InProgress);
        let at = self.office.now().saturating_sub(self.began);
        self.events.add(&[Event { at, what }]);
        if is_answered && let Some(guest) = self.stands_for.take() {
            self.stand_for(guest);
        }
    }

    /// Makes a conference the other end of the call.
    fn stand_for(&mut self, guest: Guest) {
        let hall = self.office.hall(&guest);
        match hall.join(guest, self.sender.clone()) {
            Ok(()) => self.behind = Some(hall),
            Err(_) => {
                let over = Input::Person(Does::HangUp);
                self.machine.handle(self.office.now(), over);
            }
        }
    }

    fn meet(&mut self, guest: Guest) {
        let hall = self.office.hall(&guest);
        match hall.join(guest, self.sender.clone()) {
            Ok(()) => self.hall = Some(hall),
            Err(full) => {
                let code = if full == Full::LabelTaken {
                    16_025
                } else {
                    13_245
                };
                let text = format!("the conference takes nobody: {full:?}");
                self.log(What::Warning { code, text });
                self.machine.handle(self.office.now(), Input::MeetingOver);
            }
        }
    }

    fn dial(&mut self, legs: Vec<Leg>) {
        for leg in legs {
            let (first, meets) = leg.first();
            let entry = self.office.place(Placing {
                from: leg.from,
                to: leg.to,
                direction: Direction::OutboundDial,
                parent: Some((self.sid.clone(), self.sender.clone())),
                callback: leg.callback,
                plan: Plan {
                    first,
                    timeout: leg.timeout,
                    detection: leg.detection,
                    digits: leg.digits,
                    time_limit: Some(leg.time_limit),
                    meets,
                },
                record: None,
                stands_for: None,
                extra: Vec::new(),
            });
            self.legs.push((entry.sid(), entry));
        }
    }

    fn tell_parent(&self, news: ChildNews) {
        if let Some(parent) = &self.parent {
            let sid = self.sid.clone();
            // A parent that does not listen any more has hung up its legs.
            drop(parent.try_send(Input::Child { sid, news }));
        }
    }

    fn fetch(&mut self, fetch: &Fetch) {
        let token = self.office.sid("");
        for copy in 0..=self.knobs.webhook_copies {
            let office = Arc::clone(&self.office);
            let (fetch, token) = (fetch.clone(), token.clone());
            self.errands.spawn(async move {
                let result = office.webhooks.send(&fetch, &office.settings, &token).await;
                let fetch = fetch.fetch;
                (copy == 0).then_some(Input::Answer { fetch, result })
            });
        }
    }

    fn send(&mut self, socket: u64, text: String, is_sound: bool) {
        if self.is_stalled() || !self.held.is_empty() {
            self.held.push((socket, text, is_sound));
        } else {
            self.pass_on(socket, text, is_sound);
        }
    }

    fn pass_on(&mut self, socket: u64, text: String, is_sound: bool) {
        let Some(orders) = self.sockets.get(&socket) else {
            return;
        };
        let is_lost = orders.try_send(Order::Send(text)).is_err();
        // Told once: a server that is too slow loses every piece from here on.
        if is_lost && is_sound && self.slow.insert(socket) {
            self.log(What::Warning {
                code: 31_930,
                text: "Stream - Media - Upstream buffer overflow".into(),
            });
        }
    }

    fn tell(&mut self, sequence: u32, status: String, callback: &Fetch) {
        if self.dice.f64() < self.knobs.callback_loss {
            return;
        }
        self.log(What::CallbackSent { sequence, status });
        let token = self.office.sid("");
        for _ in 0..=self.knobs.callback_copies {
            let wait =
                self.knobs.callback_delay + self.knobs.callback_spread.mul_f64(self.dice.f64());
            let (office, events, began) =
                (Arc::clone(&self.office), self.events.clone(), self.began);
            let (callback, token) = (callback.clone(), token.clone());
            self.errands.spawn(async move {
                if !wait.is_zero() {
                    sleep(wait).await;
                }
                let answer = office
                    .webhooks
                    .send(&callback, &office.settings, &token)
                    .await;
                let status = answer.ok().map(|answer| answer.status);
                let at = office.now().saturating_sub(began);
                let what = What::CallbackAnswered { sequence, status };
                events.add(&[Event { at, what }]);
                None
            });
        }
    }
}
