//! What every thinker does.

use std::sync::Arc;

use futures_util::StreamExt;
use serde_json::{Value, json};

pub use super::stage::OpenCount;
use super::stage::{all_closed, fail, soon, well};
use super::transcriber::check;
use crate::{
    CallId, FinishReason, Language, Message, ProviderError, Thinker, Thought, ThoughtRequest,
    Thoughts, ToolCall, ToolSpec,
};

/// A thinker and what it is tried with.
#[derive(Clone)]
pub struct ThinkerSubject {
    /// Who is tried.
    pub thinker: Arc<dyn Thinker>,
    /// Something that it answers in more than one word and without a tool.
    pub question: String,
    /// Something that lets it call a tool, and the tool; without it the behaviours of tools are not tried.
    pub errand: Option<(String, ToolSpec)>,
    /// How many answers the adapter or its fake holds open, where that can be counted.
    pub open: Option<OpenCount>,
}

impl ThinkerSubject {
    /// Tries a thinker without tools.
    #[must_use]
    pub fn new(thinker: Arc<dyn Thinker>, question: &str) -> Self {
        Self {
            thinker,
            question: question.to_owned(),
            errand: None,
            open: None,
        }
    }

    fn ask(&self, messages: Vec<Message>) -> ThoughtRequest {
        let tool = self.errand.as_ref().map(|(_, tool)| tool.clone());
        ThoughtRequest {
            instructions: "You are a friendly receptionist. Answer briefly.".into(),
            messages,
            tools: tool.into_iter().collect(),
            language: Language::english(),
            max_tokens: Some(500),
        }
    }

    async fn think(&self, messages: Vec<Message>) -> Thoughts {
        let thoughts = self.thinker.think(self.ask(messages));
        well("thinking", soon("thinking", thoughts).await)
    }
}

/// Text comes in pieces, then the reason of its end, then nothing.
pub async fn an_answer_comes_in_pieces_and_ends(subject: ThinkerSubject) {
    let thoughts = subject.think(vec![person(&subject.question)]).await;

    let answer = whole(thoughts).await;

    if answer.pieces < 2 || answer.text.split_whitespace().count() < 2 {
        fail(&format!("{} pieces: {:?}", answer.pieces, answer.text));
    }
    if answer.reason != FinishReason::Stop {
        fail(&format!("it ended with {:?}", answer.reason));
    }
    all_closed(subject.open.as_ref()).await;
}

/// Several people, notes, and tools used long ago are understood.
pub async fn every_kind_of_message_is_taken(subject: ThinkerSubject) {
    let call = ToolCall {
        id: CallId("call_1".to_owned()),
        name: "look_up".to_owned(),
        arguments: r#"{"what":"hours"}"#.to_owned(),
    };
    let messages = vec![
        Message::Note("The caller is on the phone.".to_owned()),
        Message::Agent {
            text: "Hello.".to_owned(),
            calls: Vec::new(),
        },
        Message::Person {
            name: Some("Ann".to_owned()),
            text: "Hello.".to_owned(),
        },
        Message::Person {
            name: Some("Bob Q. \u{1F600}".to_owned()),
            text: "When are you open?".to_owned(),
        },
        Message::Agent {
            text: "One moment.".to_owned(),
            calls: vec![call.clone()],
        },
        Message::Tool {
            call: call.id,
            text: r#"{"open":"nine to five"}"#.to_owned(),
        },
        Message::Agent {
            text: "From nine to".to_owned(),
            calls: Vec::new(),
        },
        Message::Note(Message::INTERRUPTED.to_owned()),
        person(&subject.question),
    ];

    let answer = whole(subject.think(messages).await).await;

    if answer.text.trim().is_empty() && answer.calls.is_empty() {
        fail("it said nothing");
    }
}

/// A call is complete: it has an id, its tool's name, and an object as arguments.
pub async fn a_tool_is_called_with_an_object(subject: ThinkerSubject) {
    let Some((errand, tool)) = subject.errand.clone() else {
        return;
    };

    let answer = whole(subject.think(vec![person(&errand)]).await).await;

    let Some(call) = answer.calls.first() else {
        fail("it called no tool");
    };
    let arguments: Result<Value, _> = serde_json::from_str(&call.arguments);
    if call.name != tool.name || call.id.0.is_empty() || !arguments.is_ok_and(|a| a.is_object()) {
        fail(&format!("{call:?}"));
    }
    if answer.reason != FinishReason::Calls {
        fail(&format!("it ended with {:?}", answer.reason));
    }
}

