//! Runs one call: the loop that owns its state, its sockets and its clock.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc,
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until},
};

use super::{
    Entry, Office,
    socket::{self, Order, QUEUE},
    sound,
};
use crate::{
    Call, Event, TICK,
    core::{Action, Facts, Fetch, Input, Machine},
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
    sockets: HashMap<u64, mpsc::Sender<Order>>,
    /// Requests and sockets under way; each ends with news for the call.
    errands: JoinSet<Option<Input>>,
    began: Duration,
}

impl Line {
    /// Starts a call's task and returns the call.
    pub(crate) fn start(office: &Arc<Office>, machine: Machine, facts: Facts) -> (Call, Entry) {
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
            office: Arc::clone(office),
            machine,
            inbox,
            sender,
            heard: call.heard.clone(),
            events: call.events.clone(),
            sockets: HashMap::new(),
            errands: JoinSet::new(),
            began: office.now(),
        };
        office.tasks.spawn(line.run());
        (call, entry)
    }

    async fn run(mut self) {
        let mut next_tick = Instant::now() + TICK;
        let stop = self.office.stop.clone();
        self.act();
        while self.machine.ended().is_none() {
            tokio::select! {
                biased;
                () = stop.cancelled() => self.machine.handle(self.office.now(), Input::Stop),
                () = sleep_until(next_tick) => {
                    next_tick += TICK;
                    if let Some(heard) = self.machine.handle_tick(self.office.now()) {
                        self.heard.add(&heard);
                    }
                }
                Some(input) = self.inbox.recv() => self.machine.handle(self.office.now(), input),
                Some(done) = self.errands.join_next() => self.take(done),
            }
            self.act();
        }
        self.heard.close();
        self.clear_up().await;
        self.events.close();
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
                Action::Fetch(fetch) => self.fetch(fetch),
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
                Action::CloseSocket { socket } => {
                    if let Some(orders) = self.sockets.remove(&socket) {
                        // What stands in the queue goes out first; a full one closes when its sender is dropped.
                        drop(orders.try_send(Order::Close));
                    }
                }
                Action::KillSockets => {
                    for (_, orders) in self.sockets.drain() {
                        drop(orders.try_send(Order::Kill));
                    }
                }
                Action::Tell {
                    sequence,
                    status,
                    callback,
                } => self.tell(sequence, status, callback),
            }
        }
    }

    fn log(&self, what: crate::What) {
        self.entry.note(&what);
        let at = self.office.now().saturating_sub(self.began);
        self.events.add(&[Event { at, what }]);
    }

    fn fetch(&mut self, fetch: Fetch) {
        let office = Arc::clone(&self.office);
        self.errands.spawn(async move {
            let token = office.sid("");
            let result = office.webhooks.send(&fetch, &office.settings, &token).await;
            Some(Input::Answer {
                fetch: fetch.fetch,
                result,
            })
        });
    }

    fn send(&mut self, socket: u64, text: String, is_sound: bool) {
        let Some(orders) = self.sockets.get(&socket) else {
            return;
        };
        if orders.try_send(Order::Send(text)).is_err() && is_sound {
            self.log(crate::What::Warning {
                code: 31_930,
                text: "Stream - Media - Upstream buffer overflow".into(),
            });
        }
    }

    fn tell(&mut self, sequence: u32, status: String, callback: Fetch) {
        self.log(crate::What::CallbackSent { sequence, status });
        let office = Arc::clone(&self.office);
        let events = self.events.clone();
        let began = self.began;
        self.errands.spawn(async move {
            let token = office.sid("");
            let answer = office
                .webhooks
                .send(&callback, &office.settings, &token)
                .await;
            let what = crate::What::CallbackAnswered {
                sequence,
                status: answer.ok().map(|answer| answer.status),
            };
            let at = office.now().saturating_sub(began);
            events.add(&[Event { at, what }]);
            None
        });
    }
}
