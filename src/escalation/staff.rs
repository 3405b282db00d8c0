//! Who can be brought in, and who does it: what a server is given of escalations.

use std::sync::Arc;

use super::contact::Contact;
use super::handle::Escalations;
use super::ports::Briefers;
use super::settings::Settings;
use crate::appointments::Appointments;
use crate::callback::{self, Callbacks};
use crate::message::Messages;

/// What a server is given of escalations.
#[derive(Clone, Default)]
pub struct Staff {
    pub(crate) contacts: Arc<[Contact]>,
    pub(crate) settings: Settings,
    pub(crate) escalations: Escalations,
    pub(crate) appointments: Appointments,
    pub(crate) messages: Messages,
    pub(crate) briefers: Option<Arc<dyn Briefers>>,
    pub(crate) callbacks: Callbacks,
    pub(crate) calling_back: callback::Settings,
}

impl Staff {
    /// Gathers those who can be called. Nobody briefs them.
    #[must_use]
    pub fn new(contacts: Vec<Contact>, settings: Settings, escalations: Escalations) -> Self {
        Self {
            contacts: contacts.into(),
            settings,
            escalations,
            ..Self::default()
        }
    }

    /// Has callers called back later.
    #[must_use]
    pub fn calling_back(self, callbacks: Callbacks, settings: callback::Settings) -> Self {
        Self {
            callbacks,
            calling_back: settings,
            ..self
        }
    }

    /// Has them met by appointment as well, which is asked for by this handle.
    #[must_use]
    pub fn met_by(self, appointments: Appointments) -> Self {
        Self {
            appointments,
            ..self
        }
    }

    /// Has them get messages, which are left by this handle.
    #[must_use]
    pub fn written_to(self, messages: Messages) -> Self {
        Self { messages, ..self }
    }

    /// Has them briefed.
    pub(crate) fn briefed_by(self, briefers: Option<Arc<dyn Briefers>>) -> Self {
        Self { briefers, ..self }
    }
}