/// It goes on with what a tool answered.
pub async fn a_tools_answer_is_taken(subject: ThinkerSubject) {
    let Some((errand, _)) = subject.errand.clone() else {
        return;
    };
    let mut messages = vec![person(&errand)];
    let first = whole(subject.think(messages.clone()).await).await;
    let ids: Vec<CallId> = first.calls.iter().map(|call| call.id.clone()).collect();
    messages.push(Message::Agent {
        text: first.text,
        calls: first.calls,
    });
    messages.extend(ids.into_iter().map(|call| Message::Tool {
        call,
        text: json!({"result": "done"}).to_string(),
    }));

    let second = whole(subject.think(messages).await).await;

    if second.text.trim().is_empty() && second.calls.is_empty() {
        fail("it said nothing");
    }
}

/// Dropping an answer in its middle leaves nothing behind, and it can be asked again.
pub async fn dropping_the_answer_ends_it(subject: ThinkerSubject) {
    for _ in 0..5 {
        let mut thoughts = subject.think(vec![person(&subject.question)]).await;
        drop(soon("a piece", thoughts.next()).await);
        drop(thoughts);
    }

    all_closed(subject.open.as_ref()).await;
    whole(subject.think(vec![person(&subject.question)]).await).await;
}

/// Two conversations do not wait for each other.
pub async fn two_answers_come_side_by_side(subject: ThinkerSubject) {
    let mut first = subject.think(vec![person(&subject.question)]).await;
    drop(soon("a piece", first.next()).await);

    let second = subject.think(vec![person(&subject.question)]).await;
    whole(second).await;

    whole(first).await;
}

/// A fault is told as what it is, in the provider's name, and nothing follows it.
///
/// The kind is one of [`ProviderError::kind`].
pub async fn fails_as(subject: ThinkerSubject, kind: &str) -> ProviderError {
    let request = subject.ask(vec![person(&subject.question)]);
    let error = match soon("thinking", subject.thinker.think(request)).await {
        Err(error) => error,
        Ok(mut thoughts) => {
            let error = loop {
                match soon("the fault", thoughts.next()).await {
                    Some(Err(error)) => break error,
                    Some(Ok(_)) => {}
                    None => fail("it ended without an error"),
                }
            };
            if soon("the end", thoughts.next()).await.is_some() {
                fail("something came after the error");
            }
            error
        }
    };
    check(&error, kind, subject.thinker.name());
    all_closed(subject.open.as_ref()).await;
    error
}

/// Returns the errand of a tool that takes one word.
#[must_use]
pub fn errand(question: &str, tool: &str) -> (String, ToolSpec) {
    let spec = ToolSpec {
        name: tool.to_owned(),
        description: "Looks something up".to_owned(),
        parameters: json!({
            "type": "object",
            "properties": {"what": {"type": "string"}},
            "required": ["what"],
        }),
    };
    (question.to_owned(), spec)
}

fn person(text: &str) -> Message {
    Message::Person {
        name: None,
        text: text.to_owned(),
    }
}

struct Answer {
    text: String,
    pieces: usize,
    calls: Vec<ToolCall>,
    reason: FinishReason,
}

async fn whole(mut thoughts: Thoughts) -> Answer {
    let (mut text, mut pieces, mut calls) = (String::new(), 0, Vec::new());
    let reason = loop {
        let thought = soon("a piece", thoughts.next()).await;
        match thought {
            Some(Ok(Thought::Text(piece))) => {
                text.push_str(&piece);
                pieces += 1;
            }
            Some(Ok(Thought::Call(call))) => calls.push(call),
            Some(Ok(Thought::Finished(reason))) => break reason,
            Some(Ok(_)) => {}
            Some(Err(error)) => fail(&format!("{error:?}")),
            None => fail("it ended without a reason"),
        }
    };
    if let Some(more) = soon("the end", thoughts.next()).await {
        fail(&format!("after its end came {more:?}"));
    }
    Answer {
        text,
        pieces,
        calls,
        reason,
    }
}
