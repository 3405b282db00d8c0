//! Does what the machine decides.

use agent_session::AgentState;
use room_contract::Attributes;
use room_contract::circle::moved_to;
use room_contract::role::ESCALATION;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{Case, LAST_WORDS, MOST_TRIES, Stage, THERE_WITHIN, TRY_AGAIN, now};
use crate::escalation::machine::{Action, Callee, Farewell, LegId, Line, Outcome, Phase};
use crate::escalation::recall::Reached;
use crate::escalation::settings::Moderation;
use crate::escalation::words::offers::{Absence, Offers};
use crate::escalation::{notes, words};
use crate::sessions::{Escalating, SessionError, Switching};
use crate::telemetry::chain;

impl Case {
    pub(super) async fn perform(&mut self) {
        while let Some(action) = self.machine.poll_action() {
            match action {
                Action::Call(leg, callee) => self.call(leg, callee),
                Action::Brief(leg) => {
                    self.brief(leg);
                    self.move_on(Stage::Briefing).await;
                }
                Action::Admit(leg) => self.admit(leg).await,
                Action::Dismiss(leg, why) => self.dismiss(leg, why),
                Action::HangUp(leg) => self.hang_up(leg),
                Action::Say(line) => self.say(line).await,
                Action::Music(true) => self.play(),
                Action::Music(false) => self.music = None,
                Action::Yield => {
                    self.keep_connected().await;
                    self.settle_session().await;
                    self.move_on(Stage::Connected).await;
                    self.report(Reached::Both);
                    if self.office.settings.agent != Moderation::Assist {
                        self.stepping_back = Some(now() + LAST_WORDS);
                    }
                }
                Action::Return => self.take_over().await,
                Action::Settle(outcome) => self.settle(outcome).await,
            }
        }
    }

    /// Lets somebody hear, and be heard by, everybody.
    async fn admit(&mut self, leg: LegId) {
        let Some(line) = self.lines.get_mut(&leg) else {
            return;
        };
        if let Some(acceptance) = line.at_the_door.take() {
            acceptance.welcome();
            self.there_by = Some(now() + THERE_WITHIN);
            return;
        }
        let (Some(identity), Some(_)) = (line.identity.clone(), line.circle.take()) else {
            return;
        };
        let room = self.scene.room.clone();
        let moved = self
            .office
            .rooms
            .set_attributes(&room, &identity, moved_to(None));
        if let Err(error) = moved.await {
            warn!(
                error = chain(&error),
                "a contact cannot be let into the conversation"
            );
        }
        line.farewell = None;
        line.briefer.cancel();
        // The room service tells nobody of attributes.
        drop(self.office.sessions.hint(room));
    }

    fn dismiss(&mut self, leg: LegId, why: Farewell) {
        let words = words::farewell(self.scene.tongue, why);
        let Some(line) = self.lines.get_mut(&leg) else {
            return;
        };
        line.invited.cancel();
        line.at_the_door = None;
        if line.say_farewell(words) {
            return;
        }
        if why == Farewell::VisitorAway && line.identity.is_some() {
            // The agent says so, to somebody who has been let in.
            self.parting = Some((leg, now() + LAST_WORDS));
        } else {
            self.hang_up(leg);
        }
    }

    /// A contact has heard why it is over.
    pub(super) fn part(&mut self) {
        if let Some((leg, _)) = self.parting.take() {
            self.hang_up(leg);
        }
    }

    pub(super) fn hang_up(&mut self, leg: LegId) {
        let Some(line) = self.lines.get_mut(&leg) else {
            return;
        };
        line.unwanted = true;
        line.briefer.cancel();
        line.invited.cancel();
        line.at_the_door = None;
        if !self.machine.has_callers() && self.office.store.is_out_of_touch() {
            // Another server may have the callers, and with them whoever talks with them.
            return;
        }
        if let (Some(lines), Some(call)) = (self.office.crew.lines.clone(), line.call.clone()) {
            self.errands
                .spawn(async move { lines.hang_up(&call).await });
        } else if let Some(identity) = line.identity.clone() {
            let (rooms, room) = (self.office.rooms.clone(), self.scene.room.clone());
            self.errands.spawn(async move {
                // They may have left by themselves.
                drop(rooms.remove(&room, &identity).await);
            });
        }
    }

    async fn say(&mut self, line: Line) {
        let name = match line {
            Line::Calling(contact)
            | Line::Next(contact)
            | Line::Connected(contact)
            | Line::CalledBack(contact)
            | Line::HumanLeft(contact) => self.office.contacts[contact].name.as_str(),
            Line::StillTrying
            | Line::VisitorIsThere
            | Line::VisitorUnreachable
            | Line::VisitorAway
            | Line::CallingBack
            | Line::Unreachable
            | Line::CalledOff => "",
        };
        let tongue = self.scene.tongue;
        let caller = self.matter.caller.as_deref();
        let (words, note) = match line {
            Line::CalledBack(_) => (
                words::recall::called_back(tongue, caller, name),
                notes::note(line, name),
            ),
            Line::Unreachable => {
                let (absence, offers) = (self.absence(), self.offers().await);
                (
                    words::offers::unreachable(tongue, absence, offers),
                    Some(notes::unreachable(absence, offers)),
                )
            }
            _ => (words::line(tongue, line, name), notes::note(line, name)),
        };
        self.words = Some(words);
        self.notes.extend(note);
        self.speak().await;
    }

    /// Returns what can be done for this caller.
    async fn offers(&self) -> Offers {
        let mut offers = self.scene.offers;
        if let (true, Some(lines)) = (offers.callback, &self.office.crew.lines) {
            offers.callback = lines.may_call_back(&self.scene.session).await;
        }
        offers
    }

