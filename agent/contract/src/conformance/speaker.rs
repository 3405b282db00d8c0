//! What every speaker does.

use std::{sync::Arc, time::Duration};

use room_media::Level;

pub use super::stage::OpenCount;
use super::stage::{all_closed, bare, fail, soon, speak_options, well};
use super::transcriber::check;
use crate::{ProviderError, SpeakOptions, Speaker, Speech, SpeechEvent, SpeechInput, WordTime};

/// The quickest and the slowest speech, per character.
const PER_CHARACTER: (Duration, Duration) = (Duration::from_millis(30), Duration::from_millis(125));

/// Silence before and after, and what a short text needs anyway.
const AROUND: Duration = Duration::from_millis(1_500);

/// Softer is not speech.
const AUDIBLE: f32 = -45.0;

/// A speaker and what it is tried with.
#[derive(Clone)]
pub struct SpeakerSubject {
    /// Who is tried.
    pub speaker: Arc<dyn Speaker>,
    /// Two sentences.
    pub text: [String; 2],
    /// How to speak; the default is English with the provider's own voice.
    pub options: SpeakOptions,
    /// How many replies the adapter or its fake holds open, where that can be counted.
    pub open: Option<OpenCount>,
}

impl SpeakerSubject {
    /// Tries a speaker with two English sentences.
    #[must_use]
    pub fn new(speaker: Arc<dyn Speaker>) -> Self {
        Self {
            speaker,
            text: [
                "We are open from nine to five. ".to_owned(),
                "Would you like to book a table?".to_owned(),
            ],
            options: speak_options(),
            open: None,
        }
    }

    async fn speak(&self) -> Speech {
        let speech = self.speaker.speak(self.options.clone());
        well("speaking", soon("speaking", speech).await)
    }

    fn whole_text(&self) -> String {
        self.text.concat()
    }

    fn lasts(&self, reply: &Reply, text: &str) {
        let rate = self.speaker.capabilities().sample_rate;
        let lasted = rate.duration_of(reply.samples.len());
        let characters = text.chars().count() as u32;
        let (least, most) = PER_CHARACTER;
        if lasted < least * characters || lasted > most * characters + AROUND {
            fail(&format!("{characters} characters last {lasted:?}"));
        }
        let level = Level::of(&reply.samples).rms;
        if level.decibels() < AUDIBLE {
            fail(&format!("it is as soft as {level}"));
        }
    }
}

/// Text becomes sound that lasts as long as such a text does, and then it is finished.
pub async fn text_becomes_sound_of_its_length(subject: SpeakerSubject) {
    let speech = subject.speak().await;
    let text = subject.whole_text();

    tell(&speech, SpeechInput::Text(text.clone())).await;
    tell(&speech, SpeechInput::Finish).await;

    subject.lasts(&whole(speech).await, &text);
    all_closed(subject.open.as_ref()).await;
}

/// Who closes the input has said all.
pub async fn closing_the_input_is_finishing(subject: SpeakerSubject) {
    let speech = subject.speak().await;
    let text = subject.whole_text();

    tell(&speech, SpeechInput::Text(text.clone())).await;
    let Speech {
        input,
        spoken,
        task,
    } = speech;
    drop(input);
    let reply = gather(spoken).await;

    drop(task);
    subject.lasts(&reply, &text);
}

/// A flushed sentence is spoken while the next one is not written yet.
pub async fn flushed_text_is_spoken_before_the_end(subject: SpeakerSubject) {
    let mut speech = subject.speak().await;

    tell(&speech, SpeechInput::Text(subject.text[0].clone())).await;
    tell(&speech, SpeechInput::Flush).await;
    let first = loop {
        match soon("the first sound", speech.spoken.recv()).await {
            Some(Ok(SpeechEvent::Audio(spoken))) if !spoken.samples.is_empty() => {
                break spoken.samples;
            }
            Some(Ok(SpeechEvent::Finished)) | None => fail("it finished before the end"),
            Some(Ok(_)) => {}
            Some(Err(error)) => fail(&format!("{error:?}")),
        }
    };
    tell(&speech, SpeechInput::Text(subject.text[1].clone())).await;
    tell(&speech, SpeechInput::Flush).await;
    tell(&speech, SpeechInput::Finish).await;
    let mut reply = whole(speech).await;
    reply.samples.splice(..0, first);

    subject.lasts(&reply, &subject.whole_text());
}

/// A reply without words is no sound and no error.
pub async fn nothing_to_say_is_finished_at_once(subject: SpeakerSubject) {
    let speech = subject.speak().await;

    tell(&speech, SpeechInput::Flush).await;
    tell(&speech, SpeechInput::Finish).await;
    let reply = whole(speech).await;

    let rate = subject.speaker.capabilities().sample_rate;
    if rate.duration_of(reply.samples.len()) > AROUND {
        fail("it spoke without words");
    }
    all_closed(subject.open.as_ref()).await;
}

/// The queue waits for a listener who takes the sound at its own pace.
pub async fn a_slow_listener_loses_nothing(subject: SpeakerSubject) {
    let mut speech = subject.speak().await;
    let text = subject.whole_text();

    tell(&speech, SpeechInput::Text(text.clone())).await;
    tell(&speech, SpeechInput::Finish).await;
    let mut reply = Reply::default();
    for _ in 0..20 {
        // As a room does: it takes a piece, then it is busy.
        tokio::time::sleep(Duration::from_millis(10)).await;
        match soon("a piece", speech.spoken.recv()).await {
            Some(event) => {
                if reply.takes(well("speaking", event)) {
                    break;
                }
            }
            None => break,
        }
    }
    if !reply.finished {
        reply.joined(whole(speech).await);
    }

    subject.lasts(&reply, &text);
}

