//! The book, with time and LiveKit played by the test.

use std::time::SystemTime;

use proptest::prelude::*;
use room_contract::{Attributes, Identity, ParticipantKind, circle::moved_to};

use super::*;
use crate::sessions::{AgentWish, CallId, SessionId, Status};

#[test]
fn a_web_session_is_created_becomes_active_and_ends_when_its_caller_leaves() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    assert_eq!(play.status("demo"), Some(Status::Created));

    play.book.handle_opened(play.now, &room("demo"), serial);
    play.see("demo", serial, &[caller("ann")]);
    assert_eq!(play.status("demo"), Some(Status::Active));

    play.see("demo", serial, &[]);
    play.pass(Duration::from_secs(2));
    assert_eq!(play.status("demo"), Some(Status::Active));
    play.pass(Duration::from_secs(1));

    assert_eq!(play.status("demo"), None);
    assert_eq!(play.reasons(), [EndReason::CallerLeft]);
}

#[test]
fn a_caller_who_reloads_the_page_finds_the_session_again() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    play.see("demo", serial, &[caller("ann")]);

    play.see("demo", serial, &[]);
    play.pass(Duration::from_secs(2));
    play.see("demo", serial, &[caller("ann")]);
    play.pass(Duration::from_secs(60));

    assert_eq!(play.status("demo"), Some(Status::Active));
}

#[test]
fn a_session_that_was_left_behind_gets_a_new_agent_at_once_and_the_old_one_is_put_out() {
    let mut play = Play::new();
    let serial = play.adopt("demo");

    play.see("demo", serial, &[caller("ann"), agent()]);

    assert_eq!(play.status("demo"), Some(Status::Active));
    assert_eq!(play.seated(), 1);
    assert_eq!(play.evicted, [agent().identity]);
}

#[test]
fn a_session_that_was_left_behind_ends_when_its_room_is_gone() {
    let mut play = Play::new();
    let serial = play.adopt("demo");

    play.book
        .handle_people(play.now, &room("demo"), serial, None);
    play.perform();

    assert_eq!(play.reasons(), [EndReason::Error]);
    assert_eq!(play.opened, 0);
}

#[test]
fn a_session_that_was_left_behind_ends_when_nobody_is_in_its_room_any_more() {
    let mut play = Play::new();
    let serial = play.adopt("demo");

    play.see("demo", serial, &[agent()]);
    play.pass(Duration::from_secs(20));

    assert_eq!(play.seated(), 0);
    assert_eq!(play.reasons(), [EndReason::CallerLeft]);
}

#[test]
fn whoever_is_told_something_in_private_keeps_the_session() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    let mut contact = caller("bob");
    contact.attributes = moved_to(Some("briefing"));

    play.see("demo", serial, &[caller("ann"), contact.clone()]);
    play.see("demo", serial, &[contact]);
    play.pass(Duration::from_secs(60));

    assert_eq!(play.status("demo"), Some(Status::Active));
}

#[test]
fn music_and_one_who_briefs_are_neither_callers_nor_the_agent() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    let program = |identity| participant(identity, ParticipantKind::Agent);

    let others = [program("music-1"), program("briefer-1")];
    play.see(
        "demo",
        serial,
        &[&others[..], &[caller("ann"), agent()]].concat(),
    );
    let session = play.book.session(&room("demo")).expect("it is open");
    let present = session.agent().map(|one| one.identity.clone());
    play.see("demo", serial, &others);
    play.pass(Duration::from_secs(60));

    assert_eq!(present, Some(agent().identity));
    assert_eq!(play.reasons(), [EndReason::CallerLeft]);
}

#[test]
fn an_agent_that_was_switched_off_stays_out_until_it_is_switched_on_again() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    play.see("demo", serial, &[caller("ann")]);

    play.switch("demo", Switching::Off);
    play.see("demo", serial, &[caller("ann"), caller("bob")]);
    let off = play.seated();
    play.switch("demo", Switching::On { profile: None });

    assert_eq!((off, play.seated()), (0, 1));
}

#[test]
fn another_profile_puts_another_agent_into_the_same_room() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    play.see("demo", serial, &[caller("ann")]);

    let profile = Some("night".to_owned());
    play.switch("demo", Switching::On { profile });

    let session = play.book.session(&room("demo")).expect("it is live");
    assert_eq!(session.profile(), Some("night"));
    assert_eq!(play.seated(), 1);
}

#[test]
fn a_room_that_nobody_joins_ends_by_timeout() {
    let mut play = Play::new();
    play.open("demo").expect("the book is empty");

    play.pass(Duration::from_secs(300));

    assert_eq!(play.reasons(), [EndReason::Timeout]);
}

