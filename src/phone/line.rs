//! One call: opens its session, enters its room, and stays until one of them is over.

mod entrance;
mod errands;
mod parting;
mod returns;

use std::sync::Arc;
use std::time::Duration;

use room_contract::{RoomName, Rooms};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span, warn};

pub(super) use self::entrance::CALL_ID;
pub(super) use self::parting::Sequel;
use self::parting::{AtCarrier, Parting, final_reason, gone};
use self::returns::Returns;
use super::handle::Reply;
use super::script::WayBack;
use super::{Absence, News, PickUp, RingError, Ringing, Ticket, Tongue, script};
use crate::clock::now;
use crate::config::{Phone, Profiles};
use crate::escalation::GuestNews;
use crate::sessions::{AgentWish, EndReason, SessionId, Sessions};
use crate::store::{LineNews, Store};
use crate::telemetry::chain;
use crate::wiring::twilio::{
    AnsweredBy, CallStatus, Carrier, Lateness, Leg, LegEnd, LegEvent, LegEvents, LegHandle, Opened,
    Response,
};

/// Longer than a telephone rings; by then Twilio's news of it are lost.
const RINGS: Duration = Duration::from_secs(60);

/// What every line works with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Switchboard {
    /// The sessions.
    pub(crate) sessions: Sessions,
    /// The room service.
    pub(crate) rooms: Arc<dyn Rooms>,
    /// How calls are taken.
    pub(crate) settings: Arc<Phone>,
    /// Who answers.
    pub(crate) profiles: Arc<Profiles>,
    /// Whether there is an agent at all.
    pub(crate) agent: AgentWish,
    /// Where it is kept who called whom.
    pub(crate) store: Store,
    /// Ends calls and has them do something else.
    pub(crate) carrier: Arc<Carrier>,
    /// How late this machine is for those on the telephone.
    pub(crate) lateness: Arc<Lateness>,
}

/// Something that a line is told.
pub(super) enum Told {
    Socket(Opened),
    /// Twilio asks what to do: somebody has picked up, or comes back for the nth time.
    Asked(u32),
    /// Sound flows.
    Started,
    /// The socket is gone, and the call may be there still.
    Lost,
    Moved(CallStatus),
    Answered(AnsweredBy),
    HangUp,
}

/// A call.
pub(super) struct Line {
    switchboard: Switchboard,
    ringing: Ringing,
    inbox: mpsc::Receiver<Told>,
    /// The session of the room, once it is known.
    session: Option<SessionId>,
    returns: Returns,
    /// The server is stopping, and the sessions are over.
    closing: CancellationToken,
}

impl Line {
    pub(super) fn new(
        switchboard: Switchboard,
        ringing: Ringing,
        inbox: mpsc::Receiver<Told>,
        closing: CancellationToken,
    ) -> Self {
        Self {
            switchboard,
            ringing,
            inbox,
            session: None,
            returns: Returns::new(now()),
            closing,
        }
    }

    /// Takes the call, answers with its ticket, and stays until it is over.
    pub(super) async fn run(
        self,
        ticket: Ticket,
        reply: Reply<Result<Ticket, RingError>>,
    ) -> Sequel {
        let span = info_span!("call", call.id = %self.ringing.call);
        self.stay(ticket, reply).instrument(span).await
    }

    async fn stay(mut self, ticket: Ticket, reply: Reply<Result<Ticket, RingError>>) -> Sequel {
        let room = match self.open().await {
            Ok(room) => room,
            Err(why) => {
                drop(reply.send(Err(why)));
                return Sequel::Over;
            }
        };
        // Twilio may have hung up already; its callback says so.
        drop(reply.send(Ok(ticket)));
        let parting = match self.is_picked_up().await {
            Ok(()) => self.converse(&room).await,
            Err(parting) => parting,
        };
        self.tell_owner(GuestNews::Gone(gone(parting.reason)));
        let (sequel, ()) = tokio::join!(
            self.part(parting.call, &room),
            self.end_session(&room, parting.reason)
        );
        sequel
    }

    /// Tells whoever called a guest what becomes of them.
    fn tell_owner(&self, news: GuestNews) {
        if let Some(owner) = &self.ringing.owner {
            // There is room for all that can happen to one guest.
            let _ = owner.try_send(news);
        }
    }

