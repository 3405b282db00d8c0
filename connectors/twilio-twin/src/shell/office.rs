//! What all calls of a twin share.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use rustls::{ClientConfig, RootCertStore};
use time::OffsetDateTime;
use tokio::{sync::mpsc, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Entry, Hall, Line, Recording, Registry, Wish, webhook::Webhooks};
use crate::{
    Call, Knobs, Message, Persona, Settings, TwinError,
    conference::{Conference, Guest},
    core::{Callback, Direction, Facts, Fetch, Input, Machine, Plan, Rules, rfc2822},
    sid::Sids,
};

/// A call that the application wants.
#[derive(Debug)]
pub(crate) struct Placing {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) direction: Direction,
    /// The call that places this one, and the way to it.
    pub(crate) parent: Option<(String, mpsc::Sender<Input>)>,
    pub(crate) callback: Option<Callback>,
    pub(crate) plan: Plan,
    /// How the call is recorded from its answer on.
    pub(crate) record: Option<Wish>,
    /// Who the conference is at the other end of the call, instead of a person.
    pub(crate) stands_for: Option<Guest>,
    /// What further stands in the webhooks.
    pub(crate) extra: Vec<(String, String)>,
}

/// Settings, clock, identifiers, and the tasks of the twin.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) settings: Settings,
    /// Where REST listens.
    pub(crate) url: String,
    knobs: Mutex<Knobs>,
    pub(crate) registry: Registry,
    /// Calls that were placed, for the test; when it does not look, the newest are dropped here and found by REST.
    placed: mpsc::Sender<Call>,
    /// Messages of the application, for the test, in the same way.
    pub(super) written: mpsc::Sender<Message>,
    pub(crate) webhooks: Webhooks,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    sids: Mutex<Sids>,
    began: Instant,
    pub(crate) epoch: OffsetDateTime,
}

impl Office {
    pub(crate) fn open(
        settings: Settings,
        (placed, written): (mpsc::Sender<Call>, mpsc::Sender<Message>),
        url: String,
    ) -> Result<Arc<Self>, TwinError> {
        let tls = Arc::new(tls()?);
        let mut sids = Sids::new(settings.seed);
        Ok(Arc::new(Self {
            webhooks: Webhooks::new(&tls)?,
            tls,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            registry: Registry::new(&settings.numbers, &mut sids),
            url,
            knobs: Mutex::new(settings.knobs.clone()),
            placed,
            written,
            sids: Mutex::new(sids),
            began: Instant::now(),
            epoch: OffsetDateTime::now_utc(),
            settings,
        }))
    }

    /// Returns the time since the twin began.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn sid(&self, kind: &str) -> String {
        self.sids.lock().next(kind)
    }

    /// Returns what decides about chances in one call.
    pub(crate) fn dice(&self) -> fastrand::Rng {
        self.sids.lock().dice()
    }

    /// Returns a maker of identifiers for one call.
    pub(crate) fn sids(&self) -> Sids {
        self.sids.lock().branch()
    }

    /// Places a call.
    pub(crate) fn place(self: &Arc<Self>, placing: Placing) -> Entry {
        let mut plan = placing.plan;
        let mut facts = Facts {
            account_sid: self.settings.account_sid.clone(),
            call_sid: self.sid("CA"),
            parent_sid: placing.parent.as_ref().map(|(sid, _)| sid.clone()),
            from: placing.from,
            to: placing.to,
            direction: placing.direction,
            extra: placing.extra,
            callback: placing.callback,
            answered_by: None,
            epoch: self.epoch,
        };
        plan.set_call(&facts.call_sid);
        facts
            .callback
            .take_if(|callback| callback.events.is_empty());
        let stands_for = placing.stands_for.map(|guest| Guest {
            call_sid: facts.call_sid.clone(),
            ..guest
        });
        let persona = match stands_for {
            // Applications answer at once.
            Some(_) => Persona::Human {
                after: Duration::ZERO,
                greeting: Vec::new(),
            },
            None => self.registry.persona(&facts.to),
        };
        let tools = (self.rules(), self.sids());
        let machine = Machine::outbound(facts.clone(), tools, plan, persona, self.now());
        let record = placing.record;
        let parent = placing.parent.map(|(_, line)| line);
        let (call, entry) = Line::start(self, machine, facts, (parent, stands_for));
        if let Some(wish) = record {
            self.record(&entry, wish);
        }
        if self.placed.try_send(call).is_err() {
            tracing::debug!("nobody looks at the calls that are placed");
        }
        entry
    }

    pub(crate) fn knobs(&self) -> Knobs {
        self.knobs.lock().clone()
    }

    pub(crate) fn set_knobs(&self, knobs: Knobs) {
        *self.knobs.lock() = knobs;
    }

    /// Begins to keep what is said in a call.
    pub(crate) fn record(self: &Arc<Self>, entry: &Entry, wish: Wish) -> Arc<Recording> {
        let recording = Arc::new(Recording::new(self, &entry.sid(), wish));
        self.registry.add_recording(Arc::clone(&recording));
        entry.add_recording(Arc::clone(&recording));
        if let Some(fetch) = recording.callback() {
            self.tell(fetch);
        }
        recording
    }

    /// Ends a recording and tells whoever wants to know.
    pub(crate) fn finish(self: &Arc<Self>, recording: &Recording) {
        if let Some(fetch) = recording.finish() {
            self.tell(fetch);
        }
    }

    /// Returns the conference that a guest wants, open to them.
    pub(crate) fn hall(self: &Arc<Self>, guest: &Guest) -> Arc<Hall> {
        let open = || {
            let conference =
                Conference::new(self.sid("CF"), guest.conference.clone(), guest.is_private);
            Hall::open(self, conference)
        };
        self.registry.hall_or(&guest.conference, open)
    }

    /// Tells a server something and does not wait for its answer.
    pub(crate) fn tell(self: &Arc<Self>, mut fetch: Fetch) {
        fetch
            .parameters
            .push(("AccountSid".into(), self.settings.account_sid.clone()));
        fetch
            .parameters
            .push(("Timestamp".into(), rfc2822(OffsetDateTime::now_utc())));
        let office = Arc::clone(self);
        self.tasks.spawn(async move {
            let token = office.sid("");
            tokio::select! {
                () = office.stop.cancelled() => {}
                answer = office.webhooks.send(&fetch, &office.settings, &token) => {
                    if let Err(failure) = answer {
                        tracing::debug!(code = failure.code, "a callback was not taken");
                    }
                }
            }
        });
    }

    pub(crate) fn date(&self, date: OffsetDateTime) -> String {
        rfc2822(date)
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules {
            hang_up_on_lost_socket: self.knobs().hang_up_on_lost_socket,
            voice: Arc::clone(&self.settings.voice),
            plain_sockets: self.settings.plain_sockets,
        }
    }
}

fn tls() -> Result<ClientConfig, TwinError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TwinError::Client(error.into()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
