//! What handlers share.

use std::sync::Arc;
use std::time::Duration;

use room_contract::Rooms;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::auth::{Caller, Gate};
use super::callbacks::Promised;
use super::idempotency::Answers;
use super::seen::SeenEvents;
use super::views::CreatedRoom;
use super::visits::Visits;
use super::website::SiteAnswer;
use crate::appointments::Appointments;
use crate::callback::Callbacks;
use crate::config::{Access, Mode, Profiles, Web, Website};
use crate::escalation::Escalations;
use crate::health::Health;
use crate::invitation::Invitations;
use crate::metrics::Metrics;
use crate::phone::Office;
use crate::sessions::{AgentWish, Sessions};
use crate::store::{Deed, Entry, Store};

/// Of one address: a wrong number, the right one, and once more because nobody picked up.
const CALLS_PER_MINUTE: u32 = 3;

/// Of all visitors with one key. Whom they call, and how often in a day, the dial policy decides besides.
const CALLS_PER_MINUTE_AND_KEY: u32 = 30;

/// What an app is made of.
pub struct Parts {
    /// How Patchbay was started.
    pub mode: Mode,
    /// Who may use the API.
    pub access: Access,
    /// The page, and visits from pages.
    pub web: Web,
    /// Addresses to tell callers.
    pub addresses: Addresses,
    /// The room service.
    pub rooms: Arc<dyn Rooms>,
    /// The sessions.
    pub sessions: Sessions,
    /// Contacts who were asked into rooms.
    pub invitations: Invitations,
    /// Whether there is anybody who could be called in.
    pub humans: bool,
    /// Whether LiveKit answers.
    pub health: Health,
    /// Where things are counted.
    pub metrics: Metrics,
    /// What new sessions get when nobody says otherwise: [`AgentWish::Unwanted`] where there is no agent.
    pub agent: AgentWish,
    /// Who the agent may be.
    pub profiles: Arc<Profiles>,
    /// The telephone office, if there is an account.
    pub(crate) phone: Option<Office>,
    /// Where humans are asked for.
    pub escalations: Escalations,
    /// When people can be met.
    pub appointments: Appointments,
    /// Where callbacks are asked for.
    pub callbacks: Callbacks,
    /// Where records are.
    pub store: Store,
    /// Cancelled once the server is stopping.
    pub draining: CancellationToken,
    /// Owner of work that goes on when its asker hangs up.
    pub tasks: TaskTracker,
    /// How long a request may take.
    pub request_timeout: Duration,
}

/// Addresses to tell callers.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// This server.
    pub patchbay: Url,
    /// The LiveKit server, as participants reach it.
    pub livekit: String,
}

/// The state of the router. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    gate: Gate,
    seen_webhooks: SeenEvents,
    visits: Visits,
    visit_calls: Visits,
    site_callers: Visits,
    site_answers: Answers<SiteAnswer>,
    created_rooms: Answers<CreatedRoom>,
    promises: Answers<Promised>,
}

impl App {
    /// Puts an app together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let gate = Gate::new(parts.access.clone(), parts.store.clone());
        let website = parts
            .phone
            .as_ref()
            .map_or_else(Website::default, |office| office.settings().website.clone());
        Self(Arc::new(Inner {
            visits: Visits::new(
                parts.web.visits_per_minute,
                parts.web.visits_per_minute_and_key,
            ),
            visit_calls: Visits::new(CALLS_PER_MINUTE, CALLS_PER_MINUTE_AND_KEY),
            site_callers: Visits::new(website.calls_per_minute, website.calls_per_minute_and_key),
            site_answers: Answers::default(),
            parts,
            gate,
            seen_webhooks: SeenEvents::default(),
            created_rooms: Answers::default(),
            promises: Answers::default(),
        }))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    pub(crate) fn phone(&self) -> Option<&Office> {
        self.0.parts.phone.as_ref()
    }

    /// Keeps who did what.
    pub(crate) fn note(&self, by: &Caller, action: &'static str, to: &str) {
        let deed = Deed::new(by.0.clone(), action, to);
        self.0.parts.store.records().push(Entry::Done(deed));
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    pub(crate) fn seen_webhooks(&self) -> &SeenEvents {
        &self.0.seen_webhooks
    }

    pub(crate) fn visits(&self) -> &Visits {
        &self.0.visits
    }

    /// Returns the door of those who have people called from a website.
    /// What visitors' calls go out by.
    pub(crate) fn visit_calls(&self) -> &Visits {
        &self.0.visit_calls
    }

    pub(crate) fn site_callers(&self) -> &Visits {
        &self.0.site_callers
    }

    pub(crate) fn site_answers(&self) -> &Answers<SiteAnswer> {
        &self.0.site_answers
    }

    pub(crate) fn promises(&self) -> &Answers<Promised> {
        &self.0.promises
    }

    pub(crate) fn created_rooms(&self) -> &Answers<CreatedRoom> {
        &self.0.created_rooms
    }
}
