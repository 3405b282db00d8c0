//! Hears what a tool answered, and offers what there is to choose from.

use agent_contract::ToolError;
use serde_json::Value as Json;

use super::{Decision, Desk, Filled, Question, Reply, Value, said, slot};
use crate::receptionist::{
    matching::Utterance,
    text::{fill, spoken_list},
};

/// Of a list, more than anybody remembers is not offered.
const OFFERED: usize = 3;

impl Desk<'_> {
    /// Takes in what a tool answered that has done what it should, or wants more.
    pub(super) fn hear_result(&mut self, text: &str, intent: usize, filled: Filled) -> Reply {
        let script = &self.script.intents[intent];
        if let Some(offer) = &script.offer {
            let options = options(text);
            if options.is_empty() {
                return Reply::say(offer.none.of(self.language));
            }
            return self.put(intent, filled, Question::Offer(options));
        }
        let done = script.tool.as_ref().and_then(|tool| tool.done.as_deref());
        let is_done =
            done.is_none_or(|field| from_result(text, &format!("result.{field}")).is_some());
        if !is_done && script.confirm.is_some() {
            return self.put(intent, filled, Question::Confirm);
        }
        let value = |name: &str| from_result(text, name).or_else(|| said(&filled, name));
        Reply::say(fill(script.answer.of(self.language), &value))
    }

    /// Takes in that a tool did not do it: asks for what it lacks, has another intent take over, or says so.
    pub(super) fn hear_failure(&mut self, text: &str, intent: usize, mut filled: Filled) -> Reply {
        let asks = &self.script.intents[intent].asks;
        let misfits = text.starts_with(ToolError::MISFIT);
        match asks.first().filter(|_| misfits) {
            Some(slot) => {
                filled.retain(|name, _| !asks.contains(name));
                self.put(intent, filled, Question::Slot(slot.clone()))
            }
            None => self.give_way(intent, filled),
        }
    }

    /// Has another intent take over, or says that it did not work.
    pub(super) fn give_way(&mut self, intent: usize, filled: Filled) -> Reply {
        let script = &self.script.intents[intent];
        let other = script
            .otherwise
            .as_deref()
            .and_then(|name| self.named(name));
        if let Some(other) = other.filter(|other| *other != intent) {
            return self.go_on(other, filled);
        }
        let failed = script.failed.as_ref();
        let failed = failed.map_or("", |text| text.of(self.language));
        Reply::say(if failed.is_empty() {
            self.phrases.failed
        } else {
            failed
        })
    }

    /// Returns how a list is offered.
    pub(super) fn offer(&self, intent: usize, options: &[Filled]) -> String {
        let Some(offer) = &self.script.intents[intent].offer else {
            return String::new();
        };
        let called = options
            .iter()
            .filter_map(|option| said(option, &offer.field));
        let list = spoken_list(&called.collect::<Vec<_>>(), self.phrases.or);
        fill(offer.text.of(self.language), &|name| {
            (name == "list").then(|| list.clone())
        })
    }

    /// Hears which one is chosen.
    pub(super) fn hear_choice(
        &mut self,
        text: &str,
        utterance: &Utterance,
        asked: (usize, Filled, Vec<Filled>),
    ) -> Reply {
        let (intent, mut filled, options) = asked;
        let decision = slot::decision(text, self.phrases);
        let only = (options.len() == 1 && decision == Some(Decision::Yes)).then_some(0);
        let offer = self.script.intents[intent].offer.as_ref();
        let then = offer.and_then(|offer| self.named(&offer.then));
        match (only.or_else(|| self.chosen(text, &options)), then) {
            (Some(place), Some(then)) => {
                self.misses = 0;
                filled.extend(options[place].clone());
                self.go_on(then, filled)
            }
            _ if decision == Some(Decision::No) => Reply::say(self.phrases.cancelled),
            _ => self.hear_otherwise(text, utterance, (intent, filled, Question::Offer(options))),
        }
    }

    fn chosen(&self, text: &str, options: &[Filled]) -> Option<usize> {
        slot::ordinal(text, self.phrases, options.len())
            .or_else(|| slot::moment(text, self.language, options))
    }

    fn named(&self, name: &str) -> Option<usize> {
        let mut intents = self.script.intents.iter();
        intents.position(|intent| intent.name == name)
    }
}

/// Returns `result` or `result.field` of a tool's answer.
pub(super) fn from_result(text: &str, name: &str) -> Option<String> {
    if name == "result" {
        return Some(text.to_owned());
    }
    let json = json_in(text)?;
    json.get(name.strip_prefix("result.")?).map(shown)
}

/// Returns the first of the list in a tool's answer, each as its fields.
fn options(text: &str) -> Vec<Filled> {
    let list = json_in(text);
    let list = list.as_ref().and_then(Json::as_array);
    let objects = list.into_iter().flatten().filter_map(Json::as_object);
    let options = objects.map(|object| {
        let fields = object.iter().map(|(name, value)| {
            let said = shown(value);
            let meant = said.clone();
            (name.clone(), Value { said, meant })
        });
        fields.collect()
    });
    options.take(OFFERED).collect()
}

/// Returns the first object or list in a text.
fn json_in(text: &str) -> Option<Json> {
    let start = text.find(['{', '['])?;
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter();
    values.next()?.ok()
}

fn shown(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
