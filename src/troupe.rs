//! The agents of this server: each profile, ready to go into rooms.

mod briefing;

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_contract::chain::{Candidate, Chain, Ledger, Settings};
use agent_contract::{Speaker, Thinker, Toolbox, Transcriber};
use agent_session::{Conversation, Ended, Profile, Providers, Setup};
use async_trait::async_trait;
use room_contract::{BoxError, Identity, Rooms};
use tokio::sync::broadcast::error::RecvError;

use crate::appointments::Appointments;
use crate::callback::Callbacks;
use crate::config::Profiles;
use crate::escalation::Escalations;
use crate::message::Messages;
use crate::metrics::Metrics;
use crate::random;
use crate::sessions::{Agent, Attending, Departure};

/// Every profile with who plays in it. Made before the server starts.
#[derive(Clone, Default)]
pub struct Parts {
    /// The profiles, as they were read.
    pub profiles: Arc<Profiles>,
    /// Who plays, by the profile's name.
    pub by_profile: BTreeMap<String, Part>,
    /// Where it is counted what they do.
    pub metrics: Metrics,
    /// Where they ask for humans.
    pub escalations: Escalations,
    /// Where they ask for appointments.
    pub appointments: Appointments,
    /// Where they ask for callbacks.
    pub callbacks: Callbacks,
    /// Where they leave messages.
    pub messages: Messages,
}

/// Who plays in one profile.
#[derive(Clone)]
pub enum Part {
    /// Somebody who says the last three seconds back.
    Echo,
    /// Somebody who converses.
    Conversation(Arc<Script>),
}

/// All that a conversation needs besides a room.
pub struct Script {
    /// How it talks.
    pub profile: Arc<Profile>,
    /// Who hears.
    pub transcriber: Chain<dyn Transcriber>,
    /// Who thinks.
    pub thinker: Chain<dyn Thinker>,
    /// Who speaks.
    pub speaker: Chain<dyn Speaker>,
    /// Who apologises when nobody speaks.
    pub spare_speaker: Option<Arc<dyn Speaker>>,
    /// What it may use.
    pub tools: Toolbox,
}

impl Script {
    /// Returns a chain of these providers, in this order.
    ///
    /// Returns `None` when there is none.
    #[must_use]
    pub fn chain<P>(providers: Vec<Arc<P>>, metrics: &Metrics) -> Option<Chain<P>>
    where
        P: agent_contract::probe::Provider + ?Sized,
    {
        let settings = if providers.len() > 1 {
            Settings::warm()
        } else {
            Settings::default()
        };
        let candidates = providers.into_iter().map(Candidate::new).collect();
        let chain = Chain::new(candidates, settings).ok()?;
        Some(chain.observed_by(Arc::new(metrics.clone())))
    }

    /// One call's costs are counted together; who is well is known to all calls.
    fn providers(&self) -> Providers {
        let ledger = Arc::new(Ledger::default());
        Providers {
            transcriber: Arc::new(self.transcriber.for_call(Arc::clone(&ledger))),
            thinker: Arc::new(self.thinker.for_call(Arc::clone(&ledger))),
            speaker: Arc::new(self.speaker.for_call(ledger)),
            spare_speaker: self.spare_speaker.clone(),
        }
    }
}

/// Sends the agent of a session's profile.
pub struct Troupe {
    rooms: Arc<dyn Rooms>,
    parts: Parts,
    echo: Arc<dyn Agent>,
}

impl Troupe {
    /// Gathers the agents.
    #[must_use]
    pub fn new(rooms: Arc<dyn Rooms>, parts: Parts, echo: Arc<dyn Agent>) -> Self {
        Self { rooms, parts, echo }
    }

    fn part(&self, profile: Option<&str>) -> Option<&Part> {
        let (name, _) = self.parts.profiles.get(profile)?;
        self.parts.by_profile.get(name)
    }
}

#[async_trait]
impl Agent for Troupe {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        match self.part(attending.profile.as_deref()) {
            Some(Part::Echo) => self.echo.attend(attending).await,
            Some(Part::Conversation(script)) => {
                converse(&*self.rooms, script, attending, &self.parts).await
            }
            None => Err("the profile of the session is gone".into()),
        }
    }

    fn listens_while_off(&self, profile: Option<&str>) -> bool {
        match self.part(profile) {
            Some(Part::Conversation(script)) => script.profile.listen_while_off,
            Some(Part::Echo) | None => false,
        }
    }
}

async fn converse(
    rooms: &dyn Rooms,
    script: &Script,
    attending: Attending,
    parts: &Parts,
) -> Result<Departure, BoxError> {
    let Attending { chair, leave, .. } = attending;
    let setup = Setup {
        room: attending.room,
        identity: fresh_identity()?,
        profile: Arc::clone(&script.profile),
        providers: script.providers(),
        session: attending.session.as_str().into(),
        tools: script.tools.clone(),
        journal: attending.journal,
        entrance: attending.entrance,
        circle: None,
        bell: Some(Arc::new(parts.escalations.clone())),
    };
    let conversation = tokio::select! {
        () = leave.cancelled() => return Ok(Departure::Left),
        entered = Conversation::enter(rooms, setup) => entered?,
    };
    let mut events = conversation.handle().events();
    chair.sit(Arc::new(conversation.handle()));

    let pass_on = |event| {
        parts.metrics.conversation_told(&event);
        chair.tell(event);
    };
    let mut running = std::pin::pin!(conversation.run(leave));
    let ended = loop {
        tokio::select! {
            ended = &mut running => break ended,
            event = events.recv() => match event {
                Ok(event) => pass_on(event),
                Err(RecvError::Lagged(count)) => chair.tell_lost(count),
                Err(RecvError::Closed) => break running.await,
            },
        }
    };
    while let Ok(event) = events.try_recv() {
        pass_on(event);
    }
    departure(ended)
}

fn departure(ended: Ended) -> Result<Departure, BoxError> {
    match ended {
        Ended::Stopped | Ended::Alone | Ended::RoomOver => Ok(Departure::Left),
        Ended::PutOut => Ok(Departure::PutOut),
        Ended::HungUp | Ended::Idle | Ended::TooLong => Ok(Departure::SaidGoodbye),
        unasked => Err(format!("the conversation broke off: {unasked:?}").into()),
    }
}

/// A new one each time: the agent that is leaving must not be thrown out by the one that enters.
fn fresh_identity() -> Result<Identity, BoxError> {
    Ok(Identity::new(random::id("agent-"))?)
}
