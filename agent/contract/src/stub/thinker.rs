//! A thinker that says its lines.

use std::{collections::VecDeque, sync::Arc};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;

use super::{
    Fault, Pace,
    director::{Director, Scene},
};
use crate::{
    CallId, FinishReason, Message, ProviderError, ProviderName, Thinker, ThinkerCapabilities,
    Thought, ThoughtRequest, Thoughts, Tokens, ToolCall,
};

/// What a [`StubThinker`] answers to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Says it, a word at a time.
    Says(String),
    /// Says something (which may be nothing), then calls a tool with these arguments.
    Calls {
        /// Said before.
        text: String,
        /// Which tool.
        tool: String,
        /// As the thinker would write them.
        arguments: String,
    },
}

/// Answers with its lines in turn, the last one again and again. Without lines it repeats what it was told.
///
/// Where the conversation ends with the beginning of its line, as after a switch in mid-stream, it says the rest.
#[derive(Debug)]
pub struct StubThinker {
    director: Director,
    capabilities: ThinkerCapabilities,
    lines: Mutex<VecDeque<Line>>,
    errands: Vec<(String, Line)>,
    requests: Mutex<Vec<ThoughtRequest>>,
    goes_on: bool,
}

impl StubThinker {
    /// Returns one that repeats what it was told.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            director: Director::new(name),
            capabilities: ThinkerCapabilities {
                tools: true,
                preemptive: true,
            },
            lines: Mutex::default(),
            errands: Vec::new(),
            requests: Mutex::default(),
            goes_on: true,
        }
    }

    /// Adds a line to say.
    #[must_use]
    pub fn saying(self, text: &str) -> Self {
        self.add(Line::Says(text.to_owned()));
        self
    }

    /// Adds a tool to call.
    #[must_use]
    pub fn calling(self, tool: &str, arguments: &str) -> Self {
        self.add(Line::Calls {
            text: String::new(),
            tool: tool.to_owned(),
            arguments: arguments.to_owned(),
        });
        self
    }

    /// Lets it call a tool whenever a person's newest words are `errand`, and say what the tool answered.
    #[must_use]
    pub fn answering(mut self, errand: &str, tool: &str, arguments: &str) -> Self {
        let call = Line::Calls {
            text: String::new(),
            tool: tool.to_owned(),
            arguments: arguments.to_owned(),
        };
        self.errands.push((errand.to_owned(), call));
        self
    }

    /// Sets how long it takes.
    #[must_use]
    pub fn paced(mut self, pace: Pace) -> Self {
        self.director.pace = pace;
        self
    }

    /// Sets what goes wrong every time.
    #[must_use]
    pub fn failing(self, fault: Fault) -> Self {
        self.director.set_habit(Some(fault));
        self
    }

    /// Sets what goes wrong the next time, and then the time after it.
    #[must_use]
    pub fn failing_once(self, fault: Fault) -> Self {
        self.director.add(Some(fault));
        self
    }

    /// Lets it begin its line anew where it should go on.
    #[must_use]
    pub fn starting_over(mut self) -> Self {
        self.goes_on = false;
        self
    }

    /// Sets what goes wrong from here on.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.director.set_habit(fault);
    }

    /// Adds a line while it is in use.
    pub fn add(&self, line: Line) {
        self.lines.lock().push_back(line);
    }

    /// Returns what it was asked so far.
    #[must_use]
    pub fn requests(&self) -> Vec<ThoughtRequest> {
        self.requests.lock().clone()
    }

    /// Returns how many answers are under way.
    #[must_use]
    pub fn open(&self) -> usize {
        self.director.open_now()
    }

    fn next_line(&self, request: &ThoughtRequest) -> Line {
        match request.messages.last() {
            Some(Message::Person { text, .. }) => {
                if let Some((_, line)) = self.errands.iter().find(|(errand, _)| errand == text) {
                    return line.clone();
                }
            }
            Some(Message::Tool { text, .. }) if !self.errands.is_empty() => {
                return Line::Says(text.clone());
            }
            _ => {}
        }
        let mut lines = self.lines.lock();
        let line = if lines.len() > 1 {
            lines.pop_front()
        } else {
            lines.front().cloned()
        };
        line.unwrap_or_else(|| Line::Says(told(request)))
    }
}

