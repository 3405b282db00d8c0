//! What is known of a call, as webhooks tell it.

use std::time::Duration;

use time::{
    OffsetDateTime,
    format_description::well_known::{Iso8601, Rfc2822},
};

use super::Method;
use crate::CallStatus;

/// Which way a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Inbound,
    OutboundApi,
    OutboundDial,
}

impl Direction {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundDial => "outbound-dial",
        }
    }
}

/// Who is told of a call's progress.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) url: String,
    pub(crate) method: Method,
    /// Among initiated, ringing, answered, completed.
    pub(crate) events: Vec<String>,
}

/// What does not change during a call.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) account_sid: String,
    pub(crate) call_sid: String,
    pub(crate) parent_sid: Option<String>,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) direction: Direction,
    /// What further stands in the webhooks.
    pub(crate) extra: Vec<(String, String)>,
    pub(crate) callback: Option<Callback>,
    pub(crate) answered_by: Option<&'static str>,
    /// When the twin's clock stood at zero.
    pub(crate) epoch: OffsetDateTime,
}

impl Facts {
    /// Returns what stands in every webhook of the call.
    pub(crate) fn parameters(&self, status: CallStatus) -> Vec<(String, String)> {
        let mut parameters = self.identity();
        parameters.push(("CallStatus".into(), status.word().into()));
        parameters
    }

    /// Returns which call it is and whose.
    pub(crate) fn identity(&self) -> Vec<(String, String)> {
        let pairs = [
            ("AccountSid", self.account_sid.as_str()),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", &self.call_sid),
            ("Direction", self.direction.word()),
            ("From", &self.from),
            ("To", &self.to),
            ("Caller", &self.from),
            ("Called", &self.to),
        ];
        let mut parameters: Vec<(String, String)> = pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (side, number) in [
            ("From", &self.from),
            ("Caller", &self.from),
            ("To", &self.to),
            ("Called", &self.to),
        ] {
            for (part, value) in [
                ("City", ""),
                ("State", ""),
                ("Zip", ""),
                ("Country", country(number)),
            ] {
                parameters.push((format!("{side}{part}"), value.to_owned()));
            }
        }
        if let Some(parent) = &self.parent_sid {
            parameters.push(("ParentCallSid".into(), parent.clone()));
        }
        parameters.extend(self.extra.iter().cloned());
        parameters
    }

    /// Returns one of the further parameters.
    pub(crate) fn extra(&self, name: &str) -> Option<&str> {
        let extra = self.extra.iter().find(|(given, _)| given == name);
        extra.map(|(_, value)| value.as_str())
    }

    /// Returns the time of day `now` after the twin began, as Twilio writes it.
    pub(crate) fn date(&self, now: Duration) -> String {
        rfc2822(self.epoch + now)
    }

    /// Returns the same as ISO 8601.
    pub(crate) fn iso_date(&self, now: Duration) -> String {
        (self.epoch + now)
            .format(&Iso8601::DEFAULT)
            .unwrap_or_default()
    }
}

/// Twilio fills the geography of calls in North America and leaves that of most others empty.
fn country(number: &str) -> &'static str {
    if number.starts_with("+1") { "US" } else { "" }
}

/// Returns a date as Twilio writes it.
pub(crate) fn rfc2822(date: OffsetDateTime) -> String {
    date.format(&Rfc2822).unwrap_or_default()
}
