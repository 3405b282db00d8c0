//! The server put together: sessions, health, HTTP; how it runs and how it stops.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use room_contract::Rooms;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info};

use crate::appointments::Diary;
use crate::callback::Clerk;
use crate::config::{Access, Mode, Phone, PhoneAccount, Profiles, SessionLimits, Web};
use crate::dial::Policy;
use crate::escalation::{self, Crew, Director, Escalations, Staff};
use crate::health::{Health, Probe};
use crate::http::{self, Addresses, App};
use crate::invitation::Invitations;
use crate::message::Post;
use crate::metrics::Metrics;
use crate::phone::{self, Exchange, Office, Telephone};
use crate::sessions::{Agent, AgentWish, Desk, Drained, Furniture, Sessions};
use crate::store::{CallRecord, Store, Writer};
use crate::takeover;

/// Longer than any call to LiveKit, with its repetitions, takes.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// After the last session: enough to finish the answers under way.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What a server stands on. Tests make one by hand.
pub struct Ground {
    /// How Patchbay was started.
    pub mode: Mode,
    /// Who may use the API.
    pub access: Access,
    /// Bounds of sessions.
    pub sessions: SessionLimits,
    /// The page, and visits from pages.
    pub web: Web,
    /// The account at the telephone company, if there is one.
    pub account: Option<PhoneAccount>,
    /// Calls on the telephone.
    pub phone: Phone,
    /// Who may be called.
    pub dialling: Policy,
    /// How long live sessions may go on after a stop.
    pub grace: Duration,
    /// Addresses to tell callers.
    pub addresses: Addresses,
    /// The room service.
    pub rooms: Arc<dyn Rooms>,
    /// The agent that is put into rooms, if there is one.
    pub agent: Option<Arc<dyn Agent>>,
    /// Where it is counted.
    pub metrics: Metrics,
    /// Who the agent may be.
    pub profiles: Arc<Profiles>,
    /// Where records are.
    pub store: Store,
    /// Who writes them.
    pub writer: Writer,
    /// Sessions that a process before this one left behind.
    pub left_behind: Vec<CallRecord>,
    /// Who can be brought into a conversation.
    pub staff: Staff,
}

/// A server that has not started yet.
pub struct Server {
    desk: Desk,
    exchange: Option<Exchange>,
    director: Director,
    clerk: Option<Clerk>,
    sessions: Sessions,
    telephone: Option<Telephone>,
    escalations: Escalations,
    probe: Probe,
    health: Health,
    invitations: Invitations,
    router: Router,
    store: Store,
    writer: Writer,
    grace: Duration,
    drain: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Puts a server together; cancelling `drain` makes it stop.
    #[must_use]
    pub fn new(ground: Ground, drain: CancellationToken) -> Self {
        let metrics = ground.metrics;
        let tasks = TaskTracker::new();
        let agent = if ground.agent.is_some() {
            AgentWish::Wanted
        } else {
            AgentWish::Unwanted
        };

        let (mut desk, sessions) = Desk::new(Furniture {
            limits: ground.sessions,
            rooms: Arc::clone(&ground.rooms),
            agent: ground.agent,
            store: ground.store.clone(),
            metrics: metrics.clone(),
        });
        let adopted = desk.adopt(ground.left_behind);
        let (exchange, office) = ground
            .account
            .and_then(|account| {
                let parts = phone::Parts {
                    account,
                    settings: ground.phone,
                    policy: ground.dialling,
                    store: ground.store.clone(),
                    sessions: sessions.clone(),
                    rooms: Arc::clone(&ground.rooms),
                    profiles: Arc::clone(&ground.profiles),
                    agent,
                    adopted,
                };
                phone::open(parts, ground.addresses.patchbay.as_str())
                    .inspect_err(|error| error!("there are no calls: {error:#}"))
                    .ok()
            })
            .unzip();
        let invitations = Invitations::new(ground.addresses.patchbay.clone());
        open_desks(&ground.staff, &ground.store, office.as_ref(), &tasks);
        let clerk = office
            .as_ref()
            .map(|office| Clerk::new(office, &ground.staff, &sessions, &ground.store));
        let crew = Crew {
            lines: office.as_ref().map(Office::guests),
            briefers: ground.staff.briefers,
            musicians: escalation::musicians(Arc::clone(&ground.rooms)),
        };
        let director = Director::new(
            escalation::Parts {
                sessions: sessions.clone(),
                rooms: Arc::clone(&ground.rooms),
                crew,
                invitations: invitations.clone(),
                contacts: Arc::clone(&ground.staff.contacts),
                settings: ground.staff.settings,
                profiles: Arc::clone(&ground.profiles),
                store: ground.store.clone(),
                calls_back: clerk.as_ref().is_some_and(Clerk::is_possible),
            },
            &ground.staff.escalations,
        );
        let telephone = office.as_ref().map(|office| office.telephone().clone());
        let (probe, health) = Probe::new(Arc::clone(&ground.rooms), metrics.clone());
        let router = http::router(App::new(http::Parts {
            mode: ground.mode,
            access: ground.access,
            web: ground.web,
            addresses: ground.addresses,
            rooms: ground.rooms,
            sessions: sessions.clone(),
            invitations: invitations.clone(),
            humans: !ground.staff.contacts.is_empty(),
            health: health.clone(),
            metrics,
            agent,
            profiles: ground.profiles,
            phone: office,
            escalations: ground.staff.escalations.clone(),
            appointments: ground.staff.appointments,
            callbacks: ground.staff.callbacks,
            store: ground.store.clone(),
            draining: drain.clone(),
            tasks: tasks.clone(),
            request_timeout: REQUEST_TIMEOUT,
        }));

        Self {
            desk,
            exchange,
            director,
            clerk,
            sessions,
            telephone,
            escalations: ground.staff.escalations,
            probe,
            health,
            invitations,
            router,
            store: ground.store,
            writer: ground.writer,
            grace: ground.grace,
            drain,
            tasks,
        }
    }

