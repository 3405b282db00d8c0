//! Access tokens of browsers that call by Twilio's Voice SDK.

use std::time::Duration;

use connectors_twilio::access_token::{AccessTokens, ClientIdentity, Incoming, VoiceGrant};
use connectors_twilio::sid::{AccountSid, ApiKeySid, ApplicationSid};
use secrecy::SecretString;
use time::OffsetDateTime;

use crate::config::PhoneAccount;

/// Mints tokens for one application.
pub(crate) struct Browsers {
    tokens: AccessTokens,
    application: ApplicationSid,
}

impl Browsers {
    /// Prepares to mint tokens; nothing when the account has no key for it.
    ///
    /// # Errors
    ///
    /// An id has another shape than Twilio's.
    pub(crate) fn of(account: &PhoneAccount) -> anyhow::Result<Option<Self>> {
        let Some(keys) = &account.browsers else {
            return Ok(None);
        };
        let sid = AccountSid::new(account.account_sid.as_str())?;
        let key = ApiKeySid::new(keys.api_key.as_str())?;
        Ok(Some(Self {
            tokens: AccessTokens::new(sid, key, keys.api_secret.clone()),
            application: ApplicationSid::new(keys.twiml_app.as_str())?,
        }))
    }

    /// Mints a token with which a browser calls the application, and can be called.
    pub(crate) fn mint(
        &self,
        now: OffsetDateTime,
        life: Duration,
        identity: &ClientIdentity,
    ) -> SecretString {
        let grant = VoiceGrant {
            identity: identity.clone(),
            outgoing: Some(self.application.clone()),
            incoming: Incoming::Allowed,
        };
        self.tokens.mint(now, life, &grant)
    }
}
