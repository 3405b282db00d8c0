//! The account's phone numbers, and whom they ask when somebody calls.

use std::fmt;

use serde::Deserialize;

use super::{RestClient, RestError, fields::Fields};
use crate::{
    party::Party,
    sid::{ApplicationSid, PhoneNumberSid},
};

/// A number of the account.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    /// Its id.
    pub sid: PhoneNumberSid,
    /// The number.
    pub number: Party,
    /// Whom it asks when somebody calls, by POST as a rule.
    pub voice_url: Option<String>,
    /// How it asks.
    pub voice_method: Option<String>,
    /// The application that decides in place of the URL.
    pub voice_application: Option<ApplicationSid>,
    /// Where it tells that a call is over.
    pub status_callback: Option<String>,
}

/// What a number is to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberWebhooks {
    /// When somebody calls, by POST.
    pub voice_url: String,
    /// When a call is over, by POST.
    pub status_callback: String,
}

#[derive(Deserialize)]
struct Raw {
    sid: PhoneNumberSid,
    phone_number: Option<String>,
    voice_url: Option<String>,
    voice_method: Option<String>,
    voice_application_sid: Option<String>,
    status_callback: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    incoming_phone_numbers: Vec<Raw>,
}

impl From<Raw> for PhoneNumber {
    fn from(raw: Raw) -> Self {
        // Twilio writes an empty text for what is not set.
        let set = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            sid: raw.sid,
            number: raw
                .phone_number
                .as_deref()
                .map_or(Party::Unknown, Party::parse),
            voice_url: set(raw.voice_url),
            voice_method: set(raw.voice_method),
            voice_application: set(raw.voice_application_sid).and_then(|sid| sid.parse().ok()),
            status_callback: set(raw.status_callback),
        }
    }
}

impl RestClient {
    /// Finds a number of the account; `None` when it is not the account's.
    ///
    /// # Errors
    /// [`RestError`] says whether to try again.
    pub async fn phone_number(&self, number: &str) -> Result<Option<PhoneNumber>, RestError> {
        let query = Fields::default().with("PhoneNumber", number);
        let request = self.get(&["IncomingPhoneNumbers"], &query);
        let page: Page = self.send(request).await?;
        let mut found = page
            .incoming_phone_numbers
            .into_iter()
            .map(PhoneNumber::from);
        // Twilio finds numbers that hold what it is asked for as well.
        Ok(found.find(|found| found.number.number() == Some(number)))
    }

    /// Has a number ask this server.
    ///
    /// # Errors
    /// [`RestError`] says whether to try again.
    pub async fn set_webhooks(
        &self,
        number: &PhoneNumberSid,
        webhooks: &NumberWebhooks,
    ) -> Result<PhoneNumber, RestError> {
        let fields = Fields::default()
            .with("VoiceUrl", &webhooks.voice_url)
            .with("VoiceMethod", "POST")
            // An application would be asked in place of the URL.
            .with("VoiceApplicationSid", "")
            .with("StatusCallback", &webhooks.status_callback)
            .with("StatusCallbackMethod", "POST");
        let request = self.update(&["IncomingPhoneNumbers", number.as_str()], &fields);
        self.send::<Raw>(request).await.map(PhoneNumber::from)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneNumber")
            .field("sid", &self.sid)
            .field("voice_url", &self.voice_url)
            .field("status_callback", &self.status_callback)
            .finish_non_exhaustive()
    }
}
