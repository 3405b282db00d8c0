//! What requests about calls are answered with.

use std::sync::Arc;

use super::{Telephone, Tongue};
use crate::config::{Phone, Profiles, Twilio};
use crate::wiring::twilio::{Party, PublicUrl, Signatures};

/// The telephone office of this server.
pub(crate) struct Office {
    public: PublicUrl,
    signatures: Signatures,
    settings: Arc<Phone>,
    account: Twilio,
    profiles: Arc<Profiles>,
    telephone: Telephone,
}

impl Office {
    /// Opens an office for an account.
    pub(crate) fn new(
        public: PublicUrl,
        (account, settings): (Twilio, Arc<Phone>),
        profiles: Arc<Profiles>,
        telephone: Telephone,
    ) -> Self {
        Self {
            public,
            signatures: Signatures::new(&account.auth_token),
            settings,
            account,
            profiles,
            telephone,
        }
    }

    /// Returns where Twilio finds this server.
    pub(crate) fn public(&self) -> &PublicUrl {
        &self.public
    }

    /// Returns what tells Twilio's requests from others.
    pub(crate) fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    /// Returns how calls are taken.
    pub(crate) fn settings(&self) -> &Phone {
        &self.settings
    }

    /// Returns the account.
    pub(crate) fn account(&self) -> &Twilio {
        &self.account
    }

    /// Returns the handle on the calls.
    pub(crate) fn telephone(&self) -> &Telephone {
        &self.telephone
    }

    /// Returns the profile that answers on a number.
    pub(crate) fn profile_for(&self, called: &Party) -> Option<&str> {
        self.settings
            .profile_for(called.number().unwrap_or_default())
    }

    /// Returns the language of the few words that no agent says.
    pub(crate) fn tongue(&self, profile: Option<&str>) -> Tongue {
        let profile = self.profiles.get(profile);
        profile.map_or(Tongue::English, |(_, profile)| {
            Tongue::of(profile.talk.language().as_str())
        })
    }
}
