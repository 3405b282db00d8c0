//! Twilio as the carrier of calls that this server places.

use std::time::{Duration, SystemTime};

use anyhow::Context;
use async_trait::async_trait;
use connectors_twilio::party::Party;
use connectors_twilio::public_url::PublicUrl;
use connectors_twilio::rest::{
    AccountState, Call, Content, Instructions, MachineDetection, NewCall, NewMessage,
    NewParticipant, RestClient, RestError, RestSettings,
};
use connectors_twilio::sid::{AccountSid, CallSid, ConferenceSid};
use connectors_twilio::twiml::Response;
use connectors_twilio::webhook::CallStatus;
use time::OffsetDateTime;
use url::form_urlencoded;

use crate::config::PhoneAccount;
use crate::dial::{self, Ended, FoundCall, Number, Order, Paths, PlaceError, Placer, Search};

/// A phone rings for so long before nobody is there.
const RINGS: Duration = Duration::from_secs(40);

/// Where it is asked and told about a call that goes into a room.
pub(crate) const USUAL_PATHS: Paths = Paths {
    voice: "/twilio/voice",
    status: "/twilio/status",
    answered: "/twilio/answered",
};

/// What is known of a number.
pub(crate) enum CheckedNumber {
    /// It is not one of the account's.
    Missing,
    /// It asks there what to do.
    Asks(Option<String>),
}

/// Places calls, and tells them what to do.
#[derive(Debug, Clone)]
pub(crate) struct Carrier {
    client: RestClient,
    public: PublicUrl,
}

impl Carrier {
    /// Prepares to place calls for an account, whose webhooks come to `public`.
    ///
    /// # Errors
    ///
    /// The account or this machine cannot be used.
    pub(crate) fn new(account: &PhoneAccount, public: PublicUrl) -> anyhow::Result<Self> {
        let sid = AccountSid::new(account.account_sid.as_str())?;
        let mut settings = RestSettings::with_token(sid, account.auth_token.clone());
        settings.base_url.clone_from(&account.base_url);
        let tls = agent_wire::tls::client().context("this machine has no TLS")?;
        Ok(Self {
            client: RestClient::new(settings, tls)?,
            public,
        })
    }

    /// Returns in a word how the account is.
    pub(crate) async fn account_state(&self) -> Result<&'static str, RestError> {
        let account = self.client.account().await?;
        Ok(match account.state {
            AccountState::Active if account.is_trial() => {
                "a trial one: it calls verified numbers only"
            }
            AccountState::Active => "active",
            _ => "not active: see the console of Twilio",
        })
    }

    /// Returns whom a number asks when it is called.
    pub(crate) async fn number(&self, number: &str) -> Result<CheckedNumber, RestError> {
        let found = self.client.phone_number(number).await?;
        Ok(found.map_or(CheckedNumber::Missing, |number| {
            CheckedNumber::Asks(number.voice_url)
        }))
    }

    /// Ends a call; one that is over stays over.
    pub(crate) async fn end_call(&self, call: &CallSid) -> Result<(), RestError> {
        match self.client.end_call(call).await {
            Err(error) if error.is_over() => Ok(()),
            ended => ended.map(drop),
        }
    }

    /// Returns where the carrier finds this server.
    pub(crate) fn public(&self) -> &PublicUrl {
        &self.public
    }

    /// Has an answered call ask there what to do.
    ///
    /// # Errors
    ///
    /// It goes on as it did; [`is_over`](RestError::is_over) when there is no such call any more.
    pub(crate) async fn send_to(&self, call: &CallSid, address: &str) -> Result<(), RestError> {
        let there = Instructions::Url(address.to_owned());
        self.client.redirect_call(call, &there).await.map(drop)
    }

    /// Has an answered call do something else.
    pub(crate) async fn redirect(&self, call: &CallSid, to: &Response) -> anyhow::Result<()> {
        let instructions = Instructions::Twiml(to.to_inline()?);
        self.client.redirect_call(call, &instructions).await?;
        Ok(())
    }

    /// Sends a short text from a number of ours.
    pub(crate) async fn write(
        &self,
        from: &Number,
        to: &Number,
        text: &str,
    ) -> Result<(), RestError> {
        let message = NewMessage {
            to: to.e164().to_owned(),
            from: from.e164().to_owned(),
            content: Content::Text {
                body: text.to_owned(),
                media: None,
            },
            status_callback: None,
        };
        self.client.send_message(&message).await.map(drop)
    }

    /// Returns the conferences of a name that are not over.
    pub(crate) async fn open_conferences(
        &self,
        name: &str,
    ) -> Result<Vec<ConferenceSid>, RestError> {
        let open = self.client.open_conferences(name).await?;
        Ok(open.into_iter().map(|one| one.sid).collect())
    }

    /// Returns who is in a conference: the label of each, where they have one.
    pub(crate) async fn labels_in(
        &self,
        conference: &ConferenceSid,
    ) -> Result<Vec<Option<String>>, RestError> {
        let there = self.client.participants(conference).await?;
        Ok(there.into_iter().map(|one| one.label).collect())
    }

    /// Ends a conference; one that is over stays over.
    pub(crate) async fn end_conference(&self, conference: &ConferenceSid) -> Result<(), RestError> {
        match self.client.end_conference(conference).await {
            Err(error) if error.is_over() => Ok(()),
            ended => ended.map(drop),
        }
    }

    /// Has an application take part in a conference under a label that nobody else there has.
    pub(crate) async fn invite(
        &self,
        conference: &str,
        application: &str,
        (from, label): (&str, &str),
    ) -> Result<(), RestError> {
        let participant = NewParticipant {
            to: format!("app:{application}"),
            from: from.to_owned(),
            label: Some(label.to_owned()),
            beep: Some(false),
            status_callback: Some(self.public.at("/api/twilio/call-status")),
            ..NewParticipant::default()
        };
        let invited = self.client.add_participant(conference, &participant).await;
        invited.map(drop)
    }

    fn new_call(&self, order: &Order) -> NewCall {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("intent", order.intent.as_str());
        query.extend_pairs(&order.carried);
        query.append_pair("detect", "true");
        let query = query.finish();
        let Paths {
            voice,
            status,
            answered,
        } = order.paths;
        let voice = self.public.at(&format!("{voice}?{query}"));
        // Only what goes into no room has to be told what it belongs to.
        let told = |path: &str| match order.paths {
            USUAL_PATHS => self.public.at(path),
            _ => self.public.at(&format!("{path}?{query}")),
        };
        let detection = MachineDetection::BesideToTheEnd(told(answered));
        NewCall {
            ring_for: Some(RINGS),
            status_callback: Some(told(status)),
            machine_detection: Some(detection),
            ..NewCall::new(order.to.e164(), order.from.e164(), Instructions::Url(voice))
        }
    }
}

