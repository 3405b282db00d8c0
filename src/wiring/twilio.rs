//! Twilio: its webhooks and answers, its sockets, and the leg that a call has in its room.

mod browsers;
mod carrier;

pub(crate) use browsers::Browsers;
pub(crate) use carrier::{Carrier, CheckedNumber, USUAL_PATHS, ended};
pub(crate) use connectors_twilio::access_token::ClientIdentity;
pub(crate) use connectors_twilio::form::{Form, TooLarge};
pub(crate) use connectors_twilio::hold_music::hold_music;
pub(crate) use connectors_twilio::leg::{
    Lateness, Leg, LegEnd, LegEvent, LegEvents, LegHandle, LegOptions, Opened, Wire, WireLost,
    WireMessage, open,
};
pub(crate) use connectors_twilio::media::MAX_FRAME;
pub(crate) use connectors_twilio::party::Party;
pub(crate) use connectors_twilio::public_url::PublicUrl;
pub(crate) use connectors_twilio::sid::{CallSid, ConferenceSid};
pub(crate) use connectors_twilio::signature::{
    HEADER as SIGNATURE_HEADER, SignatureError, Signatures,
};
pub(crate) use connectors_twilio::twiml::{
    Beep, CONTENT_TYPE as TWIML, Conference, Connect, Dial, Gather, Hangup, Pause, Play, Redirect,
    Response, Say, Stream,
};
pub(crate) use connectors_twilio::webhook::{
    AnsweredBy, CallStatus, ConferenceEvent, ConferenceHappening, Direction, Gathered,
    MachineVerdict, StatusCallback, VoiceRequest, WebhookError,
};

/// What stands in for Twilio on this machine.
pub(crate) mod twin {
    pub(crate) use connectors_twilio_twin::{
        Call, FRAME, InboundCall, Listener, Number, Route, Settings, Twin, What,
    };
}
