//! Who the agent is and how it behaves, as data.

use std::collections::BTreeMap;

use agent_contract::Language;
use agent_turn::TurnSettings;
use serde::{Deserialize, Serialize};

use crate::telephone::{Keys, usual_keys};

/// Who an agent is and how it behaves. Its providers and tools come with the [`Setup`](crate::Setup).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// The name that the room shows.
    pub name: String,
    /// Who the agent is, what it knows and how it behaves, for the thinker.
    pub persona: String,
    /// What it says when the first person is there; nothing when empty.
    pub greeting: String,
    /// The languages it speaks; the first one is the one it begins with.
    pub languages: Vec<Language>,
    /// The voice of a language, by its tag, as the speaker names it.
    pub voices: BTreeMap<String, Voice>,
    /// Names and terms that callers are likely to say.
    pub keywords: Vec<String>,
    /// How it takes turns.
    pub turn: TurnSettings,
    /// In which pieces text goes to the speaker.
    pub pieces: Pieces,
    /// Its fixed phrases where the built-in ones will not do, by language tag.
    pub phrases: BTreeMap<String, Phrasing>,
    /// Goes on listening while it is switched off. Everybody must have been told.
    pub listen_while_off: bool,
    /// What the keys of a telephone mean: `human`, `repeat`, `end`, `digit`.
    pub keys: Keys,
    /// What it may take.
    pub limits: Limits,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            name: "Agent".to_owned(),
            persona: String::new(),
            greeting: String::new(),
            languages: vec![Language::english()],
            voices: BTreeMap::new(),
            keywords: Vec::new(),
            turn: TurnSettings::default(),
            pieces: Pieces::default(),
            phrases: BTreeMap::new(),
            listen_while_off: false,
            keys: usual_keys(),
            limits: Limits::default(),
        }
    }
}

impl Profile {
    /// Returns the language that the agent begins with.
    #[must_use]
    pub fn language(&self) -> Language {
        self.languages
            .first()
            .cloned()
            .unwrap_or_else(Language::english)
    }
}

/// A voice, as the speaker names it.
pub type Voice = String;

/// In which pieces text goes to a speaker that does not take words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pieces {
    /// The first clause at once, sentences from there on: the earliest sound.
    #[default]
    Clauses,
    /// Whole sentences, for a speaker that needs them.
    Sentences,
}

/// Fixed phrases that take the place of the built-in ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phrasing {
    /// Says that it takes a moment.
    pub filler: Option<String>,
    /// Asks whether somebody is there.
    pub idle: Option<String>,
    /// Says that nothing was understood.
    pub not_understood: Option<String>,
    /// Says goodbye.
    pub goodbye: Option<String>,
    /// Says that something went wrong.
    pub apology: Option<String>,
    /// Takes up a conversation that broke off.
    pub continuation: Option<String>,
    /// What a caller means who presses the key for a human.
    pub wants_human: Option<String>,
}

/// What a conversation may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How long a thinker or a speaker may be silent, in ms.
    pub provider_ms: u32,
    /// How often a thinker may call tools within one turn.
    pub tool_rounds: u32,
    /// The longest reply, in characters.
    pub reply_chars: u32,
    /// The longest reply, in tokens, where the thinker counts them; 0 = its own limit.
    pub reply_tokens: u32,
    /// How many entries of the conversation the thinker is told.
    pub remembered: u32,
    /// How long the agent stays alone in a room, in ms.
    pub alone_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            provider_ms: 5_000,
            tool_rounds: 5,
            reply_chars: 4_000,
            reply_tokens: 0,
            remembered: 200,
            alone_ms: 10_000,
        }
    }
}