#[test]
fn an_agent_is_seated_for_the_caller_and_never_sits_alone_for_ten_seconds() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    play.book.handle_opened(play.now, &room("demo"), serial);
    assert_eq!(play.seated(), 1);

    play.pass(Duration::from_secs(9));
    assert_eq!(play.seated(), 0);

    play.book.announce(play.now, &room("demo"));
    play.see("demo", serial, &[caller("ann"), agent()]);
    play.pass(Duration::from_secs(60));
    assert_eq!(play.seated(), 1);
}

#[test]
fn an_agent_alone_in_the_room_does_not_keep_it_open() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    play.see("demo", serial, &[caller("ann"), agent()]);

    play.see("demo", serial, &[agent()]);
    play.pass(Duration::from_secs(3));

    assert_eq!(play.reasons(), [EndReason::CallerLeft]);
    assert_eq!(play.seated(), 0);
}

#[test]
fn a_room_that_livekit_lost_is_opened_again_for_its_callers() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    play.see("demo", serial, &[caller("ann")]);
    let opened = play.opened;

    play.book
        .handle_people(play.now, &room("demo"), serial, None);
    play.pass(Duration::from_secs(10));
    play.see("demo", serial, &[caller("ann")]);
    play.pass(Duration::from_secs(60));

    assert!(play.opened > opened);
    assert_eq!(play.status("demo"), Some(Status::Active));
}

#[test]
fn a_livekit_that_does_not_answer_ends_no_conversation() {
    let mut play = Play::new();
    let serial = play.open("demo").expect("the book is empty");
    play.see("demo", serial, &[caller("ann")]);

    for _ in 0..100 {
        play.pass(Duration::from_secs(6));
        play.miss("demo", serial);
    }

    assert_eq!(play.status("demo"), Some(Status::Active));
}

#[test]
fn a_name_stays_taken_until_livekit_has_let_go_of_the_room() {
    let mut play = Play::new();
    play.open("demo").expect("the book is empty");
    assert_eq!(play.open("demo"), Err(OpenError::Taken));

    play.book.end(play.now, &room("demo"), EndReason::Completed);
    assert_eq!(play.open("demo"), Err(OpenError::Taken));

    play.book.handle_closed(play.now, &room("demo"));
    assert!(play.open("demo").is_ok());
}

#[test]
fn a_late_answer_about_an_earlier_session_of_the_room_changes_nothing() {
    let mut play = Play::new();
    let first = play.open("demo").expect("the book is empty");
    play.book.end(play.now, &room("demo"), EndReason::Completed);
    play.book.handle_closed(play.now, &room("demo"));
    play.open("demo").expect("the room is closed");

    play.see("demo", first, &[caller("ann")]);

    assert_eq!(play.status("demo"), Some(Status::Created));
}

#[test]
fn a_closed_room_that_comes_back_by_an_old_token_is_closed_again() {
    let mut play = Play::new();
    play.open("demo").expect("the book is empty");
    play.book.end(play.now, &room("demo"), EndReason::Completed);
    play.book.handle_closed(play.now, &room("demo"));
    play.perform();
    let closed = play.closed;

    play.book.handle_appearance(play.now, &room("demo"));
    play.book
        .handle_appearance(play.now, &room("somebody-elses"));
    play.perform();

    assert_eq!(play.closed, closed + 1);
}

#[test]
fn a_draining_book_ends_what_nobody_joined_and_takes_nothing_new() {
    let mut play = Play::new();
    let serial = play.open("busy").expect("the book is empty");
    play.see("busy", serial, &[caller("ann")]);
    play.open("idle").expect("there is room for two");

    play.book.drain(play.now);

    assert_eq!(play.open("new"), Err(OpenError::Draining));
    assert_eq!(play.status("idle"), None);
    assert_eq!(play.status("busy"), Some(Status::Active));
}

#[test]
fn one_session_more_than_allowed_is_refused() {
    let mut play = Play::new();
    for number in 0..LIMITS.max {
        play.open(&number.to_string()).expect("there is room");
    }

    assert_eq!(play.open("one-more"), Err(OpenError::Full));
}

proptest! {
    /// Whatever comes, in any order: nobody is asked twice at once, no agent stays behind or sits alone for
    /// ten seconds, and every session that was opened is closed and counted exactly once.
    #[test]
    fn the_book_keeps_its_promises(moves in proptest::collection::vec(one_move(), 1..200)) {
        let mut play = Play::new();

        for one in moves {
            play.make(one);
            prop_assert!(play.longest_alone <= Duration::from_secs(10));
        }
        play.book.end_all(play.now, EndReason::Completed);
        play.perform();

        prop_assert_eq!(play.seated(), 0);
        prop_assert_eq!(play.reasons().len(), play.begun);
        prop_assert_eq!(play.book.deadline(), None);
        prop_assert!(play.closed >= play.begun);
    }
}

