//! What the agent needs of the world: a [`Transcriber`], a [`Thinker`], a [`Speaker`].
//!
//! Each is a trait with its capabilities; what goes wrong is a [`ProviderError`] that says whose fault it was and
//! what to do next. Nothing here names a vendor.

pub mod chain;
pub mod conformance;
mod error;
mod language;
mod message;
mod name;
pub mod probe;
mod speaker;
pub mod stub;
mod thinker;
mod tool;
mod transcriber;

pub use error::{BoxError, ProviderError};
pub use language::{InvalidLanguage, Language};
pub use message::Message;
pub use name::ProviderName;
pub use speaker::{
    SPEECH_QUEUE, SpeakOptions, Speaker, SpeakerCapabilities, Speech, SpeechEvent, SpeechInput,
    Spoken, TEXT_QUEUE, WordTime,
};
pub use thinker::{
    FinishReason, Thinker, ThinkerCapabilities, Thought, ThoughtRequest, Thoughts, Tokens,
};
pub use tool::{
    ANSWER_LIMIT, CallId, Effect, TOOL_DEADLINE, Tool, ToolAnswer, ToolCall, ToolContext,
    ToolError, ToolOutcome, ToolSpec, Toolbox, ToolboxError,
};
pub use transcriber::{
    HEARD_QUEUE, Heard, INPUT_QUEUE, ListenOptions, Listening, Transcriber,
    TranscriberCapabilities, Transcript, TranscriptionInput,
};
