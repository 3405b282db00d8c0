//! Where agents ask for callbacks: the tool's way to the register.

use agent_contract::ToolContext;
use agent_tools::{CallbackDesk, NoCallback, NotDialled, Promised, WantedCallback};
use async_trait::async_trait;

use super::register::Callbacks;
use super::wish::{CallbackError, When, Wish};
use crate::appointments::moment;
use crate::escalation::{BY_AGENT, GivenNumbers, Whose};
use crate::phone::Tongue;

/// Takes the wishes of agents.
pub(crate) struct Desk {
    callbacks: Callbacks,
    numbers: GivenNumbers,
}

impl Desk {
    /// Makes one.
    pub(crate) fn new(callbacks: Callbacks, numbers: GivenNumbers) -> Self {
        Self { callbacks, numbers }
    }

    fn wish(&self, asker: &ToolContext, wanted: WantedCallback) -> Result<Wish, NoCallback> {
        let number = wanted.phone_number.as_deref();
        let number = number
            .map(|text| self.numbers.look(asker, text))
            .transpose();
        let when = When::read(wanted.at.as_deref(), wanted.in_minutes);
        Ok(Wish {
            number: number?,
            when: when.map_err(|error| NoCallback::Time(error.to_string()))?,
            contact: wanted.contact,
            reason: wanted.reason,
            summary: wanted.summary,
            by: BY_AGENT.to_owned(),
        })
    }
}

#[async_trait]
impl CallbackDesk for Desk {
    async fn request(
        &self,
        asker: &ToolContext,
        wanted: WantedCallback,
    ) -> Result<Promised, NoCallback> {
        let wish = self.wish(asker, wanted)?;
        let whose = Whose::Session(asker.session.to_string());
        let promise = self.callbacks.request(whose, wish).await;
        let tongue = Tongue::of(asker.language.as_str());
        promise
            .map(|promise| Promised {
                at: promise.local.to_string(),
                spoken: moment(tongue, &promise.local),
            })
            .map_err(|error| match error {
                CallbackError::NumberNeeded => NoCallback::NumberNeeded,
                CallbackError::Number(error) => {
                    NoCallback::Number(NotDialled::Unreadable(error.to_string()))
                }
                CallbackError::Time(why) => NoCallback::Time(why.to_owned()),
                CallbackError::Refused(_) => NoCallback::NotAllowed,
                CallbackError::Impossible => NoCallback::Impossible,
                other => NoCallback::Failed(other.into()),
            })
    }
}
