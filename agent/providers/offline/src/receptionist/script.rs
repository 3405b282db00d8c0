//! What a receptionist knows, as a profile says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::builtin::{ENGLISH, Topic};
use crate::grammar::Grammar;

/// A receptionist's script. Texts may have `{slots}`.
///
/// The slots `day`, `time`, `number` and `name` are built in; others are [`choices`](Self::choices).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// The answer to "who are you".
    pub who: Text,
    /// What can be asked, said when nothing was understood: "You can ask …".
    pub help: Text,
    /// What it can do.
    pub intents: Vec<Intent>,
    /// Slots of its own: what may be said in them.
    pub choices: BTreeMap<String, Choice>,
    /// How it asks for a slot where the built-in question will not do.
    pub questions: BTreeMap<String, Text>,
    /// Names of people that callers may say.
    pub names: Vec<String>,
    /// How words sound that are in no dictionary, in the phones of the CMU dictionary: `wolverley = "W UH L V ER L IY"`.
    pub sounds: BTreeMap<String, String>,
    /// Looks into the knowledge, where that tool is on offer, before it says that it did not understand.
    pub search: bool,
}

/// Something that callers want.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intent {
    /// For logs; any.
    pub name: String,
    /// How callers say it: `book a {service} on {day}`. Slots in it are optional, and so is the word order.
    pub ask: Texts,
    /// The slots that must be known before it answers.
    pub needs: Vec<String>,
    /// The slots that are asked for only when the tool cannot do without them.
    pub asks: Vec<String>,
    /// Asked before it acts, where given: "{day} at {time}, is that right?"
    pub confirm: Option<Text>,
    /// The tool it uses.
    #[serde(rename = "use")]
    pub tool: Option<Use>,
    /// What it says, after the tool where it uses one. `{result}` is the tool's answer, `{result.field}` a field of it.
    pub answer: Text,
    /// What follows where the tool answers with a list: one of it is chosen.
    pub offer: Option<Offer>,
    /// The intent that takes its place when the tool is not on offer or failed.
    pub otherwise: Option<String>,
    /// What it says when the tool is not on offer or failed, and no other intent takes its place.
    pub failed: Option<Text>,
}

/// A list to choose from: the first few are offered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Offer {
    /// How they are offered. `{list}` is what they are called.
    pub text: Text,
    /// The field of each that it is called by.
    pub field: String,
    /// What it says when there is nothing to choose from.
    pub none: Text,
    /// The intent that goes on with the chosen one, whose fields are slots then.
    pub then: String,
}

/// The use of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// Which.
    pub tool: String,
    /// Its arguments; texts in it may have slots. One with a slot that is not known is left out.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// The field that its answer has once it is done. Without it the tool wants to be asked again after
    /// [`confirm`](Intent::confirm), which is not asked before then.
    #[serde(default)]
    pub done: Option<String>,
    /// Said meanwhile.
    #[serde(default)]
    pub say: Option<Text>,
}

/// A slot with a few values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choice {
    /// What may be said.
    pub values: Texts,
}

/// A text, the same in all languages or one for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// In whatever language.
    One(String),
    /// By language: `{ en = "…", fr = "…" }`.
    By(BTreeMap<String, String>),
}

/// Several texts, the same in all languages or some for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    /// In whatever language.
    One(Vec<String>),
    /// By language: `{ en = ["…"], fr = ["…"] }`.
    By(BTreeMap<String, Vec<String>>),
}

impl Script {
    /// The script of a small barber's shop, in English and French, as TOML.
    pub const DEMO: &str = include_str!("../../demo/receptionist.toml");

    /// What else is to be known about that shop, as Markdown.
    pub const DEMO_KNOWLEDGE: &str = include_str!("../../demo/knowledge/shop.md");

    /// Returns the script of the shop.
    #[must_use]
    pub fn demo() -> Self {
        toml::from_str(Self::DEMO).expect("a test reads the demo's script")
    }

    /// Returns what callers are likely to say, for the transcriber.
    #[must_use]
    pub fn grammar(&self) -> Grammar {
        let mut grammar = Grammar::default();
        for intent in &self.intents {
            let ask = intent.ask.of("en").iter();
            ask.for_each(|phrase| grammar.add_phrase(phrase));
        }
        for topic in Topic::ALL {
            let said = ENGLISH.said(topic).iter();
            said.for_each(|phrase| grammar.add_phrase(phrase));
        }
        if self.intents.iter().any(|intent| intent.offer.is_some()) {
            let ordinals = ENGLISH.ordinals.iter().flat_map(|words| words.iter());
            for ordinal in ordinals {
                grammar.add_phrase(&format!("the {ordinal}"));
                grammar.add_phrase(&format!("the {ordinal} one"));
            }
        }
        for (slot, choice) in &self.choices {
            let values = choice.values.of("en").iter();
            values.for_each(|value| grammar.add_value(slot, value));
        }
        self.names.iter().for_each(|name| grammar.add_name(name));
        for (word, sounds) in &self.sounds {
            grammar.add_sounds(word, sounds);
        }
        grammar
    }
}

impl Intent {
    /// Tells whether its confirmation is for the tool, which asks for it.
    pub(super) fn confirms_for_tool(&self) -> bool {
        self.tool.as_ref().is_some_and(|tool| tool.done.is_some())
    }
}

impl Text {
    /// Returns it in a language, in English where it has no such one.
    pub(super) fn of(&self, language: &str) -> &str {
        match self {
            Self::One(text) => text,
            Self::By(texts) => {
                let text = texts.get(language).or_else(|| texts.get("en"));
                text.map_or("", String::as_str)
            }
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::One(String::new())
    }
}

impl Texts {
    /// Returns those of a language, the English ones where it has no such.
    pub(super) fn of(&self, language: &str) -> &[String] {
        match self {
            Self::One(texts) => texts,
            Self::By(texts) => {
                let texts = texts.get(language).or_else(|| texts.get("en"));
                texts.map_or(&[], Vec::as_slice)
            }
        }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}