#[async_trait]
impl Placer for Carrier {
    async fn place(&self, order: &Order) -> Result<dial::CallSid, PlaceError> {
        let placed = self.client.create_call(&self.new_call(order)).await;
        placed
            .map(|call| dial::CallSid::new(call.sid.as_str()))
            .map_err(|error| refusal(&error))
    }

    async fn find(&self, search: &Search) -> Result<Vec<FoundCall>, PlaceError> {
        let since = OffsetDateTime::from(search.since).date();
        let calls = self.client.calls_from(search.from.e164(), since).await;
        Ok(calls
            .map_err(|error| refusal(&error))?
            .iter()
            .filter_map(found)
            .filter(|call| call.at >= search.since)
            .collect())
    }

    async fn end(&self, call: &dial::CallSid) -> Result<(), PlaceError> {
        let Ok(call) = CallSid::new(call.as_str()) else {
            return Ok(());
        };
        self.end_call(&call).await.map_err(|error| refusal(&error))
    }
}

fn refusal(error: &RestError) -> PlaceError {
    match error {
        RestError::Refused(refusal) => PlaceError::Refused {
            code: refusal
                .code()
                .map_or_else(|| refusal.status().to_string(), |code| code.to_string()),
            text: refusal.to_string(),
        },
        RestError::Unavailable { .. } => PlaceError::Unreachable,
        _ => PlaceError::Unanswered,
    }
}

fn found(call: &Call) -> Option<FoundCall> {
    let to = match &call.to {
        Party::Phone(number) => Number::parse(number, None).ok()?,
        _ => return None,
    };
    Some(FoundCall {
        sid: dial::CallSid::new(call.sid.as_str()),
        to,
        at: SystemTime::from(call.created_at?),
        ended: call.status.and_then(ended),
    })
}

/// Returns why a call with this status is over, if it is.
pub(crate) fn ended(status: CallStatus) -> Option<Ended> {
    match status {
        CallStatus::Completed => Some(Ended::Completed),
        CallStatus::Busy => Some(Ended::Busy),
        CallStatus::NoAnswer => Some(Ended::NoAnswer),
        CallStatus::Canceled => Some(Ended::Canceled),
        CallStatus::Failed => Some(Ended::Failed),
        CallStatus::Queued
        | CallStatus::Initiated
        | CallStatus::Ringing
        | CallStatus::InProgress => None,
    }
}
