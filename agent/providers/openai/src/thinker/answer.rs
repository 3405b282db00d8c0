//! An answer put together from the pieces of a stream.

use std::collections::{BTreeMap, VecDeque};

use agent_contract::{CallId, FinishReason, Thought, Tokens, ToolCall};
use serde_json::Value;

use crate::{failure::Failure, refusal::Refusal};

/// Far more than anybody would listen to: whoever writes on has lost the thread.
const LONGEST_TEXT: usize = 64 << 10;
/// All tool arguments of one answer together.
const LONGEST_ARGUMENTS: usize = 256 << 10;
/// More tools at once than any turn needs.
const MOST_CALLS: usize = 32;

/// What came so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    calls: BTreeMap<u64, Fragments>,
    text_length: usize,
    arguments_length: usize,
    finish: Option<FinishReason>,
    tokens: Option<Tokens>,
    thoughts: VecDeque<Thought>,
}

/// A tool call in the making: its id and name come first, its arguments in pieces.
#[derive(Debug, Default)]
struct Fragments {
    id: String,
    name: String,
    arguments: String,
}

impl Answer {
    /// Takes the next event of the stream.
    pub(super) fn handle(&mut self, event: &Value) -> Result<(), Failure> {
        if let Some(error) = event.get("error").filter(|error| !error.is_null()) {
            return Err(Refusal::of_error(error).into());
        }
        match event["gate"].as_str() {
            Some("too_long") => return Err(Failure::Nonsense("it does not end")),
            Some(_) => return Err(Failure::Nonsense("an event is not JSON")),
            None => {}
        }
        if let Some(usage) = event.get("usage").filter(|usage| usage.is_object()) {
            self.tokens = Some(tokens(usage));
        }
        let Some(choice) = event["choices"].get(0) else {
            return if event["choices"].is_array() || self.tokens.is_some() {
                Ok(())
            } else {
                Err(Failure::Nonsense("an event has neither choices nor usage"))
            };
        };
        self.handle_delta(&choice["delta"])?;
        match choice["finish_reason"].as_str() {
            Some(reason) if self.finish.is_none() => self.finish(reason),
            Some(_) | None => Ok(()),
        }
    }

    /// Takes note that the stream is over.
    pub(super) fn handle_end(&mut self) -> Result<(), Failure> {
        let finish = self.finish.ok_or(Failure::CutOff)?;
        self.thoughts
            .extend(self.tokens.take().map(Thought::Tokens));
        self.thoughts.push_back(Thought::Finished(finish));
        Ok(())
    }

    /// Whether only the count of tokens can follow.
    pub(super) fn is_complete(&self) -> bool {
        self.finish.is_some()
    }

    pub(super) fn poll_thought(&mut self) -> Option<Thought> {
        self.thoughts.pop_front()
    }

    fn handle_delta(&mut self, delta: &Value) -> Result<(), Failure> {
        // A refusal is what the model says instead.
        for field in ["content", "refusal"] {
            let Some(text) = delta[field].as_str().filter(|text| !text.is_empty()) else {
                continue;
            };
            self.text_length += text.len();
            if self.text_length > LONGEST_TEXT {
                return Err(Failure::Nonsense("it does not end"));
            }
            self.thoughts.push_back(Thought::Text(text.to_owned()));
        }
        let mut fragments = delta["tool_calls"].as_array().into_iter().flatten();
        fragments.try_for_each(|fragment| self.handle_fragment(fragment))
    }

    fn handle_fragment(&mut self, fragment: &Value) -> Result<(), Failure> {
        let id = fragment["id"].as_str().filter(|id| !id.is_empty());
        let index = fragment["index"]
            .as_u64()
            .unwrap_or_else(|| self.index_without_one(id));
        let call = self.calls.entry(index).or_default();
        let function = &fragment["function"];
        for (part, whole) in [
            (id, &mut call.id),
            (function["name"].as_str(), &mut call.name),
        ] {
            if let Some(part) = part.filter(|_| whole.is_empty()) {
                part.clone_into(whole);
            }
        }
        if let Some(arguments) = function["arguments"].as_str() {
            self.arguments_length += arguments.len();
            call.arguments.push_str(arguments);
        }
        if self.calls.len() > MOST_CALLS || self.arguments_length > LONGEST_ARGUMENTS {
            return Err(Failure::Nonsense("its tool calls do not end"));
        }
        Ok(())
    }

    /// Some servers leave the index out: a new id is a new call, everything else belongs to the last one.
    fn index_without_one(&self, id: Option<&str>) -> u64 {
        let known = self
            .calls
            .iter()
            .find(|(_, call)| Some(call.id.as_str()) == id);
        let last = self.calls.keys().next_back().copied();
        match (known, id) {
            (Some((index, _)), _) => *index,
            (None, Some(_)) => last.map_or(0, |last| last.saturating_add(1)),
            (None, None) => last.unwrap_or(0),
        }
    }

    fn finish(&mut self, reason: &str) -> Result<(), Failure> {
        let calls = std::mem::take(&mut self.calls);
        let finish = match reason {
            // What was cut off is no JSON, and half a call is none.
            "length" => FinishReason::Length,
            "content_filter" => FinishReason::Filtered,
            // Some servers say `stop` all the same.
            _ if !calls.is_empty() => FinishReason::Calls,
            _ => FinishReason::Stop,
        };
        if finish == FinishReason::Calls {
            for (index, call) in calls {
                self.thoughts
                    .push_back(Thought::Call(call.complete(index)?));
            }
        }
        self.finish = Some(finish);
        Ok(())
    }
}

impl Fragments {
    fn complete(self, index: u64) -> Result<ToolCall, Failure> {
        if self.name.is_empty() {
            return Err(Failure::Nonsense("a tool call has no name"));
        }
        let is_nameless = self.id.is_empty();
        let id = if is_nameless {
            format!("call_{index}")
        } else {
            self.id
        };
        Ok(ToolCall {
            id: CallId(id),
            name: self.name,
            arguments: self.arguments,
        })
    }
}

fn tokens(usage: &Value) -> Tokens {
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    Tokens {
        input: count(&usage["prompt_tokens"]),
        cached: count(&usage["prompt_tokens_details"]["cached_tokens"]),
        output: count(&usage["completion_tokens"]),
    }
}

#[cfg(test)]
mod tests;