    /// Tells why nobody can be had: that nobody was called means that nobody may be called now.
    fn absence(&self) -> Absence {
        if self.called().is_empty() && self.first_of_all().is_some() {
            Absence::Closed
        } else {
            Absence::Missed
        }
    }

    /// Has the agent say what there is to say, once it has said the rest; what it cannot say yet is tried again.
    pub(super) async fn speak(&mut self) {
        self.speak_at = None;
        self.tell_agent().await;
        let is_speaking = self.agent == Some(AgentState::Speaking);
        let Some(words) = self.words.clone().filter(|_| !is_speaking || self.over) else {
            return;
        };
        let said = self
            .office
            .sessions
            .say(self.scene.room.clone(), words)
            .await;
        let again = matches!(said, Err(SessionError::NoAgent | SessionError::Overloaded));
        // It is just coming in; one that is switched off says nothing.
        if again && self.tries < MOST_TRIES && !self.over {
            self.tries += 1;
            self.speak_at = Some(now() + TRY_AGAIN);
        } else {
            self.tries = 0;
            self.words = None;
        }
    }

    /// Has the agent know what has happened; what it cannot be told yet is told with the next words.
    async fn tell_agent(&mut self) {
        let sessions = &self.office.sessions;
        while let Some(note) = self.notes.front() {
            let room = self.scene.room.clone();
            if sessions.note(room, note.clone()).await.is_err() {
                return;
            }
            self.notes.pop_front();
        }
    }

    fn play(&mut self) {
        let stop = CancellationToken::new();
        self.music = Some(stop.clone().drop_guard());
        let musicians = self.office.crew.musicians.clone();
        let (room, duck) = (self.scene.room.clone(), self.duck.subscribe());
        self.watches
            .spawn(async move { musicians.play(room, duck, stop).await });
    }

    /// The agent leaves the conversation to the human.
    pub(super) async fn step_back(&mut self) {
        self.stepping_back = None;
        let to = match self.office.settings.agent {
            Moderation::Leave => Switching::Off,
            Moderation::Silent => Switching::OffListening,
            Moderation::Assist => return,
        };
        drop(
            self.office
                .sessions
                .switch(self.scene.room.clone(), to)
                .await,
        );
    }

    async fn take_over(&mut self) {
        self.stepping_back = None;
        let on = Switching::On { profile: None };
        drop(
            self.office
                .sessions
                .switch(self.scene.room.clone(), on)
                .await,
        );
    }

    async fn settle(&mut self, outcome: Outcome) {
        self.over = true;
        // Whatever is left to say is said after what is being said.
        self.speak().await;
        let stage = match outcome {
            Outcome::Talked(_) | Outcome::CalledOff | Outcome::CallersLeft => Stage::Over,
            Outcome::Nobody | Outcome::VisitorAway => Stage::Failed,
        };
        self.report(match outcome {
            Outcome::Talked(_) => Reached::Both,
            Outcome::Nobody => Reached::NoContact,
            Outcome::VisitorAway => Reached::NoVisitor,
            Outcome::CallersLeft | Outcome::CalledOff => Reached::BrokenOff,
        });
        if self.recall.is_none()
            && matches!(outcome, Outcome::Nobody | Outcome::CallersLeft)
            && self.office.settings.tell_missed
        {
            self.write_to_the_missed();
        }
        self.move_on(stage).await;
    }

    pub(super) async fn settle_session(&mut self) {
        let room = self.scene.room.clone();
        // It may be over.
        drop(
            self.office
                .sessions
                .escalate(room, Escalating::Settled)
                .await,
        );
    }

    async fn move_on(&mut self, stage: Stage) {
        let connected = self.connected_name();
        self.view.send_modify(|view| {
            view.stage = stage;
            view.contact = connected.or(view.contact.take());
        });
        self.show_in_room().await;
    }

    /// Shows everybody in the room where it stands.
    async fn show_in_room(&self) {
        let room = self.scene.room.clone();
        let Ok(session) = self.office.sessions.find_room(room.clone()).await else {
            return;
        };
        let Some(agent) = session.agent() else {
            return;
        };
        let shown = {
            let view = self.view.borrow();
            json!({ "state": view.stage.name(), "contact": view.contact })
        };
        let shown = Attributes::from([(ESCALATION.to_owned(), shown.to_string())]);
        let rooms = &self.office.rooms;
        // Whoever does not see it hears it.
        drop(rooms.set_attributes(&room, &agent.identity, shown).await);
    }

    async fn keep_connected(&mut self) {
        let Phase::Connected(leg) = self.machine.phase() else {
            return;
        };
        let Some(Callee::Contact { contact, .. }) = self.machine.callee(leg) else {
            return;
        };
        let identity = self.lines.get(&leg).and_then(|line| line.identity.as_ref());
        let id = self.office.contacts[contact].id.clone();
        self.kept.calls.clear();
        self.kept.connected = identity.map(|identity| (id, identity.to_string()));
        self.keep(true).await;
    }

    fn connected_name(&self) -> Option<String> {
        let Phase::Connected(leg) = self.machine.phase() else {
            return None;
        };
        Some(self.name_of(leg).to_owned())
    }

    pub(super) fn name_of(&self, leg: LegId) -> &str {
        match self.machine.callee(leg) {
            Some(Callee::Contact { contact, .. }) => &self.office.contacts[contact].name,
            Some(Callee::Visitor) | None => "",
        }
    }
}
