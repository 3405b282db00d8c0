//! The twin itself: starts, takes calls, stops.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};

use crate::{
    Answered, Call, Fate, InboundMessage, Knobs, Message, Persona, Settings,
    core::{Callback, Direction, Facts, Machine, Method},
    rest,
    shell::{Line, Office},
};

/// A stand-in for Twilio. It stops when it is dropped.
#[derive(Debug)]
pub struct Twin {
    office: Arc<Office>,
    calls: Mutex<mpsc::Receiver<Call>>,
    messages: Mutex<mpsc::Receiver<Message>>,
}

/// Calls that were placed and not yet looked at.
const PLACED: usize = 1_024;

/// Somebody calls a number of the account.
#[derive(Clone, Debug, Default)]
pub struct InboundCall {
    /// Who calls: E.164, `client:…`, `sip:…`, `whatsapp:…` or what a phone sends that hides its number.
    pub from: String,
    /// Which number is called.
    pub to: String,
    /// What further stands in the webhooks, such as `StirVerstat` or `ForwardedFrom`.
    pub extra: Vec<(String, String)>,
}

impl InboundCall {
    /// Returns a call without anything special.
    #[must_use]
    pub fn new(from: &str, to: &str) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            extra: Vec::new(),
        }
    }
}

/// Why the twin cannot do what it is asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TwinError {
    /// Choose another address to listen on.
    #[error("the twin cannot listen")]
    Listen(#[source] std::io::Error),
    /// The machine's TLS does not work.
    #[error("the twin cannot make requests")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Add the number, or its voice URL, to the settings.
    #[error("the number called does not belong to the account or has no voice URL")]
    NoSuchNumber,
}

impl Twin {
    /// Starts a twin.
    ///
    /// # Errors
    ///
    /// [`TwinError`] when it cannot listen or the machine has no usable TLS.
    pub async fn start(settings: Settings) -> Result<Self, TwinError> {
        let listener = tokio::net::TcpListener::bind(settings.listen)
            .await
            .map_err(TwinError::Listen)?;
        let address = listener.local_addr().map_err(TwinError::Listen)?;
        let (placed, calls) = mpsc::channel(PLACED);
        let (written, messages) = mpsc::channel(PLACED);
        let office = Office::open(settings, (placed, written), format!("http://{address}"))?;
        let router = rest::router(Arc::clone(&office));
        let stop = office.stop.clone();
        office.tasks.spawn(async move {
            let serving =
                axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
            if let Err(error) = serving.await {
                tracing::error!(%error, "REST does not listen any more");
            }
        });
        Ok(Self {
            office,
            calls: Mutex::new(calls),
            messages: Mutex::new(messages),
        })
    }

    /// Returns where REST listens, for `TWILIO_BASE_URL`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.office.url
    }

    /// Returns the account's numbers.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        let numbers = self.office.registry.numbers();
        numbers.into_iter().map(|own| own.number.number).collect()
    }

    /// Calls a number of the account: its voice URL is asked what to do.
    ///
    /// # Errors
    ///
    /// [`TwinError::NoSuchNumber`] when nobody answers that number.
    pub fn call_in(&self, call: InboundCall) -> Result<Call, TwinError> {
        let number = self.office.registry.number(&call.to);
        let number = number.ok_or(TwinError::NoSuchNumber)?;
        let voice_url = number.voice_url.ok_or(TwinError::NoSuchNumber)?;
        let fallback = number.voice_fallback_url;
        let callback = number.status_callback.map(|url| Callback {
            url,
            method: Method::Post,
            events: vec!["completed".into()],
        });
        let facts = Facts {
            account_sid: self.office.settings.account_sid.clone(),
            call_sid: self.office.sid("CA"),
            parent_sid: None,
            from: call.from.clone(),
            to: call.to.clone(),
            direction: Direction::Inbound,
            extra: call.extra,
            callback,
            answered_by: None,
            epoch: self.office.epoch,
        };
        let mut machine = Machine::inbound(facts.clone(), self.office.rules(), self.office.sids());
        machine.ask(voice_url, Method::Post, fallback);
        Ok(Line::start(&self.office, machine, facts, (None, None)).0)
    }

    /// Sets who answers a phone; without it somebody picks up after half a second and says hello.
    pub fn phone(&self, number: &str, persona: Persona) {
        self.office.registry.set_persona(number, persona);
    }

    /// Makes things go wrong, in calls that begin from here on.
    pub fn set_knobs(&self, knobs: Knobs) {
        self.office.set_knobs(knobs);
    }

    /// Returns the next call that the application places, in the hands of the person called, while it still rings.
    ///
    /// Calls wait in order until they are asked for, up to a thousand.
    pub async fn next_call(&self) -> Option<Call> {
        self.calls.lock().await.recv().await
    }

    /// Writes to a number of the account, and waits for what the application answers.
    ///
    /// # Errors
    ///
    /// [`TwinError::NoSuchNumber`] when the number does not belong to the account.
    pub async fn message_in(&self, message: InboundMessage) -> Result<Answered, TwinError> {
        let number = self.office.registry.number(&message.to);
        let number = number.ok_or(TwinError::NoSuchNumber)?;
        Ok(self.office.deliver(number, message).await)
    }

    /// Sets what becomes of messages to a phone; without it they arrive.
    pub fn messages_to(&self, number: &str, fate: Fate) {
        self.office.registry.set_fate(number, fate);
    }

    /// Returns the next message that the application sends. Messages wait as calls do.
    pub async fn next_message(&self) -> Option<Message> {
        self.messages.lock().await.recv().await
    }

    /// Ends all calls and waits until nothing runs any more.
    pub async fn stop(self) {
        self.office.stop.cancel();
        self.office.tasks.close();
        self.office.tasks.wait().await;
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        self.office.stop.cancel();
    }
}
