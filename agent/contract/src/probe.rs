//! Tries a provider with a tiny real request.

use std::{future::Future, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout};

use crate::{
    Heard, Language, ListenOptions, Message, ProviderError, ProviderName, SpeakOptions, Speaker,
    SpeechEvent, SpeechInput, Thinker, Thought, ThoughtRequest, Transcriber, TranscriptionInput,
    chain::Port,
};

/// A provider that says nothing for so long is of no use in a conversation.
pub const PROBE_DEADLINE: Duration = Duration::from_secs(5);

/// How much silence a transcriber is asked about.
const SILENCE: Duration = Duration::from_millis(200);

/// What the three ports have in common.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// Which of the three.
    const PORT: Port;

    /// Returns what it is called.
    fn called(&self) -> &ProviderName;

    /// Asks for something tiny, and returns how long that took.
    ///
    /// # Errors
    /// [`ProviderError`] says what is wrong; within [`PROBE_DEADLINE`].
    async fn probe(&self) -> Result<Duration, ProviderError>;
}

#[async_trait]
impl Provider for dyn Transcriber {
    const PORT: Port = Port::Transcriber;

    fn called(&self) -> &ProviderName {
        self.name()
    }

    async fn probe(&self) -> Result<Duration, ProviderError> {
        within(self.name(), hear_silence(self)).await
    }
}

#[async_trait]
impl Provider for dyn Thinker {
    const PORT: Port = Port::Thinker;

    fn called(&self) -> &ProviderName {
        self.name()
    }

    async fn probe(&self) -> Result<Duration, ProviderError> {
        within(self.name(), say_hello(self)).await
    }
}

#[async_trait]
impl Provider for dyn Speaker {
    const PORT: Port = Port::Speaker;

    fn called(&self) -> &ProviderName {
        self.name()
    }

    async fn probe(&self) -> Result<Duration, ProviderError> {
        within(self.name(), speak_a_word(self)).await
    }
}

async fn within(
    name: &ProviderName,
    asking: impl Future<Output = Result<(), ProviderError>>,
) -> Result<Duration, ProviderError> {
    let begun = Instant::now();
    match timeout(PROBE_DEADLINE, asking).await {
        Ok(answer) => answer.map(|()| begun.elapsed()),
        Err(_) => Err(ProviderError::Stalled {
            provider: name.clone(),
            waited: PROBE_DEADLINE,
        }),
    }
}

/// A transcriber that ends in order after a bit of silence works.
async fn hear_silence(transcriber: &dyn Transcriber) -> Result<(), ProviderError> {
    let options = ListenOptions {
        language: Language::english(),
        keywords: [].into(),
    };
    let mut listening = transcriber.listen(options).await?;
    let rate = transcriber.capabilities().sample_rate;
    for piece in vec![0; rate.samples_in(SILENCE)].chunks(rate.samples_in(SILENCE / 10)) {
        let piece = TranscriptionInput::Audio(piece.into());
        // A closed input has a reason, which comes below.
        let _ = listening.input.send(piece).await;
    }
    let _ = listening.input.send(TranscriptionInput::Finalize).await;
    drop(listening.input);
    while let Some(result) = listening.heard.recv().await {
        if let Heard::Final(_) = result? {
            break;
        }
    }
    Ok(())
}

async fn say_hello(thinker: &dyn Thinker) -> Result<(), ProviderError> {
    let request = ThoughtRequest {
        instructions: "Answer with one word.".into(),
        messages: vec![Message::Person {
            name: None,
            text: "Hello.".to_owned(),
        }],
        tools: [].into(),
        language: Language::english(),
        max_tokens: Some(16),
    };
    let mut thoughts = thinker.think(request).await?;
    while let Some(thought) = thoughts.next().await {
        if let Thought::Text(_) | Thought::Finished(_) = thought? {
            return Ok(());
        }
    }
    Err(cut_off(thinker.name()))
}

async fn speak_a_word(speaker: &dyn Speaker) -> Result<(), ProviderError> {
    let options = SpeakOptions {
        voice: None,
        language: Language::english(),
    };
    let mut speech = speaker.speak(options).await?;
    // A closed input has a reason, which comes below.
    let _ = speech
        .input
        .send(SpeechInput::Text("Yes.".to_owned()))
        .await;
    let _ = speech.input.send(SpeechInput::Finish).await;
    while let Some(event) = speech.spoken.recv().await {
        match event? {
            SpeechEvent::Audio(spoken) if !spoken.samples.is_empty() => return Ok(()),
            _ => {}
        }
    }
    Err(cut_off(speaker.name()))
}

/// Names an end without a word.
pub(crate) fn cut_off(provider: &ProviderName) -> ProviderError {
    ProviderError::Unavailable {
        provider: provider.clone(),
        retry_after: None,
        source: "it ended before it had finished".into(),
    }
}
