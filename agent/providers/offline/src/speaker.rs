//! The speaker: flite for English, espeak-ng for every other language.

mod studio;

use std::time::Duration;

use agent_contract::{
    ProviderError, ProviderName, SPEECH_QUEUE, SpeakOptions, Speaker, SpeakerCapabilities, Speech,
    SpeechEvent, SpeechInput, Spoken, TEXT_QUEUE,
};
use async_trait::async_trait;
use room_media::SampleRate;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use studio::{Studio, Take};

/// The rate that everything is spoken in: flite's own, and the transcriber's.
const RATE: SampleRate = SampleRate::HZ_16000;
/// A fifth of a second in a piece: little is thrown away when the reply is interrupted.
const PIECE: Duration = Duration::from_millis(200);
/// Characters spoken at once; flite needs memory and time by the square of it.
const MOST_CHARACTERS: usize = 300;

/// Speaks with what Debian has. The engine lives on a thread of its own, which ends when the last of its speakers and
/// speeches is dropped.
#[derive(Debug)]
pub struct OfflineSpeaker {
    name: ProviderName,
    studio: Studio,
}

impl OfflineSpeaker {
    /// Starts the engine's thread.
    #[must_use]
    pub fn new(name: ProviderName) -> Self {
        let studio = Studio::open(name.clone());
        Self { name, studio }
    }
}

#[async_trait]
impl Speaker for OfflineSpeaker {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> SpeakerCapabilities {
        SpeakerCapabilities {
            sample_rate: RATE,
            takes_words: false,
            word_times: true,
        }
    }

    async fn speak(&self, options: SpeakOptions) -> Result<Speech, ProviderError> {
        self.studio.check(&options).await?;
        let (input, texts) = mpsc::channel(TEXT_QUEUE);
        let (out, spoken) = mpsc::channel(SPEECH_QUEUE);
        let reply = Reply {
            studio: self.studio.clone(),
            options,
            out,
            position: Duration::ZERO,
            characters: 0,
        };
        Ok(Speech {
            input,
            spoken,
            task: AbortOnDropHandle::new(tokio::spawn(reply.run(texts))),
        })
    }
}

/// One reply on its way.
struct Reply {
    studio: Studio,
    options: SpeakOptions,
    out: mpsc::Sender<Result<SpeechEvent, ProviderError>>,
    /// How much was spoken.
    position: Duration,
    /// How much text was spoken.
    characters: usize,
}

/// Nobody listens any more.
struct Deaf;

impl Reply {
    async fn run(mut self, mut texts: mpsc::Receiver<SpeechInput>) {
        while let Some(input) = texts.recv().await {
            let text = match input {
                SpeechInput::Text(text) => text,
                // Each piece is spoken as it comes: nothing waits.
                SpeechInput::Flush => continue,
                SpeechInput::Finish => break,
            };
            for piece in pieces(&text) {
                self.characters += piece.chars().count();
                match self.say(piece).await {
                    Ok(Ok(())) => {}
                    Ok(Err(Deaf)) => return,
                    Err(error) => {
                        self.tell(Err(error)).await.ok();
                        return;
                    }
                }
            }
        }
        self.tell(Ok(SpeechEvent::Finished)).await.ok();
    }

    async fn say(&mut self, text: &str) -> Result<Result<(), Deaf>, ProviderError> {
        if !text.chars().any(char::is_alphanumeric) {
            return Ok(Ok(()));
        }
        let take = Take::of(text, &self.options);
        let mut sound = self.studio.record(take).await?;
        for word in &mut sound.words {
            word.from += self.position;
            word.to += self.position;
        }
        Ok(self.pass_on(sound).await)
    }

    async fn pass_on(&mut self, sound: crate::sound::Sound) -> Result<(), Deaf> {
        self.position += RATE.duration_of(sound.samples.len());
        if !sound.words.is_empty() {
            self.tell(Ok(SpeechEvent::Words(sound.words))).await?;
        }
        let pieces = sound.samples.chunks(RATE.samples_in(PIECE));
        let last = pieces.len().saturating_sub(1);
        for (index, samples) in pieces.enumerate() {
            let spoken = Spoken {
                samples: samples.to_vec(),
                text_until: (index == last).then_some(self.characters),
            };
            self.tell(Ok(SpeechEvent::Audio(spoken))).await?;
        }
        Ok(())
    }

    async fn tell(&self, event: Result<SpeechEvent, ProviderError>) -> Result<(), Deaf> {
        self.out.send(event).await.map_err(|_| Deaf)
    }
}

/// Cuts a text into pieces that the engines take, at spaces where it can.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((limit, _)) = rest.char_indices().nth(MOST_CHARACTERS) {
        let cut = rest[..limit]
            .rfind(char::is_whitespace)
            .filter(|&space| space > 0)
            .unwrap_or(limit);
        let (piece, after) = rest.split_at(cut);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_spaces_and_nothing_is_lost() {
        let text = "word ".repeat(200);

        let pieces = pieces(&text);

        assert_eq!(pieces.concat(), text);
        assert!(pieces.iter().all(|piece| piece.len() <= MOST_CHARACTERS));
        assert!(
            pieces
                .iter()
                .all(|piece| piece.trim().ends_with("word") || piece.trim().is_empty())
        );
    }

    #[test]
    fn a_text_without_a_space_is_cut_between_letters() {
        let text = "é".repeat(700);

        assert_eq!(pieces(&text).concat(), text);
        assert_eq!(pieces(&text).len(), 3);
    }
}
