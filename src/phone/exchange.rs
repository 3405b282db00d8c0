//! The loop that owns all calls: who is on the line, and which sockets may reach them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::handle::{Reply, Request};
use super::line::{Line, Sequel, Switchboard, Told};
use super::ticket::Tickets;
use super::{News, RingError, Ringing, Telephone, Ticket, calling_back};
use crate::clock::now;
use crate::dial::{self, Dialler, Number, Progress};
use crate::sessions::{Channel, Session, SessionId};
use crate::store::{IntentRef, LineNews};
use crate::wiring::twilio::{CallSid, CallStatus, ended};

/// News for one line that may wait. When full they are lost: a line that is so far behind is about to end.
const NEWS: usize = 16;

/// Calls that are over and remembered; of one that is forgotten a late webhook would open a session that nobody enters.
const GONE: usize = 4_096;

/// After the last session: enough to have Twilio end the calls of those that were cut off.
const LAST_CALLS: Duration = Duration::from_millis(1_500);

/// Owns all calls of this process.
pub(crate) struct Exchange {
    switchboard: Switchboard,
    dialler: Dialler,
    inbox: mpsc::Receiver<Request>,
    calls: HashMap<CallSid, Live>,
    lines: JoinSet<Sequel>,
    /// Whose task is whose.
    running: HashMap<Id, CallSid>,
    /// Calls that are over, the latest last.
    gone: VecDeque<CallSid>,
    /// Sessions that another process left behind, whose callers wait.
    adopted: Vec<Session>,
    /// Has them come back.
    calling_back: JoinSet<()>,
    /// Whether all lines are to be put down.
    closing: CancellationToken,
}

/// A call that is on the line.
struct Live {
    channel: Channel,
    tickets: Tickets,
    /// The number of the one who is not us.
    other: Option<Number>,
    news: mpsc::Sender<Told>,
}

impl Exchange {
    /// Sets an exchange up, and the handle to it.
    pub(crate) fn new(
        switchboard: Switchboard,
        dialler: Dialler,
        adopted: Vec<Session>,
    ) -> (Self, Telephone) {
        let (telephone, inbox) = Telephone::channel();
        let exchange = Self {
            switchboard,
            dialler,
            inbox,
            calls: HashMap::new(),
            lines: JoinSet::new(),
            running: HashMap::new(),
            gone: VecDeque::new(),
            adopted,
            calling_back: JoinSet::new(),
            closing: CancellationToken::new(),
        };
        (exchange, telephone)
    }

