//! What requests about calls are answered with.

use std::sync::Arc;

use super::{Conferences, Telephone, Tongue};
use crate::config::{Phone, PhoneAccount, Profiles};
use crate::dial::{Dialler, Number, NumberError, Policy};
use crate::wiring::twilio::{Browsers, Carrier, Party, PublicUrl, Signatures};

/// The telephone office of this server.
pub(crate) struct Office {
    pub(super) carrier: Arc<Carrier>,
    pub(super) public: PublicUrl,
    pub(super) signatures: Signatures,
    pub(super) settings: Arc<Phone>,
    pub(super) account: PhoneAccount,
    pub(super) profiles: Arc<Profiles>,
    pub(super) telephone: Telephone,
    pub(super) dialler: Dialler,
    pub(super) policy: Policy,
    pub(super) browsers: Option<Browsers>,
    pub(super) conferences: Conferences,
}

impl Office {
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

    /// Returns this server's own numbers, the usual one first.
    pub(crate) fn own_numbers(&self) -> Vec<&str> {
        let usual = self.account.phone_number.as_deref();
        let others = self.settings.numbers.keys().map(String::as_str);
        let others = others.filter(|number| Some(*number) != usual);
        usual.into_iter().chain(others).collect()
    }

    /// Reads a number as it is written here.
    ///
    /// # Errors
    ///
    /// It is none; the error says how to write it.
    pub(crate) fn number(&self, text: &str) -> Result<Number, NumberError> {
        self.policy.number(text)
    }

    /// Returns the handle on the calls.
    pub(crate) fn telephone(&self) -> &Telephone {
        &self.telephone
    }

    /// Returns who lets browsers call by Twilio's Voice SDK, if somebody does.
    pub(crate) fn browsers(&self) -> Option<&Browsers> {
        self.browsers.as_ref()
    }

    /// Returns who may be called.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Returns the profiles that answer.
    pub(crate) fn profiles(&self) -> &Arc<Profiles> {
        &self.profiles
    }

    /// Returns who looks after conferences of Twilio's.
    pub(crate) fn conferences(&self) -> &Conferences {
        &self.conferences
    }

    /// Returns the one who places calls.
    pub(crate) fn dialler(&self) -> &Dialler {
        &self.dialler
    }

    /// Returns the profile that answers whoever called there.
    pub(crate) fn profile_for(&self, called: &Party) -> Option<&str> {
        self.profile_of(called.number().unwrap_or_default())
    }

    /// Returns the profile that answers on, and calls from, a number of ours.
    pub(crate) fn profile_of(&self, number: &str) -> Option<&str> {
        self.settings.profile_for(number)
    }

    /// Returns the language of the few words that no agent says.
    pub(crate) fn tongue(&self, profile: Option<&str>) -> Tongue {
        Tongue::of_profile(&self.profiles, profile)
    }
}
