//! Who answered: a person or a machine.

use std::time::Duration;

use super::{WebhookError, millis, required};
use crate::{form::Form, sid::CallSid};

/// What answering-machine detection found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnsweredBy {
    /// A person.
    Human,
    /// A machine, whose greeting begins or goes on.
    MachineStart,
    /// A machine, whose beep was heard: speak.
    MachineEndBeep,
    /// A machine, which fell silent: speak.
    MachineEndSilence,
    /// A machine, whose greeting ended in another way: speak.
    MachineEndOther,
    /// A fax.
    Fax,
    /// It could not be told, in time or at all.
    Unknown,
}

impl AnsweredBy {
    /// Reads Twilio's word; a new one is unknown.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "human" => Self::Human,
            "machine_start" => Self::MachineStart,
            "machine_end_beep" => Self::MachineEndBeep,
            "machine_end_silence" => Self::MachineEndSilence,
            "machine_end_other" => Self::MachineEndOther,
            "fax" => Self::Fax,
            _ => Self::Unknown,
        }
    }

    /// Returns Twilio's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::MachineStart => "machine_start",
            Self::MachineEndBeep => "machine_end_beep",
            Self::MachineEndSilence => "machine_end_silence",
            Self::MachineEndOther => "machine_end_other",
            Self::Fax => "fax",
            Self::Unknown => "unknown",
        }
    }

    /// Returns whether a machine records what is said from here on.
    #[must_use]
    pub fn takes_messages(self) -> bool {
        match self {
            Self::MachineEndBeep | Self::MachineEndSilence | Self::MachineEndOther => true,
            Self::Human | Self::MachineStart | Self::Fax | Self::Unknown => false,
        }
    }
}

/// The callback of detection that ran beside the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineVerdict {
    /// The call.
    pub call: CallSid,
    /// Who answered.
    pub answered_by: AnsweredBy,
    /// How long it took to tell.
    pub after: Option<Duration>,
}

impl MachineVerdict {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`WebhookError`] without a usable `CallSid` or an `AnsweredBy`.
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        let answered_by = form
            .get("AnsweredBy")
            .ok_or(WebhookError::Missing("AnsweredBy"))?;
        Ok(Self {
            call: required(form, "CallSid")?,
            answered_by: AnsweredBy::parse(answered_by),
            after: millis(form, "MachineDetectionDuration"),
        })
    }
}
