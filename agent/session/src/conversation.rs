//! The one loop that owns a conversation.

mod acting;
mod hearing;
mod phoning;
mod replying;
mod rooming;

use std::{
    collections::VecDeque,
    future::pending,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use agent_contract::ListenOptions;
use agent_turn::{Input, Turn, TurnTaking};
use futures_util::FutureExt;
use room_contract::{
    Admission, Identity, JoinError, JoinOptions, Listeners, LocalTrack, PublishOptions, Room,
    RoomError, RoomEvents, Rooms, ServiceError, Subscribing, TextReader,
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Bell, Ended, Entrance, Event, Handle, Journal, Rung, Setup,
    handle::Command,
    history::History,
    keeper::Keeper,
    keypad::Keypad,
    listening::Ears,
    offers::Offers,
    people::{Move, People},
    phrases::Phrases,
    reply::{Reply, Studio, Trust, now},
    scribe::Scribe,
    sign::Sign,
    speaking::Mouth,
};

/// The conversation so far is read within this time; without it the agent comes all the same.
const READING: Duration = Duration::from_secs(2);

/// A goodbye that takes longer is broken off.
const GOODBYE: Duration = Duration::from_secs(15);

/// What was said is heard by everybody by then, telephones apart.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// Why an agent could not enter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnterError {
    /// There was no token: see its source.
    #[error("the agent got no token")]
    Token(#[source] ServiceError),
    /// It was not let in: see its source.
    #[error("the agent could not join")]
    Join(#[source] JoinError),
    /// It was not given a voice: see its source.
    #[error("the agent could not publish its voice")]
    Publish(#[source] RoomError),
}

/// An agent in a room.
pub struct Conversation {
    room: Arc<dyn Room>,
    events: RoomEvents,
    voice: Arc<dyn LocalTrack>,
    handle: Handle,
    inbox: mpsc::Receiver<Command>,
    studio: Studio,
    phrases: Phrases,
    entrance: Entrance,
    turns: TurnTaking,
    people: People,
    offers: Offers,
    ears: Ears,
    typing: JoinSet<Option<(Identity, String)>>,
    /// Messages of those whose arrival was not told yet.
    early: VecDeque<Box<dyn TextReader>>,
    keypad: Keypad,
    /// Who presses keys.
    at_keys: Option<Identity>,
    hushing: JoinSet<()>,
    bell: Option<Arc<dyn Bell>>,
    /// Who has rung it, one at a time.
    ringing: JoinSet<(Identity, Rung)>,
    mouth: Mouth,
    history: History,
    keeper: Keeper,
    scribe: Scribe,
    sign: Sign,
    /// Replies to turns that may go on, and announcements that wait for their moment; the newest last.
    prepared: Vec<Reply>,
    /// What is being said, or about to be.
    current: Option<Reply>,
    /// Said while the current reply is not there yet.
    filler: Option<Reply>,
    trust: Trust,
    power: Power,
    alone_since: Option<Instant>,
    ending: Option<Ending>,
}

/// Whether the agent takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    On,
    Off,
}

/// The agent says goodbye.
#[derive(Debug, Clone, Copy)]
struct Ending {
    why: Ended,
    at_the_latest: Instant,
    /// All was said; the last of it may still be on its way.
    said: bool,
}

impl Conversation {
    /// Enters the room and publishes a voice. The conversation begins with [`run`](Self::run).
    ///
    /// # Errors
    /// [`EnterError`] says which step failed; whatever was begun is undone.
    pub async fn enter(rooms: &dyn Rooms, setup: Setup) -> Result<Self, EnterError> {
        let mut admission = Admission::agent(setup.room.clone(), setup.identity.clone());
        admission.name.clone_from(&setup.profile.name);
        admission.attributes = setup.attributes();
        let token = rooms.token(&admission).map_err(EnterError::Token)?;
        let options = JoinOptions {
            subscribing: Subscribing::Nobody,
        };
        let (joined, history) = tokio::join!(rooms.join(&token, options), remember(&setup));
        let joined = joined.map_err(EnterError::Join)?;
        let (people, audience) = gather(&*joined.room);
        let voice = joined.room.publish(PublishOptions::voice("voice")).await;
        let voice = voice.map_err(EnterError::Publish)?;
        let profile = Arc::clone(&setup.profile);
        let language = profile.language();
        let listening = ListenOptions {
            language: language.clone(),
            keywords: profile.keywords.as_slice().into(),
        };
        let (handle, inbox) = Handle::new();
        let mut conversation = Self {
            handle,
            inbox,
            phrases: Phrases::new(&profile, &language),
            entrance: setup.entrance,
            turns: TurnTaking::new(profile.turn.clone(), now()),
            scribe: Scribe::new(Arc::clone(&joined.room), audience),
            people,
            offers: Offers::default(),
            ears: Ears::new(Arc::clone(&setup.providers.transcriber), listening),
            typing: JoinSet::new(),
            early: VecDeque::new(),
            keypad: Keypad::new(profile.keys.clone()),
            at_keys: None,
            hushing: JoinSet::new(),
            bell: setup.bell,
            ringing: JoinSet::new(),
            mouth: Mouth::new(Arc::clone(&voice)),
            history,
            keeper: Keeper::new(setup.journal),
            sign: Sign::put_up(Arc::clone(&joined.room)),
            prepared: Vec::new(),
            current: None,
            filler: None,
            trust: Trust::Speaker,
            power: Power::On,
            alone_since: Some(now()),
            ending: None,
            studio: Studio {
                profile,
                providers: setup.providers,
                tools: setup.tools,
                session: setup.session,
                language,
            },
            room: joined.room,
            events: joined.events,
            voice,
        };
        conversation.prepare_entrance();
        Ok(conversation)
    }

    /// Returns a handle to the conversation.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Talks until the conversation is over or `stop` is cancelled. A fault of ours ends this conversation alone.
    pub async fn run(self, stop: CancellationToken) -> Ended {
        let (room, handle) = (Arc::clone(&self.room), self.handle.clone());
        let reason = AssertUnwindSafe(self.talk(stop))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                tracing::error!("a conversation broke down");
                Ended::Broken
            });
        room.leave().await;
        handle.tell(Event::Ended { reason });
        reason
    }

    async fn talk(mut self, stop: CancellationToken) -> Ended {
        let reason = loop {
            self.act();
            self.speak().await;
            self.show();
            if let Some(reason) = self.is_over() {
                break reason;
            }
            let deadline = self.deadline();
            tokio::select! {
                biased; // leaving comes first, then news, then sound, then time
                () = stop.cancelled() => break Ended::Stopped,
                event = self.events.next() => {
                    if let Some(reason) = self.handle_event(event) {
                        break reason;
                    }
                }
                Some(rung) = self.ringing.join_next() => self.handle_rung(rung),
                Some(command) = self.inbox.recv() => self.handle_command(command),
                (who, noticed) = self.ears.next() => self.handle_noticed(&who, noticed),
                news = next_news(&mut self.current) => self.handle_news(news),
                news = next_news(&mut self.filler) => self.handle_filler_news(news),
                Some(typed) = self.typing.join_next() => self.handle_typed(typed),
                Some(_) = self.hushing.join_next() => {}
                () = self.mouth.first_listener() => {}
                () = reached(deadline) => {
                    self.handle_keys_ended(false);
                    self.turns.handle_timeout(now());
                }
            }
        };
        self.close(reason).await;
        reason
    }

    /// Returns when something is to be done even if nothing happens.
    fn deadline(&self) -> Option<Instant> {
        let sound = self
            .audible()
            .and_then(|reply| self.mouth.deadline(now(), &reply.sound));
        let alone = self.alone_since.map(|since| since + self.alone_limit());
        let ending = self.ending.map(|ending| ending.at_the_latest);
        let keys = self.keypad.deadline();
        [self.turns.deadline(), sound, alone, ending, keys]
            .into_iter()
            .flatten()
            .min()
    }

    fn is_over(&mut self) -> Option<Ended> {
        let now = now();
        let heard = now + LAST_WORDS + self.people.delay();
        if let Some(ending) = &mut self.ending {
            if self.current.is_none() && !ending.said {
                ending.said = true;
                ending.at_the_latest = ending.at_the_latest.min(heard);
            }
            if now >= ending.at_the_latest {
                return Some(ending.why);
            }
        }
        let alone = self.alone_since?;
        (now >= alone + self.alone_limit()).then_some(Ended::Alone)
    }

    fn alone_limit(&self) -> Duration {
        Duration::from_millis(self.studio.profile.limits.alone_ms.into())
    }

    /// Has the greeting ready before anybody is there.
    fn prepare_entrance(&mut self) {
        let text = match self.entrance {
            Entrance::Silent => return,
            Entrance::Greeting if self.history.is_empty() => self.studio.profile.greeting.clone(),
            Entrance::Greeting => self.phrases.continuation(self.history.last_said_by_agent()),
        };
        if !text.trim().is_empty() {
            self.announce(text);
        }
    }

    fn announce(&mut self, text: String) {
        let turn = self.turns.next_turn();
        let reply = self.phrase(turn, text);
        self.prepared.push(reply);
        self.turns.handle(now(), Input::Announce(turn));
    }

    fn take_prepared(&mut self, turn: Turn) -> Option<Reply> {
        let at = self.prepared.iter().position(|reply| reply.turn == turn)?;
        Some(self.prepared.remove(at))
    }

    async fn close(mut self, reason: Ended) {
        self.stop_current();
        self.keep(crate::Entry::Ended { reason });
        tokio::join!(self.keeper.finish(), self.scribe.finish());
    }
}

async fn remember(setup: &Setup) -> History {
    let mut history = History::new(setup.profile.limits.remembered);
    match timeout(READING, Journal::so_far(&*setup.journal)).await {
        Ok(Ok(records)) => history.restore(records),
        Ok(Err(error)) => tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the agent comes without the conversation so far"
        ),
        Err(_) => tracing::warn!(
            "the journal is too slow: the agent comes without the conversation so far"
        ),
    }
    history
}

/// Lets hear only those who may, before there is anything to hear.
fn gather(room: &dyn Room) -> (People, Listeners) {
    let mut people = People::new(&room.attributes());
    let mut audience = Listeners::Everybody;
    while let Some(Move::LetHear(listeners)) = people.poll_move() {
        room.let_hear(listeners.clone());
        audience = listeners;
    }
    (people, audience)
}

async fn next_news(reply: &mut Option<Reply>) -> crate::reply::News {
    match reply {
        Some(reply) => reply.news().await,
        None => pending().await,
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => pending().await,
    }
}