    /// Runs until `stop` is cancelled: the sessions are over by then.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut dialling = JoinSet::new();
        dialling.spawn(self.dialler.clone().run(stop.clone()));
        let adopted = std::mem::take(&mut self.adopted);
        self.call_back(adopted);
        loop {
            tokio::select! {
                biased; // stopping comes first, then ends, then requests
                () = stop.cancelled() => break,
                Some(ended) = self.lines.join_next_with_id() => {
                    match ended {
                        Ok((task, sequel)) => self.forget(task, sequel),
                        Err(failure) => self.forget(failure.id(), Sequel::Over),
                    }
                }
                Some(_) = self.calling_back.join_next() => {}
                Some(request) = self.inbox.recv() => self.handle(request),
            }
        }
        self.closing.cancel();
        let last = async { while self.lines.join_next().await.is_some() {} };
        if timeout(LAST_CALLS, last).await.is_err() {
            warn!(calls = self.lines.len(), "some calls may go on");
        }
        self.lines.shutdown().await;
        while dialling.join_next().await.is_some() {}
    }

    fn handle(&mut self, request: Request) {
        match request {
            Request::Ring(ringing, reply) => self.ring(ringing, reply),
            Request::Connect(ticket, opened) => {
                let call = opened.start().call.clone();
                let live = self.calls.get_mut(&call);
                if live.is_some_and(|live| live.tickets.redeem(now(), &ticket)) {
                    self.tell(&call, Told::Socket(opened));
                } else {
                    info!("a media socket without a good ticket was closed");
                }
            }
            Request::Moved(call, status, lasted) => {
                self.keep(&call, status);
                self.keep_end(&call, status, lasted);
                self.tell(&call, Told::Moved(status));
            }
            Request::Answered(call, by) => {
                self.tell(&call, Told::Answered(by));
            }
            Request::HangUp(call, reply) => {
                let known = self.tell(&call, Told::HangUp);
                // The asker may have gone.
                let _ = reply.send(known);
            }
            Request::NumberBehind(call, reply) => {
                let live = self.calls.get(&call);
                // The asker may have gone.
                let _ = reply.send(live.and_then(|live| live.other.clone()));
            }
            Request::CallBack(adopted) => self.call_back(adopted),
        }
    }

    fn call_back(&mut self, adopted: Vec<Session>) {
        let calling = calling_back::call_back(self.switchboard.clone(), adopted);
        self.calling_back.spawn(calling);
    }

    fn ring(&mut self, ringing: Ringing, reply: Reply<Result<Ticket, RingError>>) {
        if let Some(live) = self.calls.get_mut(&ringing.call) {
            // A repeated webhook, or a caller who comes back.
            let ticket = live.tickets.issue(now());
            drop(reply.send(Ok(ticket)));
            if ringing.news != News::Placed {
                self.tell(&ringing.call, Told::Asked(ringing.returns));
            }
            return;
        }
        let (call, channel) = (ringing.call.clone(), ringing.channel);
        let other = ringing.other_number();
        if self.gone.contains(&call) {
            return drop(reply.send(Err(RingError::Over)));
        }
        if ringing.news == News::Expected {
            info!("somebody was called by a server that is gone");
            return drop(reply.send(Err(RingError::Over)));
        }
        let (news, inbox) = mpsc::channel(NEWS);
        let mut tickets = Tickets::default();
        let ticket = tickets.issue(now());
        let closing = self.closing.clone();
        let line = Line::new(self.switchboard.clone(), ringing, inbox, closing);
        let task = self.lines.spawn(line.run(ticket, reply)).id();
        self.running.insert(task, call.clone());
        let live = Live {
            channel,
            tickets,
            other,
            news,
        };
        self.calls.insert(call, live);
    }

    /// Calls that we have placed are kept; of others nothing is known there.
    fn keep(&self, call: &CallSid, status: CallStatus) {
        let progress = match status {
            CallStatus::Queued | CallStatus::Initiated => return,
            CallStatus::Ringing => Progress::Ringing,
            CallStatus::InProgress => Progress::Answered,
            over => match ended(over) {
                Some(why) => Progress::Ended(why),
                None => return,
            },
        };
        let which = IntentRef::Call(dial::CallSid::new(call.as_str()));
        self.dialler.heard(which, progress);
    }

    /// The carrier tells it when the line is down, which it may have been for a while: its task is gone by then.
    fn keep_end(&self, call: &CallSid, status: CallStatus, lasted: Option<Duration>) {
        if !status.is_final() {
            return;
        }
        let channel = self.calls.get(call).map(|live| live.channel);
        let session = SessionId::of_call(channel.unwrap_or(Channel::Phone), call.as_str());
        let news = LineNews::Over {
            reason: status.as_str().to_owned(),
            seconds: lasted.and_then(|lasted| lasted.as_secs().try_into().ok()),
        };
        self.switchboard.store.tell_line(session.as_str(), news);
    }

    fn tell(&self, call: &CallSid, news: Told) -> bool {
        let Some(live) = self.calls.get(call) else {
            return false;
        };
        if live.news.try_send(news).is_err() {
            debug!("a line does not listen any more");
        }
        true
    }

    fn forget(&mut self, task: Id, sequel: Sequel) {
        let Some(call) = self.running.remove(&task) else {
            return;
        };
        self.calls.remove(&call);
        match sequel {
            Sequel::ComesBack(address) => {
                let carrier = Arc::clone(&self.switchboard.carrier);
                let sending = calling_back::send_home(carrier, call, address);
                self.calling_back.spawn(sending);
            }
            Sequel::MayReturn => {}
            Sequel::Over => {
                if self.gone.len() == GONE {
                    self.gone.pop_front();
                }
                self.gone.push_back(call);
            }
        }
    }
}
