//! Carries messages to and from people.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use time::OffsetDateTime;

use super::Office;
use crate::{
    Answered, Fate, InboundMessage, Message, Number,
    core::{Fetch, Method},
    twiml,
};

/// Between two states of a message.
const STEP: Duration = Duration::from_millis(50);

/// A message of the application with its state. Clones are the same message.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) message: Message,
    pub(crate) created: OffsetDateTime,
    status: Arc<Mutex<&'static str>>,
}

impl Letter {
    pub(crate) fn new(message: Message) -> Self {
        Self {
            message,
            created: OffsetDateTime::now_utc(),
            status: Arc::new(Mutex::new("queued")),
        }
    }

    pub(crate) fn status(&self) -> &'static str {
        *self.status.lock()
    }
}

impl Office {
    /// Carries a message to the person, telling how far it is.
    pub(crate) fn post(self: &Arc<Self>, letter: Letter, callback: Option<String>) {
        self.registry.add_letter(letter.clone());
        if self.written.try_send(letter.message.clone()).is_err() {
            tracing::debug!("nobody looks at the messages");
        }
        let steps: Vec<&'static str> =
            match (letter.message.error, self.registry.fate(&letter.message.to)) {
                (Some(63_016), _) => vec!["failed"],
                (Some(_), _) => vec!["sent", "undelivered"],
                (None, Fate::Read) => vec!["sent", "delivered", "read"],
                (None, _) => vec!["sent", "delivered"],
            };
        let office = Arc::clone(self);
        self.tasks.spawn(async move {
            for step in steps {
                tokio::select! {
                    () = office.stop.cancelled() => return,
                    () = tokio::time::sleep(STEP) => {}
                }
                *letter.status.lock() = step;
                if let Some(url) = callback.clone() {
                    office.tell(told(&letter, step, url));
                }
            }
        });
    }

    /// Asks the application what it answers to a message.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        number: Number,
        message: InboundMessage,
    ) -> Answered {
        let message_sid = self.sid("SM");
        self.registry.note_writer(&message.from);
        let mut answered = Answered {
            message_sid,
            status: None,
            replies: Vec::new(),
        };
        let Some(url) = number.sms_url else {
            return answered;
        };
        let fetch = Fetch {
            fetch: 0,
            url,
            method: Method::Post,
            parameters: parameters(self, &answered.message_sid, &message),
        };
        let token = self.sid("");
        let answer = self.webhooks.send(&fetch, &self.settings, &token).await;
        let Ok(answer) = answer else {
            return answered;
        };
        answered.status = Some(answer.status);
        let verbs = twiml::parse(&answer.body).unwrap_or_default();
        for verb in verbs.into_iter().filter(|verb| verb.name == "Message") {
            let body = verb
                .child("Body")
                .map_or(verb.text.clone(), |body| body.text.clone());
            let letter = Letter::new(Message {
                sid: self.sid("SM"),
                from: message.to.clone(),
                to: message.from.clone(),
                body: body.clone(),
                media: verb
                    .children
                    .iter()
                    .filter(|noun| noun.name == "Media")
                    .map(|noun| noun.text.clone())
                    .collect(),
                content: None,
                error: None,
            });
            self.post(letter, None);
            answered.replies.push(body);
        }
        answered
    }
}

fn parameters(office: &Office, sid: &str, message: &InboundMessage) -> Vec<(String, String)> {
    let count = message.media.len().to_string();
    let pairs = [
        ("MessageSid", sid),
        ("SmsSid", sid),
        ("SmsMessageSid", sid),
        ("AccountSid", &office.settings.account_sid),
        ("From", &message.from),
        ("To", &message.to),
        ("Body", &message.body),
        ("NumMedia", &count),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
    ];
    let mut parameters: Vec<(String, String)> = pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (index, (url, kind)) in message.media.iter().enumerate() {
        parameters.push((format!("MediaUrl{index}"), url.clone()));
        parameters.push((format!("MediaContentType{index}"), kind.clone()));
    }
    if let Some(number) = message.from.strip_prefix("whatsapp:+") {
        parameters.push(("WaId".to_owned(), number.to_owned()));
        let kind = if message.media.is_empty() {
            "text"
        } else {
            "document"
        };
        if !message.extra.iter().any(|(name, _)| name == "MessageType") {
            parameters.push(("MessageType".to_owned(), kind.to_owned()));
        }
    }
    parameters.extend(message.extra.iter().cloned());
    parameters
}

fn told(letter: &Letter, status: &'static str, url: String) -> Fetch {
    let message = &letter.message;
    let mut pairs = vec![
        ("MessageSid", message.sid.clone()),
        ("SmsSid", message.sid.clone()),
        ("From", message.from.clone()),
        ("To", message.to.clone()),
        ("MessageStatus", status.to_owned()),
        ("SmsStatus", status.to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
    ];
    if let Some(code) = message
        .error
        .filter(|_| matches!(status, "failed" | "undelivered"))
    {
        pairs.push(("ErrorCode", code.to_string()));
    }
    if let Some(address) = message.to.strip_prefix("whatsapp:") {
        pairs.push(("ChannelPrefix", "whatsapp".to_owned()));
        pairs.push(("ChannelToAddress", address.to_owned()));
    }
    let parameters = pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Fetch {
        fetch: 0,
        url,
        method: Method::Post,
        parameters,
    }
}
