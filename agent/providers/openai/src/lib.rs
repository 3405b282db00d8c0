//! Every OpenAI-compatible server behind the three ports: chat completions, transcriptions, speech.
//!
//! Base address and model are settings and the key is optional, so that the same adapters talk to OpenAI itself and
//! to Ollama, vLLM, llama.cpp, whisper or Kokoro servers on one's own machine.

mod endpoint;
mod failure;
mod gate;
mod refusal;
mod settings;
mod speaker;
mod thinker;
mod transcriber;

pub use settings::{
    SettingsError, SpeakerSettings, ThinkerSettings, TokenLimit, TranscriberSettings,
};
pub use speaker::OpenAiSpeaker;
pub use thinker::OpenAiThinker;
pub use transcriber::OpenAiTranscriber;