#[async_trait]
impl Thinker for StubThinker {
    fn name(&self) -> &ProviderName {
        &self.director.name
    }

    fn capabilities(&self) -> ThinkerCapabilities {
        self.capabilities
    }

    async fn think(&self, request: ThoughtRequest) -> Result<Thoughts, ProviderError> {
        self.requests.lock().push(request.clone());
        let scene = self.director.open().await?;
        let line = self.next_line(&request);
        let id = CallId(format!("call-{}", self.director.opened()));
        let said = if self.goes_on { said(&request) } else { "" };
        let acting = Acting {
            endless: scene.is(Fault::Endless),
            thoughts: thoughts(line, said, id).into(),
            last: None,
            scene,
        };
        Ok(stream::unfold(Some(acting), |acting| async { acting?.next().await }).boxed())
    }
}

struct Acting {
    scene: Scene,
    thoughts: VecDeque<Thought>,
    last: Option<Arc<str>>,
    endless: bool,
}

impl Acting {
    async fn next(mut self) -> Option<(Result<Thought, ProviderError>, Option<Self>)> {
        if let Err(error) = self.scene.next_piece().await? {
            return Some((Err(error), None));
        }
        if self.endless && !matches!(self.thoughts.front(), Some(Thought::Text(_))) {
            // A task that waits for this must get its turn.
            tokio::task::yield_now().await;
            let again = self.last.clone().unwrap_or_else(|| "la".into());
            return Some((Ok(Thought::Text(again.to_string())), Some(self)));
        }
        let thought = self.thoughts.pop_front()?;
        if let Thought::Text(text) = &thought {
            self.last = Some(text.as_str().into());
        }
        let done = matches!(thought, Thought::Finished(_));
        Some((Ok(thought), (!done).then_some(self)))
    }
}

fn thoughts(line: Line, said: &str, id: CallId) -> Vec<Thought> {
    let (text, call) = match line {
        Line::Says(text) => (text, None),
        Line::Calls {
            text,
            tool,
            arguments,
        } => (text, Some((tool, arguments))),
    };
    let rest = text.strip_prefix(said).unwrap_or(&text);
    let mut thoughts: Vec<Thought> = words(rest).map(Thought::Text).collect();
    let written = thoughts.len() as u64;
    let mut reason = FinishReason::Stop;
    if let Some((name, arguments)) = call {
        thoughts.push(Thought::Call(ToolCall {
            id,
            name,
            arguments,
        }));
        reason = FinishReason::Calls;
    }
    thoughts.push(Thought::Tokens(Tokens {
        input: 100,
        cached: 0,
        output: written,
    }));
    thoughts.push(Thought::Finished(reason));
    thoughts
}

/// Splits as language models do: the space belongs to the word after it.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut starts: Vec<usize> = text
        .char_indices()
        .filter(|&(at, c)| at > 0 && c.is_whitespace())
        .map(|(at, _)| at)
        .collect();
    starts.insert(0, 0);
    starts.push(text.len());
    let pieces: Vec<String> = starts
        .windows(2)
        .map(|ends| text[ends[0]..ends[1]].to_owned())
        .collect();
    pieces.into_iter().filter(|piece| !piece.is_empty())
}

/// Returns the newest words of a person.
fn told(request: &ThoughtRequest) -> String {
    let newest = request.messages.iter().rev().find_map(|m| match m {
        Message::Person { text, .. } => Some(text.clone()),
        _ => None,
    });
    newest.unwrap_or_else(|| "Hello.".to_owned())
}

/// Returns what the agent has said of this answer already.
fn said(request: &ThoughtRequest) -> &str {
    let newest = request
        .messages
        .iter()
        .rev()
        .find(|m| !matches!(m, Message::Note(_)));
    match newest {
        Some(Message::Agent { text, calls }) if calls.is_empty() => text,
        _ => "",
    }
}
