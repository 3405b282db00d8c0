//! Fills the slots of an intent, confirms, and acts.

use std::cell::Cell;

use serde_json::Value as Json;

use super::{
    Attention, Decision, Desk, Filled, Map, PATIENCE, Question, Reply, State, Use, Value, said,
    slot,
};
use crate::receptionist::{
    builtin::Topic,
    matching::Utterance,
    text::{fill, spoken_list},
};

impl Desk<'_> {
    /// Takes up an intent, with what was said along with it.
    pub(super) fn begin(&mut self, intent: usize, text: &str) -> Reply {
        let mut filled = Filled::new();
        self.collect(intent, text, None, &mut filled);
        self.go_on(intent, filled)
    }

    /// Hears the answer to a question, or something else instead.
    pub(super) fn hear_answer(
        &mut self,
        text: &str,
        utterance: &Utterance,
        asked: (usize, Filled, Question),
    ) -> Reply {
        let (intent, mut filled, question) = asked;
        if let Some(reply) = self.hear_aside(utterance, &(intent, &filled, &question)) {
            return reply;
        }
        let decision = slot::decision(text, self.phrases);
        let slot = match question {
            Question::Offer(options) => {
                return self.hear_choice(text, utterance, (intent, filled, options));
            }
            Question::Slot(ref slot) => Some(slot.as_str()),
            Question::Confirm => None,
        };
        let news = self.collect(intent, text, slot, &mut filled);
        if news {
            self.misses = 0;
            return self.go_on(intent, filled);
        }
        match (&question, decision) {
            (Question::Confirm, Some(Decision::Yes)) => {
                self.misses = 0;
                self.act(intent, filled)
            }
            (Question::Confirm, Some(Decision::No)) => {
                self.misses = 0;
                self.go_on(intent, Filled::new())
            }
            _ => self.hear_otherwise(text, utterance, (intent, filled, question)),
        }
    }

    /// Hears what may be said at any time: repeat, goodbye, stop, a person please.
    fn hear_aside(
        &mut self,
        utterance: &Utterance,
        asked: &(usize, &Filled, &Question),
    ) -> Option<Reply> {
        let (_, topic) = self.topic(utterance)?;
        match topic {
            Topic::Repeat | Topic::Who | Topic::Help => {
                let reply = self.talk_about(topic);
                let question = self.ask(asked.0, asked.1, asked.2);
                self.state = State::Asking {
                    intent: asked.0,
                    filled: asked.1.clone(),
                    question: asked.2.clone(),
                };
                let is_asked = reply.text.contains(&question);
                Some(if is_asked {
                    reply
                } else {
                    Reply::say(format!("{} {question}", reply.text))
                })
            }
            Topic::Goodbye | Topic::Transfer | Topic::Cancel => Some(self.talk_about(topic)),
            Topic::Thanks | Topic::Hello => None,
        }
    }

    /// Another wish is answered before the question comes back; anything else is a miss.
    pub(super) fn hear_otherwise(
        &mut self,
        text: &str,
        utterance: &Utterance,
        asked: (usize, Filled, Question),
    ) -> Reply {
        let (intent, filled, question) = asked;
        if let Some(reply) = self.hear_wish(text, utterance) {
            self.misses = 0;
            let is_answered = matches!(self.state, State::Open) && reply.call.is_none();
            if !is_answered {
                return reply;
            }
            let again = self.ask(intent, &filled, &question);
            self.state = State::Asking {
                intent,
                filled,
                question,
            };
            return Reply::say(format!("{} {again}", reply.text));
        }
        self.misses += 1;
        if self.misses >= PATIENCE {
            self.misses = 0;
            let help = self.script.help.of(self.language);
            return Reply::say(format!("{} {help}", self.phrases.give_up).trim_end());
        }
        let again = match question {
            Question::Confirm => self.phrases.yes_or_no.to_owned(),
            Question::Slot(_) | Question::Offer(_) => self.ask(intent, &filled, &question),
        };
        self.state = State::Asking {
            intent,
            filled,
            question,
        };
        Reply::say(format!("{} {again}", self.phrases.ask_again))
    }

    /// Asks for what is missing, asks whether it is right, or acts.
    pub(super) fn go_on(&mut self, intent: usize, filled: Filled) -> Reply {
        let script = &self.script.intents[intent];
        let missing = script.needs.iter().find(|slot| !filled.contains_key(*slot));
        let question = match missing {
            Some(slot) => Question::Slot(slot.clone()),
            None if script.confirm.is_some() && !script.confirms_for_tool() => Question::Confirm,
            None => return self.act(intent, filled),
        };
        self.put(intent, filled, question)
    }

    /// Asks a question.
    pub(super) fn put(&mut self, intent: usize, filled: Filled, question: Question) -> Reply {
        let text = self.ask(intent, &filled, &question);
        self.state = State::Asking {
            intent,
            filled,
            question,
        };
        Reply::say(text)
    }

    fn act(&mut self, intent: usize, filled: Filled) -> Reply {
        let script = &self.script.intents[intent];
        let Some(tool) = &script.tool else {
            let answer = script.answer.of(self.language);
            return Reply::say(fill(answer, &|name| said(&filled, name)));
        };
        if !self.has_tool(&tool.tool) {
            return self.give_way(intent, filled);
        }
        let meanwhile = tool.say.as_ref().map_or("", |text| text.of(self.language));
        let reply = Reply {
            text: fill(meanwhile, &|name| said(&filled, name)),
            call: Some((tool.tool.clone(), arguments(tool, &filled))),
        };
        self.state = State::Using { intent, filled };
        reply
    }

    /// Returns a question as it is asked.
    pub(super) fn ask(&self, intent: usize, filled: &Filled, question: &Question) -> String {
        let slot = match question {
            Question::Confirm => {
                let confirm = self.script.intents[intent].confirm.as_ref();
                let confirm = confirm.map_or("", |text| text.of(self.language));
                return fill(confirm, &|name| said(filled, name));
            }
            Question::Offer(options) => return self.offer(intent, options),
            Question::Slot(slot) => slot,
        };
        if let Some(own) = self.script.questions.get(slot) {
            return fill(own.of(self.language), &|name| said(filled, name));
        }
        match slot.as_str() {
            "day" => self.phrases.which_day.to_owned(),
            "time" => self.phrases.what_time.to_owned(),
            "number" => self.phrases.what_number.to_owned(),
            "name" => self.phrases.what_name.to_owned(),
            _ => {
                let choice = self.script.choices.get(slot);
                let values = choice.map_or(&[][..], |choice| choice.values.of(self.language));
                let list = spoken_list(values, self.phrases.or);
                format!("{} {list}?", self.phrases.which_one)
            }
        }
    }

    /// Fills in what was said. Returns whether there was anything.
    fn collect(&self, intent: usize, text: &str, asked: Option<&str>, filled: &mut Filled) -> bool {
        let mut news = false;
        // What a template speaks of is worth hearing even where it is not needed.
        let script = &self.script.intents[intent];
        let needs = script.needs.iter().chain(&script.asks);
        let slots = needs
            .map(String::as_str)
            .chain(self.script.choices.keys().map(String::as_str));
        for slot in slots {
            let attention = if asked == Some(slot) {
                Attention::Asked
            } else {
                Attention::ByTheWay
            };
            if let Some(value) = self.find(slot, text, attention) {
                news |= filled.get(slot) != Some(&value);
                filled.insert(slot.to_owned(), value);
            }
        }
        news
    }

    fn find(&self, slot: &str, text: &str, attention: Attention) -> Option<Value> {
        match slot {
            "day" => slot::day(text, self.language),
            "time" => slot::time(text, self.language, attention),
            "number" => slot::number(text, attention),
            "name" => slot::name(text, attention),
            other => slot::choice(text, self.script.choices.get(other)?, self.language),
        }
    }
}

/// Returns what a tool is told; nothing of what is not known.
fn arguments(tool: &Use, filled: &Filled) -> Json {
    let known = tool.arguments.iter().filter_map(|(name, value)| {
        let value = match value {
            Json::String(text) => Json::String(meant(text, filled)?),
            other => other.clone(),
        };
        Some((name.clone(), value))
    });
    Json::Object(known.collect::<Map<_, _>>())
}

/// Fills a text for a tool; `None` where a slot of it is not known.
fn meant(text: &str, filled: &Filled) -> Option<String> {
    let is_known = Cell::new(true);
    let text = fill(text, &|name| {
        let value = filled.get(name).map(|value| value.meant.clone());
        is_known.set(is_known.get() && value.is_some());
        value
    });
    is_known.get().then_some(text)
}
