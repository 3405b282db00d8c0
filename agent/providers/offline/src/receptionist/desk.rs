//! The receptionist's mind: where the conversation stands, and what to say next. Pure.

mod choosing;
mod filling;

use std::collections::BTreeMap;

use agent_contract::{Message, ToolSpec};
use serde_json::{Map, Value as Json};

use super::{
    builtin::{Phrases, Topic},
    matching::Utterance,
    script::{Script, Use},
    slot::{self, Attention, Decision, Value},
    text::{first_sentences, words},
};

/// Enough to say, little enough to listen to.
const KNOWLEDGE_SENTENCES: usize = 2;
/// A question has at least so many words that say something.
const TELLING: usize = 2;
/// So many words are a greeting or thanks and nothing besides.
const SHORT: usize = 4;
/// Misses in a row before it gives up on a question.
const PATIENCE: u32 = 3;

/// What to say, and which tool to use then.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Reply {
    pub text: String,
    pub call: Option<(String, Json)>,
}

impl Reply {
    fn say(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            call: None,
        }
    }
}

/// Values of slots, by name.
pub(super) type Filled = BTreeMap<String, Value>;

/// Where the conversation stands.
#[derive(Debug, Clone, Default)]
enum State {
    /// Anything may come.
    #[default]
    Open,
    /// A question of an intent waits for its answer.
    Asking {
        intent: usize,
        filled: Filled,
        question: Question,
    },
    /// A tool was called for an intent.
    Using { intent: usize, filled: Filled },
    /// The knowledge was asked.
    Searching,
    /// A person was sent for.
    Transferring,
    /// Goodbye was said.
    Leaving,
}

#[derive(Debug, Clone, PartialEq)]
enum Question {
    Slot(String),
    Confirm,
    /// Which of these.
    Offer(Vec<Filled>),
}

