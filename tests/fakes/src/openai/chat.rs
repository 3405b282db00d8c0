//! `/v1/chat/completions`, streamed or whole.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::{Asked, Reply, parsed, refusal, respond};
use crate::{
    Conduct, Fault, Way,
    body::{self, Body, Gone, Out},
    server::{Desk, Open},
    words::tokens,
};

/// Both schemas that answers have.
const CHUNK: &str = "CreateChatCompletionStreamResponse";
const WHOLE: &str = "CreateChatCompletionResponse";

/// One answer, decided.
struct Completion {
    model: String,
    text: String,
    calls: Vec<(String, Value)>,
    finish: &'static str,
    includes_usage: bool,
    conduct: Conduct,
    fault: Option<Fault>,
    desk: Arc<Desk<Reply>>,
    _open: Open,
}

pub(super) async fn answer(asked: Asked) -> Response<Body> {
    let request = match parsed(&asked, "CreateChatCompletionRequest") {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    let messages = request["messages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if let Some(id) = unanswered(messages) {
        let message = format!("The tool call {id} has no answer");
        return refusal(400, "invalid_request_error", None, &message);
    }
    let reply = asked
        .desk
        .take_reply_if(Reply::is_chat)
        .or_else(|| asked.desk.standing().filter(Reply::is_chat))
        .unwrap_or_else(|| unscripted(&request, messages));
    let (text, calls, finish) = match reply {
        Reply::Calls(text, calls) => (text, calls, "tool_calls"),
        Reply::CutShort(text) => (text, Vec::new(), "length"),
        Reply::Filtered(text) => (text, Vec::new(), "content_filter"),
        Reply::Says(text) | Reply::Hears(text) => (text, Vec::new(), "stop"),
    };
    let completion = Completion {
        model: request["model"].as_str().unwrap_or_default().to_owned(),
        text,
        calls,
        finish,
        includes_usage: request["stream_options"]["include_usage"] == true,
        conduct: asked.conduct,
        fault: asked.fault,
        desk: asked.desk,
        _open: asked.open,
    };
    tokio::time::sleep(completion.conduct.first).await;
    if request["stream"] == true {
        let body = body::written(|out| completion.write(out));
        respond(StatusCode::OK, "text/event-stream; charset=utf-8", body)
    } else {
        respond(
            StatusCode::OK,
            "application/json",
            body::json(&completion.whole()),
        )
    }
}

/// The first tool call that the messages after it do not answer.
fn unanswered(messages: &[Value]) -> Option<String> {
    messages.iter().enumerate().find_map(|(at, message)| {
        let answers = messages[at + 1..]
            .iter()
            .take_while(|m| m["role"] == "tool");
        let answered: Vec<&Value> = answers.map(|answer| &answer["tool_call_id"]).collect();
        let calls = message["tool_calls"].as_array()?;
        let missing = calls.iter().find(|call| !answered.contains(&&call["id"]))?;
        Some(missing["id"].to_string())
    })
}

/// What is answered when nothing is scripted: a tool that was asked for by name is called, words are repeated.
fn unscripted(request: &Value, messages: &[Value]) -> Reply {
    let last = messages.last().filter(|message| message["role"] == "user");
    let asked = last
        .and_then(|message| message["content"].as_str())
        .unwrap_or_default();
    let tools = request["tools"].as_array().into_iter().flatten();
    let named = tools.map(|tool| &tool["function"]).find(|function| {
        function["name"]
            .as_str()
            .is_some_and(|name| asked.contains(name))
    });
    if let Some(function) = named {
        let name = function["name"].as_str().unwrap_or_default().to_owned();
        let required = function["parameters"]["required"]
            .as_array()
            .into_iter()
            .flatten();
        let arguments = required.filter_map(|name| Some((name.as_str()?.to_owned(), json!("it"))));
        return Reply::Calls(
            String::new(),
            vec![(name, Value::Object(arguments.collect()))],
        );
    }
    let said = messages
        .iter()
        .rev()
        .find(|message| message["role"] == "user");
    let said = said.and_then(|message| message["content"].as_str());
    Reply::Says(format!("You said: {}", said.unwrap_or("nothing")))
}

impl Completion {
    /// Writes the stream: role, words, calls, the reason of the end, the count, and the end.
    async fn write(self, out: Out) -> Result<(), Gone> {
        self.chunk(
            &out,
            json!({ "role": "assistant", "content": "", "refusal": null }),
            None,
        )
        .await?;
        if self.fault == Some(Fault::EndlessToken) {
            out.send("data: {\"choices\":[{\"delta\":{\"content\":\"")
                .await?;
            loop {
                out.send("endless".repeat(1000)).await?;
            }
        }
        let mut number = 0;
        for token in tokens(&self.text) {
            self.go_wrong(&out, number).await?;
            if number > 0 {
                out.pause(self.conduct.token_gap()).await;
            }
            self.chunk(&out, json!({ "content": token }), None).await?;
            number += 1;
        }
        for (index, (name, arguments)) in self.calls.iter().enumerate() {
            self.write_call(&out, index, name, arguments).await?;
        }
        self.go_wrong(&out, number).await?;
        self.chunk(&out, json!({}), Some(self.finish)).await?;
        if self.includes_usage {
            let mut chunk = self.frame(&json!([]));
            chunk["usage"] = self.usage();
            self.send(&out, chunk).await?;
        }
        if self.fault == Some(Fault::NoEnd) {
            return Err(out.stall().await);
        }
        out.event("[DONE]").await
    }

    async fn write_call(
        &self,
        out: &Out,
        index: usize,
        name: &str,
        arguments: &Value,
    ) -> Result<(), Gone> {
        let function = json!({ "name": name, "arguments": "" });
        let id = format!("call_{index}_{name}");
        let head = json!({ "index": index, "id": id, "type": "function", "function": function });
        self.chunk(out, json!({ "tool_calls": [head] }), None)
            .await?;
        let arguments = arguments.to_string();
        let characters: Vec<char> = arguments.chars().collect();
        // As models write: a few characters at a time, cut anywhere.
        for piece in characters.chunks(5) {
            out.pause(self.conduct.token_gap()).await;
            let function = json!({ "arguments": piece.iter().collect::<String>() });
            let part = json!({ "index": index, "function": function });
            self.chunk(out, json!({ "tool_calls": [part] }), None)
                .await?;
        }
        Ok(())
    }

    async fn go_wrong(&self, out: &Out, number: usize) -> Result<(), Gone> {
        match &self.fault {
            Some(Fault::StallAfter(after)) if *after == number => Err(out.stall().await),
            Some(Fault::ResetAfter(after)) if *after == number => Err(out.reset().await),
            Some(Fault::GarbageAfter(after)) if *after == number => {
                out.event("<html>502 Bad Gateway</html>").await
            }
            Some(Fault::ErrorAfter(after)) if *after == number => {
                let error = json!({ "message": "The server had an error", "type": "server_error", "param": null, "code": null });
                out.event(&json!({ "error": error }).to_string()).await?;
                Err(Gone)
            }
            _ => Ok(()),
        }
    }

    async fn chunk(&self, out: &Out, delta: Value, finish: Option<&str>) -> Result<(), Gone> {
        let choice =
            json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish });
        self.send(out, self.frame(&json!([choice]))).await
    }

    async fn send(&self, out: &Out, chunk: Value) -> Result<(), Gone> {
        let text = chunk.to_string();
        let _ = self.desk.note_checked(Way::Out, CHUNK, chunk);
        out.event(&text).await
    }

    fn frame(&self, choices: &Value) -> Value {
        let mut frame = json!({
            "id": "chatcmpl-fake",
            "object": "chat.completion.chunk",
            "created": now(),
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": "fp_fake",
            "choices": choices,
        });
        if self.includes_usage {
            frame["usage"] = Value::Null;
        }
        frame
    }

    fn whole(&self) -> Value {
        let calls = self.calls.iter().enumerate().map(|(index, (name, arguments))| {
            let function = json!({ "name": name, "arguments": arguments.to_string() });
            json!({ "id": format!("call_{index}_{name}"), "type": "function", "function": function })
        });
        let mut message = json!({ "role": "assistant", "content": self.text, "refusal": null, "annotations": [] });
        if !self.calls.is_empty() {
            message["tool_calls"] = calls.collect();
        }
        let choice = json!({ "index": 0, "message": message, "logprobs": null, "finish_reason": self.finish });
        let answer = json!({
            "id": "chatcmpl-fake",
            "object": "chat.completion",
            "created": now(),
            "model": self.model,
            "choices": [choice],
            "usage": self.usage(),
        });
        let _ = self.desk.note_checked(Way::Out, WHOLE, answer.clone());
        answer
    }

    fn usage(&self) -> Value {
        let (read, written) = (25, tokens(&self.text).len() + self.calls.len());
        json!({
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": { "cached_tokens": 5, "audio_tokens": 0 },
            "completion_tokens_details": {
                "reasoning_tokens": 0, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            },
        })
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