const LIMITS: SessionLimits = SessionLimits {
    max: 4,
    empty_timeout: Duration::from_secs(300),
    departure_grace: Duration::from_secs(3),
};

const ROOMS: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone, Copy)]
enum Moved {
    Open(usize),
    Opened(usize),
    OpenFailed(usize),
    Announce(usize),
    Hint(usize),
    See(usize, usize),
    Lose(usize),
    Miss(usize),
    AgentLeft(usize),
    End(usize),
    Closed(usize),
    Drain,
    Pass(u64),
}

fn one_move() -> impl Strategy<Value = Moved> {
    let room = 0..ROOMS.len();
    prop_oneof![
        4 => room.clone().prop_map(Moved::Open),
        2 => room.clone().prop_map(Moved::Opened),
        1 => room.clone().prop_map(Moved::OpenFailed),
        2 => room.clone().prop_map(Moved::Announce),
        2 => room.clone().prop_map(Moved::Hint),
        6 => (room.clone(), 0..3_usize).prop_map(|(room, callers)| Moved::See(room, callers)),
        1 => room.clone().prop_map(Moved::Lose),
        1 => room.clone().prop_map(Moved::Miss),
        1 => room.clone().prop_map(Moved::AgentLeft),
        1 => room.clone().prop_map(Moved::End),
        3 => room.prop_map(Moved::Closed),
        1 => Just(Moved::Drain),
        6 => (1..20_000_u64).prop_map(Moved::Pass),
    ]
}

/// A book, a clock, and what the book has ordered so far.
struct Play {
    book: Book,
    now: Instant,
    serials: BTreeMap<RoomName, Serial>,
    /// Since when each seated agent has had no company.
    agents: BTreeMap<Serial, Option<Instant>>,
    looks: BTreeSet<Serial>,
    begun: usize,
    opened: usize,
    closed: usize,
    ended: Vec<EndReason>,
    evicted: Vec<Identity>,
    longest_alone: Duration,
}

impl Play {
    fn new() -> Self {
        Self {
            book: Book::new(LIMITS),
            now: Instant::now(),
            serials: BTreeMap::new(),
            agents: BTreeMap::new(),
            looks: BTreeSet::new(),
            begun: 0,
            opened: 0,
            closed: 0,
            ended: Vec::new(),
            evicted: Vec::new(),
            longest_alone: Duration::ZERO,
        }
    }

    fn open(&mut self, name: &str) -> Result<Serial, OpenError> {
        let serial = self.book.open(self.now, opening(name))?;
        self.begun += 1;
        self.serials.insert(room(name), serial);
        self.perform();
        Ok(serial)
    }

    fn adopt(&mut self, name: &str) -> Serial {
        let adoption = Adoption {
            opening: opening(name),
            status: Status::Active,
            lasted: Duration::from_secs(60),
        };
        let serial = self.book.adopt(self.now, adoption).expect("it is free");
        self.serials.insert(room(name), serial);
        self.perform();
        serial
    }

    fn switch(&mut self, name: &str, to: Switching) {
        assert!(self.book.switch(self.now, &room(name), to));
        self.perform();
    }

    fn see(&mut self, name: &str, serial: Serial, people: &[Participant]) {
        let callers = people
            .iter()
            .any(|one| one.kind == ParticipantKind::Standard);
        if let Some(alone) = self.agents.get_mut(&serial) {
            *alone = if callers {
                None
            } else {
                alone.or(Some(self.now))
            };
        }
        self.looks.remove(&serial);
        self.book
            .handle_people(self.now, &room(name), serial, Some(people.to_vec()));
        self.perform();
    }

