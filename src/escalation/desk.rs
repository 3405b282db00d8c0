//! Where agents ask for humans: the tools' way to escalations.

use agent_contract::ToolContext;
use agent_tools::{HumanDesk, NoHuman, Wanted};
use async_trait::async_trait;

use super::handle::{Escalations, Whose};
use super::numbers::GivenNumbers;
use super::wish::{BY_AGENT, EscalationError, Wish};

/// Takes the wishes of agents.
#[derive(Debug)]
pub struct Desk {
    escalations: Escalations,
    numbers: GivenNumbers,
}

impl Desk {
    /// Makes one.
    #[must_use]
    pub fn new(escalations: Escalations, numbers: GivenNumbers) -> Self {
        Self {
            escalations,
            numbers,
        }
    }
}

#[async_trait]
impl HumanDesk for Desk {
    async fn bring(&self, asker: &ToolContext, wanted: Wanted) -> Result<(), NoHuman> {
        let number = wanted
            .phone_number
            .as_deref()
            .map(|text| self.numbers.look(asker, text));
        let wish = Wish {
            contact: wanted.contact,
            reason: wanted.reason,
            summary: wanted.summary,
            caller_number: number.transpose()?,
            by: BY_AGENT.to_owned(),
        };
        let whose = Whose::Session(asker.session.to_string());
        match self.escalations.begin(whose, wish).await {
            Ok(_) => Ok(()),
            Err(EscalationError::NoContacts) => Err(NoHuman::Nobody),
            Err(error) => Err(NoHuman::Failed(error.into())),
        }
    }
}
