//! How patient, how eager, how talkative.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The settings of turn-taking, as a profile gives them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TurnSettings {
    /// Shortest pause after which a turn that looks complete is over, in ms.
    pub min_pause_ms: u32,
    /// Longest pause after which any turn is over, in ms.
    pub max_pause_ms: u32,
    /// Begin replies on stable partial transcripts.
    pub preemptive: bool,
    /// Whether the agent may be interrupted.
    pub interruptible: bool,
    /// Voice that lasts so long over a reply is an interruption even without a word, in ms.
    pub interruption_ms: u32,
    /// After so long without a word over a held reply it goes on, in ms.
    pub resume_after_ms: u32,
    /// A reply that takes longer than this is announced by a filler, in ms; 0 = never.
    pub filler_after_ms: u32,
    /// Nobody speaks for so long: the agent asks, in ms; 0 = never.
    pub idle_prompt_after_ms: u32,
    /// So many idle prompts, then goodbye.
    pub idle_prompts: u32,
    /// The longest conversation, in s; 0 = no limit.
    pub max_duration_s: u32,
    /// When the agent answers with several people in the room.
    pub answer_when: AnswerWhen,
    /// The names that the agent answers to.
    pub names: Vec<String>,
}

/// When to answer with several people in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerWhen {
    /// Whatever is said.
    Always,
    /// When one of its names is said, and in the exchange that follows with the same person.
    Addressed,
}

impl Default for TurnSettings {
    fn default() -> Self {
        Self {
            min_pause_ms: 300,
            max_pause_ms: 1_500,
            preemptive: true,
            interruptible: true,
            interruption_ms: 500,
            resume_after_ms: 700,
            filler_after_ms: 1_200,
            idle_prompt_after_ms: 10_000,
            idle_prompts: 2,
            max_duration_s: 3_600,
            answer_when: AnswerWhen::Addressed,
            names: Vec::new(),
        }
    }
}

impl TurnSettings {
    pub(crate) fn idle_prompt_after(&self) -> Option<Duration> {
        non_zero(self.idle_prompt_after_ms)
    }
}

fn non_zero(ms: u32) -> Option<Duration> {
    (ms > 0).then(|| Duration::from_millis(ms.into()))
}