/// Goes through a conversation from its beginning.
pub(super) struct Desk<'a> {
    script: &'a Script,
    language: &'a str,
    phrases: &'static Phrases,
    tools: &'a [ToolSpec],
    state: State,
    /// Misses in a row.
    misses: u32,
    last_said: String,
    /// An intent that was just offered by somebody else than the script.
    offered: Option<usize>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(script: &'a Script, language: &'a str, tools: &'a [ToolSpec]) -> Self {
        Self {
            script,
            language,
            phrases: Phrases::of(language),
            tools,
            state: State::Open,
            misses: 0,
            last_said: String::new(),
            offered: None,
        }
    }

    /// Takes in what it should know. A tool that is named there was offered, until it hears of something else.
    pub(super) fn learn(&mut self, note: &str) {
        // People fall in who are offered something.
        if note == Message::INTERRUPTED {
            return;
        }
        let is_named = |tool: &Use| note.contains(&format!("`{}`", tool.tool));
        let mut intents = self.script.intents.iter();
        self.offered = intents.position(|intent| intent.tool.as_ref().is_some_and(is_named));
    }

    /// Takes in what was really said, which is what "repeat that" means.
    pub(super) fn remember_said(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.last_said = text.trim().to_owned();
        }
    }

    /// Answers a person.
    pub(super) fn hear(&mut self, text: &str) -> Reply {
        let utterance = Utterance::new(text, &|word| self.is_value(word));
        let offered = self.offered.take();
        if let State::Asking {
            intent,
            filled,
            question,
        } = std::mem::take(&mut self.state)
        {
            return self.hear_answer(text, &utterance, (intent, filled, question));
        }
        let decision = slot::decision(text, self.phrases);
        if decision == Some(Decision::No) && self.last_said.contains(self.phrases.what_else) {
            return self.talk_about(Topic::Goodbye);
        }
        if let Some(reply) = self.hear_wish(text, &utterance) {
            self.misses = 0;
            return reply;
        }
        if let (Some(Decision::Yes), Some(intent)) = (decision, offered) {
            self.misses = 0;
            return self.begin(intent, text);
        }
        self.miss(text, &utterance)
    }

    /// Takes in what a tool answered.
    pub(super) fn take_answer(&mut self, text: &str) -> Reply {
        let failed = text.starts_with("Error:");
        match std::mem::take(&mut self.state) {
            State::Using { intent, filled } if failed => self.hear_failure(text, intent, filled),
            State::Using { intent, filled } => self.hear_result(text, intent, filled),
            State::Searching => match passage(text).filter(|_| !failed) {
                Some(passage) => {
                    self.misses = 0;
                    Reply::say(first_sentences(&passage, KNOWLEDGE_SENTENCES))
                }
                None => self.not_understood(),
            },
            State::Transferring if failed => Reply::say(self.phrases.no_transfer),
            State::Transferring | State::Leaving => Reply::default(),
            state @ (State::Open | State::Asking { .. }) => {
                self.state = state;
                Reply::default()
            }
        }
    }

    /// Says something after a pause that nobody filled.
    pub(super) fn take_up(&mut self) -> Reply {
        match &self.state {
            State::Asking {
                intent,
                filled,
                question,
            } => Reply::say(self.ask(*intent, filled, question)),
            State::Open | State::Using { .. } | State::Searching => {
                Reply::say(self.phrases.what_else)
            }
            State::Transferring | State::Leaving => Reply::default(),
        }
    }

    /// Finds what a person wants: an intent of the script, or what anybody may say.
    fn hear_wish(&mut self, text: &str, utterance: &Utterance) -> Option<Reply> {
        let intents = self.script.intents.iter().enumerate();
        let intent = intents
            .filter_map(|(index, intent)| {
                Some((utterance.fits(intent.ask.of(self.language))?, index))
            })
            .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
        let topic = self.topic(utterance);
        match (intent, topic) {
            (Some((fit, _)), Some((better, topic)))
                if better > fit && !matches!(topic, Topic::Hello | Topic::Thanks) =>
            {
                Some(self.talk_about(topic))
            }
            (Some((_, intent)), _) => Some(self.begin(intent, text)),
            (None, Some((_, topic))) => Some(self.talk_about(topic)),
            (None, None) => None,
        }
    }

    fn topic(&self, utterance: &Utterance) -> Option<(f32, Topic)> {
        let short = utterance.words.len() <= SHORT;
        let topics = Topic::ALL.into_iter();
        // Many questions begin or end with these.
        let topics = topics.filter(|topic| short || !matches!(topic, Topic::Hello | Topic::Thanks));
        let fits =
            topics.filter_map(|topic| Some((utterance.fits(self.phrases.said(topic))?, topic)));
        // Of two alike, the one that comes first matters more.
        fits.reduce(|best, next| if next.0 > best.0 { next } else { best })
    }

    fn talk_about(&mut self, topic: Topic) -> Reply {
        let help = self.script.help.of(self.language);
        match topic {
            Topic::Repeat if self.last_said.is_empty() => Reply::say(self.phrases.nothing_said),
            Topic::Repeat => Reply::say(self.last_said.clone()),
            Topic::Goodbye => {
                self.state = State::Leaving;
                self.use_tool("end_call", self.phrases.goodbye, "")
            }
            Topic::Who => {
                let who = self.script.who.of(self.language);
                Reply::say(if who.is_empty() {
                    self.phrases.who
                } else {
                    who
                })
            }
            Topic::Transfer if self.has_tool("transfer_to_human") => {
                self.state = State::Transferring;
                self.use_tool(
                    "transfer_to_human",
                    self.phrases.transferring,
                    "asked by the caller",
                )
            }
            Topic::Transfer => Reply::say(self.phrases.no_transfer),
            Topic::Cancel => Reply::say(self.phrases.cancelled),
            Topic::Help if !help.is_empty() => Reply::say(help),
            Topic::Help | Topic::Hello => Reply::say(self.phrases.hello),
            Topic::Thanks => Reply::say(format!(
                "{} {}",
                self.phrases.welcome, self.phrases.what_else
            )),
        }
    }

    /// Says something and uses a tool, where it is on offer. A reason is given to a tool that takes one.
    fn use_tool(&self, name: &str, text: &str, reason: &str) -> Reply {
        let Some(tool) = self.tools.iter().find(|tool| tool.name == name) else {
            return Reply::say(text);
        };
        let mut arguments = Map::new();
        if !reason.is_empty() && tool.parameters.pointer("/properties/reason").is_some() {
            arguments.insert("reason".to_owned(), reason.into());
        }
        Reply {
            text: text.to_owned(),
            call: Some((name.to_owned(), Json::Object(arguments))),
        }
    }

    fn has_tool(&self, name: &str) -> bool {
        self.tools.iter().any(|tool| tool.name == name)
    }

    /// Nothing fitted: looks into the knowledge, or says so.
    fn miss(&mut self, text: &str, utterance: &Utterance) -> Reply {
        let is_question = utterance.telling_words() >= TELLING;
        if self.script.search && is_question && self.has_tool("search_knowledge") {
            self.state = State::Searching;
            return Reply {
                text: String::new(),
                call: Some((
                    "search_knowledge".to_owned(),
                    serde_json::json!({ "query": text }),
                )),
            };
        }
        self.not_understood()
    }

    fn not_understood(&mut self) -> Reply {
        self.misses += 1;
        let again = self.misses > 1;
        let sorry = if again {
            self.phrases.not_understood_again
        } else {
            self.phrases.not_understood
        };
        Reply::say(format!("{sorry} {}", self.script.help.of(self.language)).trim_end())
    }

    /// Returns whether a word is a value of a slot, or a part of one.
    fn is_value(&self, word: &str) -> bool {
        let choices = self.script.choices.values();
        let mut values = choices.flat_map(|choice| choice.values.of(self.language));
        slot::is_value(word) || values.any(|value| words(value).iter().any(|part| part == word))
    }
}

fn said(filled: &Filled, name: &str) -> Option<String> {
    filled.get(name).map(|value| value.said.clone())
}

/// Returns the first passage that the knowledge answered with.
fn passage(text: &str) -> Option<String> {
    let json: Json = serde_json::from_str(text).ok()?;
    let passage = json.pointer("/passages/0/text")?.as_str()?;
    Some(passage.to_owned())
}

#[cfg(test)]
mod tests;
