//! Where agents ask for humans: the tools' way to escalations.

use agent_tools::{HumanDesk, NoHuman, Wanted};
use async_trait::async_trait;

use super::handle::{Escalations, Whose};
use super::wish::{EscalationError, Wish};
use crate::dial::Policy;

/// Who asks, as records name it.
const AGENT: &str = "agent";

/// Takes the wishes of agents.
pub(crate) struct Desk {
    escalations: Escalations,
    policy: Policy,
}

impl Desk {
    /// Makes one; numbers are read as the policy says.
    pub(crate) fn new(escalations: Escalations, policy: Policy) -> Self {
        Self {
            escalations,
            policy,
        }
    }
}

#[async_trait]
impl HumanDesk for Desk {
    async fn bring(&self, session: &str, wanted: Wanted) -> Result<(), NoHuman> {
        let number = wanted
            .phone_number
            .as_deref()
            .map(|text| self.policy.number(text));
        let wish = Wish {
            contact: wanted.contact,
            reason: wanted.reason,
            summary: wanted.summary,
            caller_number: number
                .transpose()
                .map_err(|error| NoHuman::Number(error.to_string()))?,
            by: AGENT.to_owned(),
        };
        let whose = Whose::Session(session.to_owned());
        match self.escalations.begin(whose, wish).await {
            Ok(_) => Ok(()),
            Err(EscalationError::NoContacts) => Err(NoHuman::Nobody),
            Err(error) => Err(NoHuman::Failed(error.into())),
        }
    }
}