    /// Returns LiveKit's health as this server sees it.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Returns what contacts are invited with.
    #[must_use]
    pub fn invitations(&self) -> Invitations {
        self.invitations.clone()
    }

    /// Returns the API, to be called without a socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Runs until it is asked to stop and every session is over, or the grace period is.
    ///
    /// While it drains it still answers: `/readyz` says 503, new sessions are refused, webhooks are taken.
    pub async fn run(self, listener: TcpListener) -> Drained {
        let stop = CancellationToken::new();
        self.tasks.spawn(http::listen(
            listener,
            self.router,
            stop.clone(),
            self.tasks.clone(),
        ));
        self.tasks.spawn(self.probe.run(stop.clone()));
        if let Some(exchange) = self.exchange {
            self.tasks.spawn(exchange.run(stop.clone()));
        }
        self.tasks.spawn(self.director.run(stop.clone()));
        if let Some(clerk) = self.clerk {
            self.tasks.spawn(clerk.run(self.drain.clone()));
        }
        self.tasks.spawn(takeover::run(
            self.store.clone(),
            self.sessions,
            self.telephone,
            self.escalations,
            self.drain.clone(),
        ));
        self.tasks.spawn(self.store.sweep(stop.clone()));
        let last_entry = CancellationToken::new();
        let writing = TaskTracker::new();
        writing.spawn(self.writer.run(last_entry.clone()));

        let drained = self.desk.run(self.drain, self.grace).await;

        stop.cancel();
        self.tasks.close();
        if timeout(LAST_ANSWERS, self.tasks.wait()).await.is_err() {
            info!(open = self.tasks.len(), "some answers were cut off");
        }
        last_entry.cancel();
        writing.close();
        writing.wait().await;
        drained
    }
}

/// Lets people make appointments with the contacts, and leave messages for them.
fn open_desks(staff: &Staff, store: &Store, office: Option<&Office>, tasks: &TaskTracker) {
    staff.appointments.bind(Diary {
        store: store.clone(),
        contacts: Arc::clone(&staff.contacts),
        lines: office.map(Office::guests),
        telephone: office.map(|office| office.telephone().clone()),
        tasks: tasks.clone(),
    });
    staff.messages.bind(Post {
        contacts: Arc::clone(&staff.contacts),
        lines: office.map(Office::guests),
        telephone: office.map(|office| office.telephone().clone()),
    });
}