    /// Ends the session, unless it goes on without this call.
    async fn end_session(&self, room: &RoomName, reason: Option<EndReason>) {
        let Some(reason) = reason else {
            // Whether anybody is there still is seen in the room.
            drop(self.switchboard.sessions.hint(room.clone()));
            return;
        };
        info!(reason = reason.name(), "a call is over");
        if self.ringing.guest_of.is_some() {
            self.leave_others(room.clone(), reason).await;
        } else {
            // It may have ended by itself meanwhile.
            drop(
                self.switchboard
                    .sessions
                    .end_for(room.clone(), reason)
                    .await,
            );
        }
    }

    /// Ends the call: whoever holds the telephone would wait for this server otherwise. One whose session lives is kept.
    async fn part(&self, call: AtCarrier, room: &RoomName) -> Sequel {
        match call {
            AtCarrier::Settled => {}
            AtCarrier::Elsewhere => return Sequel::MayReturn,
            AtCarrier::MayGoOn => self.end_call().await,
            AtCarrier::Homeless => {
                let session = self.switchboard.sessions.find_room(room.clone()).await;
                if session.is_ok() {
                    let public = self.switchboard.carrier.public();
                    return Sequel::ComesBack(WayBack::of(&self.ringing).address(public));
                }
                self.end_call().await;
            }
        }
        Sequel::Over
    }

    async fn end_call(&self) {
        let carrier = &self.switchboard.carrier;
        if let Err(error) = carrier.end_call(&self.ringing.call).await {
            warn!(error = chain(&error), "a call may go on");
        }
    }

    /// The session goes on without this guest, unless it was opened for them and they never came.
    async fn leave_others(&self, room: RoomName, reason: EndReason) {
        let came = self.ringing.pick_up == PickUp::AtOnce;
        let sessions = &self.switchboard.sessions;
        match self.ringing.absence {
            Absence::EndsTheRoom if !came => drop(sessions.end_for(room, reason).await),
            Absence::IsTold if !came => {
                let text = script::nobody_answers(self.tongue());
                errands::tell_whoever_comes(sessions, room, text).await;
            }
            Absence::Borne | Absence::EndsTheRoom | Absence::IsTold => {}
        }
    }

    /// Waits until somebody picks up a call that we have placed.
    async fn is_picked_up(&mut self) -> Result<(), Parting> {
        if self.ringing.news != News::Placed {
            return Ok(());
        }
        let over = errands::session_over(self.switchboard.sessions.clone(), self.session.clone());
        let closing = self.closing.clone();
        let waiting = timeout(RINGS, self.is_asked_for());
        tokio::select! {
            picked_up = waiting => picked_up.unwrap_or(Err(Parting::going_on(EndReason::NoAnswer))),
            () = over => Err(Parting::going_on(EndReason::Completed)),
            () = closing.cancelled() => Err(Parting::going_on(EndReason::Completed)),
        }
    }

    async fn is_asked_for(&mut self) -> Result<(), Parting> {
        while let Some(news) = self.inbox.recv().await {
            match news {
                Told::Asked(_) => return Ok(()),
                Told::Moved(status) => {
                    if let Some(reason) = final_reason(status) {
                        return Err(Parting::settled(reason));
                    }
                }
                Told::HangUp => return Err(Parting::going_on(EndReason::Completed)),
                Told::Socket(_) | Told::Started | Told::Lost | Told::Answered(_) => {}
            }
        }
        Err(Parting::going_on(EndReason::Error))
    }

    async fn converse(&mut self, room: &RoomName) -> Parting {
        match self.enter(room).await {
            Ok((leg, handle, events)) => self.talk(room, leg, handle, events).await,
            Err(error) => {
                warn!(
                    error = format!("{error:#}"),
                    "a call cannot be brought into its room"
                );
                Parting::going_on(EndReason::Error)
            }
        }
    }

    /// Returns the language of the few words that no agent says.
    fn tongue(&self) -> Tongue {
        let profile = self.ringing.profile.as_deref();
        Tongue::of_profile(&self.switchboard.profiles, profile)
    }

    fn keep(&self, news: LineNews) {
        // Only the line that a session began with is told in its record.
        if let (Some(id), None) = (&self.session, &self.ringing.guest_of) {
            self.switchboard.store.tell_line(id.as_str(), news);
        }
    }

