//! The fakes for hands: all three on loopback ports until they are stopped.

use std::{io::Write as _, time::Duration};

use clap::Parser;
use serde_json::json;
use tests_fakes::{Conduct, Deepgram, ElevenLabs, OpenAi};

/// Faithful stand-ins for OpenAI, Deepgram and ElevenLabs on loopback. Prints their addresses as one line of JSON.
#[derive(Debug, Parser)]
struct Arguments {
    /// Port of OpenAI; any free one when it is 0.
    #[arg(long, default_value_t = 0)]
    openai_port: u16,
    /// Port of Deepgram; any free one when it is 0.
    #[arg(long, default_value_t = 0)]
    deepgram_port: u16,
    /// Port of ElevenLabs; any free one when it is 0.
    #[arg(long, default_value_t = 0)]
    elevenlabs_port: u16,
    /// From the end of speech to its final words, in milliseconds.
    #[arg(long, default_value_t = 0)]
    transcript_ms: u64,
    /// From a request to the model's first token (or speech's first byte, or a transcript), in milliseconds.
    #[arg(long, default_value_t = 0)]
    openai_first_ms: u64,
    /// From a text to the voice's first sound, in milliseconds.
    #[arg(long, default_value_t = 0)]
    voice_first_ms: u64,
    /// Tokens of the model in a second; as fast as it goes when left out.
    #[arg(long)]
    tokens_per_second: Option<f64>,
    /// How much faster than it is heard speech is sent; as fast as it goes when left out.
    #[arg(long)]
    audio_speed: Option<f64>,
    /// The only key that is accepted; any when left out.
    #[arg(long)]
    key: Option<String>,
    /// What every stretch of speech says.
    #[arg(long, default_value = "Hello.")]
    hears: String,
}

impl Arguments {
    fn conduct(&self, first_ms: u64) -> Conduct {
        Conduct {
            first: Duration::from_millis(first_ms),
            tokens_per_second: self.tokens_per_second,
            audio_speed: self.audio_speed,
            key: self.key.clone(),
            checks: false,
            ..Conduct::default()
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let asked = Arguments::parse();
    let openai = OpenAi::start_on(asked.openai_port, asked.conduct(asked.openai_first_ms)).await?;
    let deepgram =
        Deepgram::start_on(asked.deepgram_port, asked.conduct(asked.transcript_ms)).await?;
    let elevenlabs =
        ElevenLabs::start_on(asked.elevenlabs_port, asked.conduct(asked.voice_first_ms)).await?;
    openai.always_hears(&asked.hears);
    deepgram.always_hears(&asked.hears);

    let addresses = json!({
        "openai": openai.url().as_str(),
        "deepgram": deepgram.url().as_str(),
        "elevenlabs": elevenlabs.url().as_str(),
    });
    writeln!(std::io::stdout(), "{addresses}")?;
    Ok(tokio::signal::ctrl_c().await?)
}
