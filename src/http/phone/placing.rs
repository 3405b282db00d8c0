//! Calls as requests want them: policy, a row, the carrier, and somebody who waits for whoever picks up.

use room_contract::RoomName;

use crate::dial::{self, DialError, DialRequest, Dialled, Number, Paths, Refusal, TENANT};
use crate::http::App;
use crate::http::auth::Caller;
use crate::http::error::{ApiError, Missing};
use crate::phone::{Absence, Office, RingError, Ringing};
use crate::wiring::twilio::{CallSid, USUAL_PATHS};

/// A call that somebody wants.
pub(in crate::http) struct Wish {
    /// Whom to call.
    pub(in crate::http) to: Number,
    /// From which number of ours.
    pub(in crate::http) from: Number,
    /// The key of the request, and the digest of all that was asked for.
    pub(in crate::http) asked: (Option<String>, [u8; 32]),
    /// Who talks.
    pub(in crate::http) profile: Option<String>,
    /// What the agent is told.
    pub(in crate::http) context: Option<String>,
    /// The room of others that it goes into.
    pub(in crate::http) guest: Option<Guest>,
    /// What the carrier is told, where it is not the usual.
    pub(in crate::http) script: Option<Script>,
}

/// What the carrier is told about a call.
pub(in crate::http) struct Script {
    /// Where it asks and tells.
    pub(in crate::http) paths: Paths,
    /// What it sends back.
    pub(in crate::http) carried: Vec<(&'static str, String)>,
    /// What the calls of one conference have in common.
    pub(in crate::http) session: String,
}

/// Somebody who comes into a room of others.
pub(in crate::http) struct Guest {
    /// The room.
    pub(in crate::http) room: RoomName,
    /// The name to show there.
    pub(in crate::http) name: Option<String>,
    /// What they hear first.
    pub(in crate::http) greeting: Option<String>,
    /// What follows when they do not come.
    pub(in crate::http) absence: Absence,
}

/// Places a call and has it waited for.
pub(in crate::http) async fn call(
    app: &App,
    office: &Office,
    caller: &Caller,
    wish: Wish,
) -> Result<dial::CallSid, ApiError> {
    let call = dial(app, office, caller, &wish).await?;
    let (guest_of, name, absence) = match wish.guest {
        Some(guest) => (Some(guest.room), guest.name, guest.absence),
        None => (None, None, Absence::Borne),
    };
    let sid = CallSid::new(call.as_str()).map_err(|_| ApiError::Internal)?;
    let ringing = Ringing {
        profile: wish.profile,
        guest_of,
        name,
        absence,
        context: wish.context,
        ..Ringing::placed(sid, &wish.from, &wish.to)
    };
    if let Err(why) = office.telephone().ring(ringing).await {
        // Nobody would answer whoever picks up.
        drop(office.dialler().end(&call).await);
        return Err(why.into());
    }
    Ok(call)
}

/// Places a call: whoever picks up is told what to do by the paths of its script.
pub(in crate::http) async fn dial(
    app: &App,
    office: &Office,
    caller: &Caller,
    wish: &Wish,
) -> Result<dial::CallSid, ApiError> {
    let (key, digest) = &wish.asked;
    let (paths, carried, session) = match &wish.script {
        Some(script) => (script.paths, script.carried.clone(), script.session.clone()),
        None => (USUAL_PATHS, usually_carried(wish), String::new()),
    };
    let request = DialRequest {
        tenant: TENANT.to_owned(),
        caller: caller.0.clone(),
        key: key.clone(),
        digest: hex(digest),
        to: wish.to.clone(),
        from: wish.from.clone(),
        session,
        paths,
        carried,
    };
    let Dialled { call, .. } = office.dialler().dial(request).await?;
    app.note(caller, "call.place", call.as_str());
    Ok(call)
}

fn usually_carried(wish: &Wish) -> Vec<(&'static str, String)> {
    let guest = wish.guest.as_ref();
    let carried = [
        ("profile", wish.profile.clone()),
        ("room", guest.map(|guest| guest.room.to_string())),
        ("name", guest.and_then(|guest| guest.name.clone())),
        ("greeting", guest.and_then(|guest| guest.greeting.clone())),
    ];
    carried
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

pub(in crate::http) fn other_number(office: &Office, text: &str) -> Result<Number, ApiError> {
    office
        .number(text)
        .map_err(|error| ApiError::invalid("to", error.to_string()))
}

/// Returns bytes as records write them.
pub(in crate::http) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the number that was asked for, which has to be one of ours, or the usual one.
pub(in crate::http) fn own_number(
    office: &Office,
    wanted: Option<&str>,
) -> Result<Number, ApiError> {
    let own = office.own_numbers();
    let Some(usual) = own.first() else {
        return Err(ApiError::invalid(
            "from",
            "this server has no number of its own: set TWILIO_PHONE_NUMBER",
        ));
    };
    let number = wanted.unwrap_or(usual);
    if !own.contains(&number) {
        return Err(ApiError::invalid(
            "from",
            "it is not one of this server's numbers",
        ));
    }
    office
        .number(number)
        .map_err(|error| ApiError::invalid("from", error.to_string()))
}

impl From<DialError> for ApiError {
    fn from(error: DialError) -> Self {
        match error {
            DialError::Refused(refusal) => Self::NotDialled {
                code: refusal.name(),
                text: refusal.to_string(),
                later: matches!(refusal, Refusal::AtOnce { .. } | Refusal::Daily { .. }),
            },
            DialError::Carrier { code, text } => Self::Carrier { code, text },
            DialError::Unreachable => Self::CarrierAway,
            DialError::UnderWay => Self::KeyBusy,
            DialError::KeyReused => Self::KeyReused,
            DialError::Records(_) => Self::Store,
            DialError::Stopping => Self::Draining,
            DialError::Unanswered => Self::CarrierSilent,
        }
    }
}

impl From<RingError> for ApiError {
    fn from(error: RingError) -> Self {
        match error {
            RingError::Full => Self::Overloaded,
            RingError::Draining => Self::Draining,
            RingError::Unavailable => Self::LiveKit,
            RingError::Over => Self::NotFound(Missing::LiveCall),
        }
    }
}
