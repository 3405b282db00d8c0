//! Calls on the telephone: each has a session, a room, and a leg in it.
//!
//! [`Exchange`] is the loop that owns all calls, a [`line`] is one call's task, [`Telephone`] is the handle that
//! everybody else holds. What a call is told to do stands in [`script`].

mod calling_back;
pub(crate) mod conference;
mod conferences;
mod exchange;
mod guests;
mod handle;
mod line;
mod office;
pub(crate) mod script;
mod ticket;

pub(crate) use crate::ticket::Ticket;
pub(crate) use conferences::Conferences;
pub(crate) use exchange::Exchange;
pub(crate) use handle::{Absence, News, PickUp, RingError, Ringing, Telephone, shown_by_contact};
pub(crate) use line::Switchboard;
pub(crate) use office::Office;
pub(crate) use script::Tongue;

use std::sync::Arc;

use crate::config::{Phone, PhoneAccount};
use crate::dial::{Dialler, Policy};
use crate::sessions::{AgentWish, Session, Sessions};
use crate::store::Store;
use crate::wiring::twilio::{Browsers, Carrier, PublicUrl, Signatures};

/// What the telephone of a server is made of.
pub(crate) struct Parts {
    pub(crate) account: PhoneAccount,
    pub(crate) settings: Phone,
    /// Who may be called.
    pub(crate) policy: Policy,
    pub(crate) store: Store,
    pub(crate) sessions: Sessions,
    pub(crate) rooms: Arc<dyn room_contract::Rooms>,
    pub(crate) profiles: Arc<crate::config::Profiles>,
    pub(crate) agent: AgentWish,
    /// Sessions that a process before this one left behind.
    pub(crate) adopted: Vec<Session>,
}

/// Opens the telephone office of an account. `address` is where Twilio finds this server.
///
/// # Errors
///
/// The account or the address cannot be used.
pub(crate) fn open(parts: Parts, address: &str) -> anyhow::Result<(Exchange, Office)> {
    let public = PublicUrl::parse(address)?;
    let carrier = Arc::new(Carrier::new(&parts.account, public.clone())?);
    let browsers = Browsers::of(&parts.account)?;
    let settings = Arc::new(parts.settings);
    let dialler = Dialler::new(
        parts.policy.clone(),
        parts.store.clone(),
        Arc::<Carrier>::clone(&carrier),
    );
    let (exchange, telephone) = Exchange::new(
        Switchboard {
            sessions: parts.sessions,
            rooms: parts.rooms,
            settings: Arc::clone(&settings),
            profiles: Arc::clone(&parts.profiles),
            agent: parts.agent,
            store: parts.store.clone(),
            carrier: Arc::clone(&carrier),
            lateness: Arc::default(),
        },
        dialler.clone(),
        parts.adopted,
    );
    let conferences = Conferences::new(conferences::Parts {
        carrier: Arc::clone(&carrier),
        dialler: dialler.clone(),
        store: parts.store,
        application: parts.account.twiml_app.clone(),
        number: parts.account.phone_number.clone(),
    });
    let office = Office {
        carrier: Arc::clone(&carrier),
        conferences,
        public,
        signatures: Signatures::new(&parts.account.auth_token),
        settings,
        account: parts.account,
        profiles: parts.profiles,
        telephone,
        dialler,
        policy: parts.policy,
        browsers,
    };
    Ok((exchange, office))
}
