//! Messages that people leave for contacts: taken by an agent's tool, sent as text messages.

mod tally;
mod words;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use agent_contract::ToolContext;
use agent_tools::{LeftMessage, MessageDesk, NotLeft};
use async_trait::async_trait;
use tracing::info;

use self::tally::Tally;
use self::words::Sender;
use crate::clock::now;
use crate::dial::Number;
use crate::escalation::{Contact, Lines, called_first};
use crate::phone::{Telephone, Tongue};

/// What messages are sent with.
pub(crate) struct Post {
    /// Who gets them.
    pub(crate) contacts: Arc<[Contact]>,
    /// Who sends them; nobody where there is no telephone.
    pub(crate) lines: Option<Arc<dyn Lines>>,
    /// Who knows the numbers of those who are on the telephone, where there is one.
    pub(crate) telephone: Option<Telephone>,
}

/// Brings messages to contacts. Cheap to clone. Those made before there is a post are bound to it later.
#[derive(Clone, Default)]
pub struct Messages(Arc<Inner>);

#[derive(Default)]
struct Inner {
    post: OnceLock<Post>,
    tally: Mutex<Tally>,
}

impl Messages {
    /// Binds a post to it.
    pub(crate) fn bind(&self, post: Post) {
        // A second post of one handle is asked nothing, and there is none.
        drop(self.0.post.set(post));
    }
}

#[async_trait]
impl MessageDesk for Messages {
    async fn leave(&self, asker: &ToolContext, message: LeftMessage) -> Result<String, NotLeft> {
        let post = self.0.post.get().ok_or(NotLeft::Nobody)?;
        let lines = post.lines.as_ref().ok_or(NotLeft::Nobody)?;
        let language = asker.language.as_str();
        let first = called_first(&post.contacts, message.contact.as_deref(), language);
        let contact = &post.contacts[first.ok_or(NotLeft::Nobody)?];
        let number = contact.message_number().ok_or(NotLeft::Nobody)?;
        let permitted = self
            .0
            .tally
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .permit(now(), &asker.session);
        if !permitted {
            return Err(NotLeft::TooMany);
        }
        let from = match &post.telephone {
            Some(telephone) => telephone.number_behind(&asker.session).await,
            None => None,
        };
        let sender = Sender {
            name: message.name.as_deref(),
            number: from.as_ref().map(Number::e164),
        };
        let text = words::left(Tongue::of(language), &contact.name, sender, &message.text);
        lines.write(number, &text).await.map_err(NotLeft::Failed)?;
        info!(contact.id = contact.id, "a message was left");
        Ok(contact.name.clone())
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").finish_non_exhaustive()
    }
}
