//! What the desk leaves in the store, and what it finds there.

use std::sync::Arc;
use std::time::SystemTime;

use room_contract::RoomName;
use tracing::{info, warn};

use super::{Desk, now};
use crate::sessions::line::Line;
use crate::sessions::{
    Adoption, AgentWish, CallId, Channel, EndReason, News, Opening, Serial, Session, SessionId,
    Status,
};
use crate::store::{CallJournal, CallRecord, Entry, Moment, NewCall};

impl Desk {
    /// Takes over a session that was live when the process before ended. LiveKit says whether it still is.
    pub(super) fn take_over(&mut self, record: CallRecord) -> Option<Session> {
        let call = record.id.clone();
        let Some(adoption) = adoption(record, SystemTime::now()) else {
            warn!("a session that was left behind cannot be read");
            self.write_off(call);
            return None;
        };
        if let Some(ours) = self.book.session_by_call(&call) {
            // Lost to another server and left behind by it before anybody here noticed.
            return Some(ours.clone());
        }
        let (channel, room) = (adoption.opening.channel, adoption.opening.room.clone());
        let Some(serial) = self.book.adopt(now(), adoption) else {
            self.write_off(call);
            return None;
        };
        info!(channel = channel.name(), "a session is taken over");
        self.metrics.session_opened(channel);
        let journal = CallJournal::inherited(self.store.clone(), call.clone());
        self.lines
            .insert(serial, Line::new(call, Arc::new(journal)));
        self.book.session(&room).cloned()
    }

    /// Another server looks after a session: its agent there takes the place of ours.
    pub(super) fn let_go(&mut self, call: &CallId) {
        let channel = self.book.session_by_call(call).map(Session::channel);
        let Some((channel, serial)) = channel.zip(self.book.let_go(call)) else {
            return;
        };
        info!(
            channel = channel.name(),
            "a session is left to another server"
        );
        self.metrics.session_left(channel);
        if let Some(mut line) = self.lines.remove(&serial) {
            line.dismiss();
        }
    }

    pub(super) fn record_opening(&mut self, serial: Serial, opening: &Opening) {
        let call = opening.call.clone();
        let journal = Arc::new(CallJournal::new(self.store.clone(), call.clone()));
        self.lines
            .insert(serial, Line::new(call.clone(), Arc::clone(&journal) as _));
        self.store.records().push(Entry::Began(NewCall {
            id: call,
            session: opening.id.to_string(),
            channel: opening.channel,
            room: opening.room.to_string(),
            profile: opening.profile.clone(),
            agent: opening.agent.name(),
            metadata: opening.metadata.clone(),
            at: opening.at,
        }));
        if let Some(context) = &opening.context {
            journal.note(context);
        }
    }

    pub(super) fn record_status(&mut self, serial: Serial, status: Status) {
        let Some(line) = self.lines.get(&serial) else {
            return;
        };
        line.tell(News::Status(status));
        self.store.records().push(Entry::Moved {
            call: line.call().clone(),
            status,
            at: Moment::now(),
        });
    }

    fn write_off(&self, call: CallId) {
        self.store.records().push(Entry::Moved {
            call,
            status: Status::Ended(EndReason::Error),
            at: Moment::now(),
        });
    }
}

fn adoption(record: CallRecord, now: SystemTime) -> Option<Adoption> {
    let at: SystemTime = record.created_at.into();
    Some(Adoption {
        status: Status::live(&record.status)?,
        lasted: now.duration_since(at).unwrap_or_default(),
        opening: Opening {
            channel: Channel::named(&record.channel)?,
            id: SessionId::from_record(record.session),
            call: record.id,
            room: RoomName::new(record.room).ok()?,
            agent: AgentWish::named(&record.agent),
            profile: record.profile,
            metadata: record.metadata,
            // It is in the journal.
            context: None,
            at,
        },
    })
}