/// Words, their times, and the place in the text only go forward, and end where the text does.
pub async fn progress_is_told_in_order(subject: SpeakerSubject) {
    let speech = subject.speak().await;
    let text = subject.whole_text();

    tell(&speech, SpeechInput::Text(text.clone())).await;
    tell(&speech, SpeechInput::Finish).await;
    let reply = whole(speech).await;

    let capabilities = subject.speaker.capabilities();
    let lasted = capabilities.sample_rate.duration_of(reply.samples.len());
    if capabilities.word_times {
        let spoken: Vec<String> = reply.words.iter().flat_map(|w| bare(&w.word)).collect();
        if spoken != bare(&text) {
            fail(&format!("the words are {spoken:?}"));
        }
    }
    if !reply.words.is_sorted_by_key(|word| word.from) {
        fail(&format!("the times are {:?}", reply.words));
    }
    if let Some(last) = reply.words.last()
        && last.to > lasted + Duration::from_millis(300)
    {
        fail(&format!("{last:?} is after the end at {lasted:?}"));
    }
    let end = text.chars().count();
    if !reply.places.is_sorted() || reply.places.last().is_some_and(|&last| last > end) {
        fail(&format!("the places are {:?} of {end}", reply.places));
    }
    if !capabilities.word_times && reply.places.last().is_some_and(|&last| last + 2 < end) {
        fail(&format!(
            "the last place is {:?} of {end}",
            reply.places.last()
        ));
    }
}

/// Dropping a reply in its middle leaves nothing behind, and it can speak again.
pub async fn dropping_it_ends_it(subject: SpeakerSubject) {
    for _ in 0..5 {
        let mut speech = subject.speak().await;
        tell(&speech, SpeechInput::Text(subject.whole_text())).await;
        tell(&speech, SpeechInput::Flush).await;
        drop(soon("the first sound", speech.spoken.recv()).await);
        drop(speech);
    }

    all_closed(subject.open.as_ref()).await;
    text_becomes_sound_of_its_length(subject).await;
}

/// Two replies do not wait for each other's end.
pub async fn two_replies_are_spoken_side_by_side(subject: SpeakerSubject) {
    let first = subject.speak().await;

    text_becomes_sound_of_its_length(SpeakerSubject {
        open: None,
        ..subject.clone()
    })
    .await;

    tell(&first, SpeechInput::Text(subject.whole_text())).await;
    tell(&first, SpeechInput::Finish).await;
    subject.lasts(&whole(first).await, &subject.whole_text());
}

/// A fault is told as what it is, in the provider's name, and nothing follows it.
///
/// The kind is one of [`ProviderError::kind`].
pub async fn fails_as(subject: SpeakerSubject, kind: &str) -> ProviderError {
    let error = match soon("speaking", subject.speaker.speak(subject.options.clone())).await {
        Err(error) => error,
        Ok(mut speech) => {
            // It may fail at any time: what it says counts.
            let _ = speech
                .input
                .send(SpeechInput::Text(subject.whole_text()))
                .await;
            let _ = speech.input.send(SpeechInput::Finish).await;
            let error = loop {
                match soon("the fault", speech.spoken.recv()).await {
                    Some(Err(error)) => break error,
                    Some(Ok(SpeechEvent::Finished)) | None => fail("it ended without an error"),
                    Some(Ok(_)) => {}
                }
            };
            if soon("the end", speech.spoken.recv()).await.is_some() {
                fail("something came after the error");
            }
            error
        }
    };
    check(&error, kind, subject.speaker.name());
    all_closed(subject.open.as_ref()).await;
    error
}

#[derive(Default)]
struct Reply {
    samples: Vec<i16>,
    words: Vec<WordTime>,
    places: Vec<usize>,
    finished: bool,
}

impl Reply {
    /// Takes what was told, and returns whether that was the end.
    fn takes(&mut self, event: SpeechEvent) -> bool {
        match event {
            SpeechEvent::Audio(spoken) => {
                self.samples.extend(spoken.samples);
                self.places.extend(spoken.text_until);
            }
            SpeechEvent::Words(words) => self.words.extend(words),
            SpeechEvent::Finished => self.finished = true,
            SpeechEvent::Charged(_) | SpeechEvent::Incident(_) => {}
        }
        self.finished
    }

    fn joined(&mut self, more: Self) {
        self.samples.extend(more.samples);
        self.words.extend(more.words);
        self.places.extend(more.places);
        self.finished |= more.finished;
    }
}

async fn tell(speech: &Speech, input: SpeechInput) {
    if soon("room in the queue", speech.input.send(input))
        .await
        .is_err()
    {
        fail("it closed its input");
    }
}

/// Listens to the end.
async fn whole(speech: Speech) -> Reply {
    let Speech {
        input,
        spoken,
        task,
    } = speech;
    let reply = gather(spoken).await;
    drop((input, task));
    reply
}

async fn gather(
    mut spoken: tokio::sync::mpsc::Receiver<Result<SpeechEvent, ProviderError>>,
) -> Reply {
    let mut reply = Reply::default();
    loop {
        match soon("the end", spoken.recv()).await {
            Some(event) => {
                if reply.takes(well("speaking", event)) {
                    break;
                }
            }
            None => fail("it closed before it had finished"),
        }
    }
    if soon("the close", spoken.recv()).await.is_some() {
        fail("something came after the end");
    }
    reply
}
