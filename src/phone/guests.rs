//! People who are called into rooms of others: an escalation's way to the telephone.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use room_contract::{BoxError, Identity, circle, role};
use tokio::time::timeout;

use super::{Office, Ringing, Telephone, shown_by_contact};
use crate::dial::{DialRequest, Dialled, Dialler, Number, Policy, TENANT};
use crate::escalation::{Called, Guest, Lines};
use crate::sessions::SessionId;
use crate::telemetry::chain;
use crate::wiring::twilio::{CallSid, Carrier, USUAL_PATHS};

/// Longer than the carrier takes to answer.
const WRITTEN_WITHIN: Duration = Duration::from_secs(15);

/// Calls people into rooms.
pub(crate) struct Guests {
    dialler: Dialler,
    telephone: Telephone,
    carrier: Arc<Carrier>,
    policy: Policy,
    /// The number that they see.
    from: Option<Number>,
}

impl Office {
    /// Returns the number that people see whom this server calls.
    pub(crate) fn usual_number(&self) -> Option<Number> {
        let usual = self.own_numbers().first().map(|number| self.number(number));
        usual.and_then(Result::ok)
    }

    /// Returns who calls people into rooms of others.
    pub(crate) fn guests(&self) -> Arc<dyn Lines> {
        Arc::new(Guests {
            dialler: self.dialler.clone(),
            telephone: self.telephone.clone(),
            carrier: Arc::clone(&self.carrier),
            policy: self.policy.clone(),
            from: self.usual_number(),
        })
    }
}

impl Guests {
    fn from(&self) -> Result<Number, BoxError> {
        let missing = "this server has no number of its own: set TWILIO_PHONE_NUMBER";
        self.from.clone().ok_or_else(|| missing.into())
    }
}

#[async_trait]
impl Lines for Guests {
    async fn call(&self, guest: Guest) -> Result<Called, BoxError> {
        let from = self.from()?;
        let mut carried = vec![
            ("room", guest.room.to_string()),
            ("name", guest.name.clone()),
        ];
        carried.extend(guest.is_contact.then(|| ("contact", "true".to_owned())));
        let Dialled { call, .. } = self
            .dialler
            .dial(DialRequest {
                tenant: TENANT.to_owned(),
                caller: guest.by,
                key: Some(guest.key),
                digest: String::new(),
                to: guest.number.clone(),
                from: from.clone(),
                session: guest.room.to_string(),
                paths: USUAL_PATHS,
                carried,
            })
            .await?;
        let mut shows = circle::moved_to(guest.circle.as_deref());
        if guest.is_contact {
            shows.extend(shown_by_contact());
        }
        let ringing = Ringing {
            guest_of: Some(guest.room),
            name: Some(guest.name),
            pick_up: guest.pick_up,
            shows,
            owner: Some(guest.news),
            ..Ringing::placed(CallSid::new(call.as_str())?, &from, &guest.number)
        };
        if let Err(why) = self.telephone.ring(ringing).await {
            drop(self.dialler.end(&call).await);
            return Err(why.into());
        }
        let identity = Identity::new(format!("{}{call}", role::PHONE))?;
        Ok(Called {
            call: call.as_str().to_owned(),
            identity,
        })
    }

    async fn hang_up(&self, call: &str) {
        let Ok(sid) = CallSid::new(call) else {
            return;
        };
        if !self.telephone.hang_up(sid.clone()).await
            && let Err(error) = self.carrier.end_call(&sid).await
        {
            tracing::warn!(error = chain(&error), "a call may go on");
        }
    }

    async fn may_call_back(&self, session: &SessionId) -> bool {
        let number = self.telephone.number_behind(session.as_str()).await;
        number.is_none_or(|number| self.policy.permit(&number).is_ok())
    }

    async fn write(&self, to: &Number, text: &str) -> Result<(), BoxError> {
        let from = self.from()?;
        Ok(timeout(WRITTEN_WITHIN, self.carrier.write(&from, to, text)).await??)
    }
}
