//! A conference: who is in it, who hears whom, when it begins and ends. Holds no socket and no clock.

mod guest;
mod news;
mod waiting;

use std::collections::VecDeque;

use room_media::ulaw;

use crate::FRAME;

use guest::Member;
pub(crate) use guest::{Change, Guest, Telling};
pub(crate) use news::News;
pub(crate) use waiting::WaitDocument;

/// Pieces of sound that a member may be ahead; the oldest goes when there are more.
const AHEAD: usize = 3;

/// How far a conference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Init,
    InProgress,
    Completed,
}

impl State {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
        }
    }
}

/// Why a conference cannot take somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    Completed,
    LabelTaken,
    NoRoom,
}

/// One conference.
#[derive(Debug)]
pub(crate) struct Conference {
    pub(crate) sid: String,
    pub(crate) name: String,
    pub(crate) state: State,
    /// Between the two calls of a `<Dial><Number>`: not seen by REST, over when one of them leaves.
    pub(crate) is_private: bool,
    /// Why it ended and who ended it.
    pub(crate) ended: Option<(&'static str, Option<String>)>,
    members: Vec<Member>,
    telling: Option<Telling>,
    sequence: u32,
    announcement: VecDeque<u8>,
    news: VecDeque<News>,
}

impl Conference {
    pub(crate) fn new(sid: String, name: String, is_private: bool) -> Self {
        Self {
            sid,
            name,
            state: State::Init,
            is_private,
            ended: None,
            members: Vec::new(),
            telling: None,
            sequence: 0,
            announcement: VecDeque::new(),
            news: VecDeque::new(),
        }
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Guest> {
        self.members.iter().map(|member| &member.guest)
    }

    /// Returns the call of a member who is named by call or label.
    pub(crate) fn find(&self, name: &str) -> Option<&Guest> {
        self.members()
            .find(|guest| guest.call_sid == name || guest.label.as_deref() == Some(name))
    }

    /// Lets somebody in.
    pub(crate) fn join(&mut self, mut guest: Guest) -> Result<(), Full> {
        if self.state == State::Completed {
            return Err(Full::Completed);
        }
        if guest.label.is_some() && self.members().any(|member| member.label == guest.label) {
            return Err(Full::LabelTaken);
        }
        if self.members.len() >= guest.most {
            return Err(Full::NoRoom);
        }
        // The first one decides who is told.
        if self.telling.is_none() {
            self.telling = guest.telling.take();
        }
        self.members.push(Member::new(guest));
        self.tell_of(self.members.len() - 1, "join", "participant-join");
        let has_host = self.members().any(|member| member.start_on_enter);
        let is_waiting = self.state == State::Init;
        if is_waiting && self.members.len() >= 2 && has_host {
            self.state = State::InProgress;
            self.tell("start", "conference-start", Vec::new());
        }
        Ok(())
    }

    /// Lets somebody out, who left or was put out.
    pub(crate) fn leave(&mut self, call_sid: &str, is_kicked: bool) {
        let position = self
            .members
            .iter()
            .position(|member| member.guest.call_sid == call_sid);
        let Some(index) = position else { return };
        self.tell_of(index, "leave", "participant-leave");
        let guest = self.members.remove(index).guest;
        if is_kicked {
            self.news.push_back(News::Out {
                call_sid: guest.call_sid.clone(),
            });
        }
        let reason = match (guest.end_on_exit || self.is_private, is_kicked) {
            (true, true) => "participant-with-end-conference-on-exit-kicked",
            (true, false) => "participant-with-end-conference-on-exit-left",
            (false, true) if self.members.is_empty() => "last-participant-kicked",
            (false, false) if self.members.is_empty() => "last-participant-left",
            (false, _) => return,
        };
        self.end(reason, Some(&guest));
    }

    /// Ends it for everybody.
    pub(crate) fn end(&mut self, reason: &'static str, by: Option<&Guest>) {
        if self.state == State::Completed {
            return;
        }
        self.state = State::Completed;
        for index in 0..self.members.len() {
            self.tell_of(index, "leave", "participant-leave");
        }
        for member in std::mem::take(&mut self.members) {
            self.news.push_back(News::Out {
                call_sid: member.guest.call_sid,
            });
        }
        self.ended = Some((reason, by.map(|guest| guest.call_sid.clone())));
        let mut more = vec![
            ("ReasonConferenceEnded", reason.to_owned()),
            ("Reason", reason.replace('-', " ")),
        ];
        if let Some(guest) = by {
            more.push(("CallSidEndingConference", guest.call_sid.clone()));
            if let Some(label) = &guest.label {
                more.push(("ParticipantLabelEndingConference", label.clone()));
            }
        }
        self.tell("end", "conference-end", more);
    }

    /// Changes what a member may do.
    pub(crate) fn change(&mut self, call_sid: &str, change: &Change) {
        let position = self
            .members
            .iter()
            .position(|member| member.guest.call_sid == call_sid);
        let Some(index) = position else { return };
        for (kind, event) in self.members[index].apply(change) {
            self.tell_of(index, kind, event);
        }
    }

    /// Plays something to everybody.
    pub(crate) fn announce(&mut self, sound: &[u8]) {
        self.announcement.extend(sound);
    }

    /// Takes what a member who waits is to hear, and what is asked for after it.
    pub(crate) fn handle_wait_sound(
        &mut self,
        call_sid: &str,
        sound: Vec<u8>,
        next: Option<WaitDocument>,
    ) {
        let mut members = self.members.iter_mut();
        if let Some(member) = members.find(|member| member.guest.call_sid == call_sid) {
            member.waiting.handle_sound(sound, next);
        }
    }

    /// Takes what a member said in 20 ms.
    pub(crate) fn put(&mut self, call_sid: &str, frame: [u8; FRAME]) {
        let member = self
            .members
            .iter_mut()
            .find(|member| member.guest.call_sid == call_sid);
        if let Some(member) = member {
            if member.said.len() >= AHEAD {
                member.said.pop_front();
            }
            member.said.push_back(frame);
        }
    }

    /// Lets 20 ms go by: everybody hears the others.
    pub(crate) fn handle_tick(&mut self) {
        let announced = self.next_announcement();
        let played = self.play_to_those_who_wait();
        let said: Vec<Option<[i16; FRAME]>> = self
            .members
            .iter_mut()
            .map(|member| {
                let frame = member.said.pop_front()?;
                let is_heard = self.state == State::InProgress && member.guest.is_heard();
                is_heard.then(|| frame.map(ulaw::decode))
            })
            .collect();
        for (index, member) in self.members.iter().enumerate() {
            let mut sum = [0_i32; FRAME];
            let others = said.iter().enumerate().filter(|(other, _)| *other != index);
            for (other, sound) in others {
                let speaker = &self.members[other].guest;
                if let Some(sound) = sound
                    && member.guest.hears(speaker)
                {
                    add(&mut sum, sound);
                }
            }
            for played in [&announced, &played[index]].into_iter().flatten() {
                add(&mut sum, played);
            }
            let frame = sum.map(|value| ulaw::encode(value.clamp(-32_768, 32_767) as i16));
            let call_sid = member.guest.call_sid.clone();
            self.news.push_back(News::Heard { call_sid, frame });
        }
    }

    pub(crate) fn poll_news(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    fn play_to_those_who_wait(&mut self) -> Vec<Option<[i16; FRAME]>> {
        let waits = self.state == State::Init;
        let members = self.members.iter_mut();
        let played = members.map(|member| {
            if !waits {
                return None;
            }
            let wants = member.waiting.wants(&member.guest.call_sid);
            self.news.extend(wants);
            member.waiting.play()
        });
        played.collect()
    }

    fn next_announcement(&mut self) -> Option<[i16; FRAME]> {
        if self.announcement.is_empty() {
            return None;
        }
        let mut frame = [0; FRAME];
        let count = self.announcement.len().min(FRAME);
        for (sample, code) in frame.iter_mut().zip(self.announcement.drain(..count)) {
            *sample = ulaw::decode(code);
        }
        if self.announcement.is_empty() {
            self.tell("announcement", "announcement-end", Vec::new());
        }
        Some(frame)
    }

    fn tell_of(&mut self, index: usize, kind: &str, event: &str) {
        let more = self.members[index].guest.parameters();
        self.tell(kind, event, more);
    }

    fn tell(&mut self, kind: &str, event: &str, more: Vec<(&'static str, String)>) {
        let Some(telling) = &self.telling else { return };
        if !telling.events.iter().any(|wanted| wanted == kind) {
            return;
        }
        self.sequence += 1;
        let common = [
            ("ConferenceSid", self.sid.clone()),
            ("FriendlyName", self.name.clone()),
            ("SequenceNumber", self.sequence.to_string()),
            ("StatusCallbackEvent", event.to_owned()),
        ];
        let parameters = common.into_iter().chain(more);
        let parameters = parameters
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        self.news.push_back(News::Tell {
            url: telling.url.clone(),
            method: telling.method,
            parameters,
        });
    }
}

fn add(sum: &mut [i32; FRAME], sound: &[i16; FRAME]) {
    for (sum, sample) in sum.iter_mut().zip(sound) {
        *sum += i32::from(*sample);
    }
}

#[cfg(test)]
mod tests;