    /// Lets time pass, stopping at every deadline on the way.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.book.deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.book.handle_timeout(self.now);
            assert!(self.book.deadline().is_none_or(|next| next > self.now));
            self.perform();
        }
        self.now = end;
        self.measure_loneliness();
    }

    fn make(&mut self, moved: Moved) {
        let now = self.now;
        let at = |number: usize| room(ROOMS[number]);
        let serial = |play: &Self, number| play.serials.get(&at(number)).copied();
        match moved {
            Moved::Open(number) => drop(self.open(ROOMS[number])),
            Moved::Announce(number) => {
                self.announce(&at(number));
                self.book.announce(now, &at(number));
            }
            Moved::Hint(number) => self.book.handle_hint(&at(number)),
            Moved::End(number) => drop(self.book.end(now, &at(number), EndReason::Completed)),
            Moved::Closed(number) => self.book.handle_closed(now, &at(number)),
            Moved::Drain => self.book.drain(now),
            Moved::Pass(millis) => self.pass(Duration::from_millis(millis)),
            Moved::See(number, callers) => {
                if let Some(serial) = serial(self, number) {
                    let people: Vec<_> = ["ann", "bob"][..callers]
                        .iter()
                        .map(|one| caller(one))
                        .collect();
                    self.see(ROOMS[number], serial, &people);
                }
            }
            Moved::Opened(number)
            | Moved::OpenFailed(number)
            | Moved::Lose(number)
            | Moved::Miss(number)
            | Moved::AgentLeft(number) => {
                if let Some(serial) = serial(self, number) {
                    self.answer(&moved, &at(number), serial);
                }
            }
        }
        self.perform();
    }

    fn answer(&mut self, moved: &Moved, room: &RoomName, serial: Serial) {
        let now = self.now;
        match moved {
            Moved::Opened(_) => {
                self.announce(room);
                self.book.handle_opened(now, room, serial);
            }
            Moved::OpenFailed(_) => self.book.handle_open_failed(now, room, serial),
            Moved::Lose(_) => {
                if let Some(alone) = self.agents.get_mut(&serial) {
                    *alone = alone.or(Some(now));
                }
                self.looks.remove(&serial);
                self.book.handle_people(now, room, serial, None);
            }
            Moved::AgentLeft(_) => {
                self.agents.remove(&serial);
                self.book.handle_agent_left(now, room, serial);
            }
            _ => self.miss(room.as_str(), serial),
        }
    }

    fn perform(&mut self) {
        while let Some(action) = self.book.poll_action() {
            match action {
                Action::Open(..) => self.opened += 1,
                Action::Look(serial, _) => {
                    assert!(self.looks.insert(serial), "one look at a time");
                }
                Action::Seat(serial, room, _) => {
                    let company = self.book.session(&room).is_some_and(|session| {
                        session
                            .people()
                            .iter()
                            .any(|one| one.kind.keeps_room_open())
                    });
                    let alone = (!company).then_some(self.now);
                    assert!(
                        self.agents.insert(serial, alone).is_none(),
                        "one agent per session"
                    );
                }
                Action::Dismiss(serial) => {
                    self.measure_loneliness();
                    assert!(
                        self.agents.remove(&serial).is_some(),
                        "only who is there can leave"
                    );
                }
                Action::Evict(_, agent) => self.evicted.push(agent),
                Action::Hush(_) | Action::Rouse(_) | Action::Moved(..) => {}
                Action::Close(..) => self.closed += 1,
                Action::Report { reason, .. } => self.ended.push(reason),
            }
        }
    }

    fn measure_loneliness(&mut self) {
        for since in self.agents.values().flatten() {
            self.longest_alone = self.longest_alone.max(self.now - *since);
        }
    }

    /// A caller who is announced is company to come: from then on the agent waits anew.
    fn announce(&mut self, room: &RoomName) {
        let serial = self.book.session(room).map(Session::serial);
        if let Some(alone) = serial.and_then(|serial| self.agents.get_mut(&serial)) {
            *alone = alone.map(|_| self.now);
        }
    }

    fn miss(&mut self, name: &str, serial: Serial) {
        self.looks.remove(&serial);
        self.book.handle_look_failed(self.now, &room(name), serial);
        self.perform();
    }

    fn status(&self, name: &str) -> Option<Status> {
        self.book.session(&room(name)).map(Session::status)
    }

    fn seated(&mut self) -> usize {
        self.perform();
        self.agents.len()
    }

    fn reasons(&mut self) -> Vec<EndReason> {
        self.perform();
        self.ended.clone()
    }
}

fn opening(name: &str) -> Opening {
    Opening {
        channel: Channel::Web,
        id: SessionId::of_web_room(&room(name)),
        call: CallId::random(),
        room: room(name),
        agent: AgentWish::Wanted,
        profile: None,
        metadata: String::new(),
        context: None,
        at: SystemTime::UNIX_EPOCH,
    }
}

fn room(name: &str) -> RoomName {
    RoomName::new(name).expect("short and printable")
}

fn caller(identity: &str) -> Participant {
    participant(identity, ParticipantKind::Standard)
}

fn agent() -> Participant {
    participant("agent-echo", ParticipantKind::Agent)
}

fn participant(identity: &str, kind: ParticipantKind) -> Participant {
    Participant {
        identity: Identity::new(identity).expect("short and printable"),
        name: String::new(),
        kind,
        metadata: String::new(),
        attributes: Attributes::new(),
        tracks: Vec::new(),
    }
}