    /// Stays on the line.
    async fn talk(
        &mut self,
        room: &RoomName,
        leg: Leg,
        handle: LegHandle,
        mut events: LegEvents,
    ) -> Parting {
        let stop = self.closing.child_token();
        let mut over = std::pin::pin!(leg.run(stop.clone()));
        // The leg goes on meanwhile.
        let mut errands = JoinSet::new();
        let mut ended = None;
        loop {
            let news = tokio::select! {
                biased;
                end = &mut over => return ended.unwrap_or_else(|| self.parting(end)),
                Some(event) = events.next() => match event {
                    LegEvent::Started { .. } => Told::Started,
                    LegEvent::SocketLost => Told::Lost,
                    _ => continue,
                },
                Some(news) = self.inbox.recv() => news,
                Some(done) = errands.join_next() => match done {
                    Ok(Some(news)) => news,
                    Ok(None) | Err(_) => continue,
                },
            };
            match self.handle(news) {
                Todo::Nothing => {}
                Todo::Attach(opened) => {
                    errands.spawn(errands::attach(handle.clone(), opened));
                }
                Todo::PickUp => {
                    self.tell_owner(GuestNews::PickedUp);
                    let sessions = self.switchboard.sessions.clone();
                    errands.spawn(errands::pick_up(handle.clone(), sessions, room.clone()));
                }
                Todo::SendBack(address) => {
                    let carrier = Arc::clone(&self.switchboard.carrier);
                    let call = self.ringing.call.clone();
                    errands.spawn(errands::send_back(carrier, call, address));
                }
                Todo::LeaveMessage(what) => {
                    let carrier = Arc::clone(&self.switchboard.carrier);
                    let call = self.ringing.call.clone();
                    errands.spawn(errands::leave_message(carrier, call, what));
                    ended.get_or_insert(Parting::settled(EndReason::NoAnswer));
                }
                Todo::End(parting) => {
                    ended = Some(parting);
                    stop.cancel();
                }
            }
        }
    }

    /// Returns what the end of the leg means here.
    fn parting(&self, end: LegEnd) -> Parting {
        if end == LegEnd::CallOver && self.switchboard.store.is_out_of_touch() {
            info!("a call is over, or another server has it");
            return Parting::elsewhere();
        }
        Parting::after(end)
    }

    /// Decides what follows from news.
    fn handle(&mut self, news: Told) -> Todo {
        match news {
            Told::Socket(opened) => Todo::Attach(opened),
            Told::Started if self.ringing.pick_up == PickUp::AtOnce => Todo::PickUp,
            Told::Started => Todo::Nothing,
            Told::Asked(returns) => {
                self.ringing.returns = self.ringing.returns.max(returns);
                Todo::Nothing
            }
            Told::Lost if self.returns.handle_lost(now()) => {
                let public = self.switchboard.carrier.public();
                Todo::SendBack(WayBack::of(&self.ringing).address(public))
            }
            Told::Lost => Todo::Nothing,
            Told::Moved(status) => match final_reason(status) {
                Some(reason) => Todo::End(Parting::settled(reason)),
                None => Todo::Nothing,
            },
            Told::Answered(by @ (AnsweredBy::Human | AnsweredBy::Unknown)) => {
                self.keep(LineNews::AnsweredBy(by.as_str().to_owned()));
                self.ringing.pick_up = PickUp::AtOnce;
                Todo::PickUp
            }
            Told::Answered(by) => {
                self.keep(LineNews::AnsweredBy(by.as_str().to_owned()));
                let message = self.switchboard.settings.voicemail.trim();
                let is_ours = self.ringing.owner.is_none();
                if is_ours && by.takes_messages() && !message.is_empty() {
                    Todo::LeaveMessage(script::leave_message(message, self.tongue()))
                } else {
                    Todo::End(Parting::going_on(EndReason::NoAnswer))
                }
            }
            Told::HangUp => Todo::End(Parting::going_on(EndReason::Completed)),
        }
    }
}

/// What follows from news.
enum Todo {
    Nothing,
    Attach(Opened),
    PickUp,
    /// Has the call ask there for its room, rather than wait.
    SendBack(String),
    LeaveMessage(Response),
    End(Parting),
}
