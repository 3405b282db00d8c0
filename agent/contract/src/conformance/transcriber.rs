//! What every transcriber does.

use std::{sync::Arc, time::Duration};

pub use super::stage::OpenCount;
use super::stage::{all_closed, bare, fail, listen_options, soon, well};
use crate::{Heard, ListenOptions, Listening, ProviderError, Transcriber, TranscriptionInput};

const PIECE: Duration = Duration::from_millis(20);

/// A transcriber and what it is tried with.
#[derive(Clone)]
pub struct TranscriberSubject {
    /// Who is tried.
    pub transcriber: Arc<dyn Transcriber>,
    /// Somebody speaking, at the transcriber's rate; at least half a second.
    pub speech: Vec<i16>,
    /// The words. A fake that says its lines must say this one for each stretch.
    pub words: String,
    /// How many of ten words may be wrong.
    pub wrong_in_ten: usize,
    /// How to listen; the default is English without keywords.
    pub options: ListenOptions,
    /// How many transcriptions the adapter or its fake holds open, where that can be counted.
    pub open: Option<OpenCount>,
}

impl TranscriberSubject {
    /// Tries a transcriber that has to get every word right.
    #[must_use]
    pub fn new(transcriber: Arc<dyn Transcriber>, speech: Vec<i16>, words: &str) -> Self {
        Self {
            transcriber,
            speech,
            words: words.to_owned(),
            wrong_in_ten: 0,
            options: listen_options(),
            open: None,
        }
    }

    async fn listen(&self) -> Listening {
        let listening = self.transcriber.listen(self.options.clone());
        well("listening", soon("listening", listening).await)
    }

    async fn speak(&self, listening: &Listening) {
        self.send(listening, &self.speech).await;
    }

    async fn silence(&self, listening: &Listening, duration: Duration) {
        let rate = self.transcriber.capabilities().sample_rate;
        let silence = vec![0; rate.samples_in(duration)];
        self.send(listening, &silence).await;
    }

    async fn send(&self, listening: &Listening, samples: &[i16]) {
        let rate = self.transcriber.capabilities().sample_rate;
        for piece in samples.chunks(rate.samples_in(PIECE)) {
            let piece = TranscriptionInput::Audio(piece.into());
            let sent = soon("room in the queue", listening.input.send(piece)).await;
            if sent.is_err() {
                fail("it closed its input");
            }
        }
    }

    fn understood(&self, text: &str) {
        let (wanted, heard) = (bare(&self.words), bare(text));
        let missed = wanted.iter().filter(|word| !heard.contains(word)).count();
        let extra = heard.iter().filter(|word| !wanted.contains(word)).count();
        if missed.max(extra) * 10 > self.wrong_in_ten * wanted.len() {
            fail(&format!("wanted {wanted:?}, heard {heard:?}"));
        }
    }
}

/// What was spoken comes as final text soon after [`TranscriptionInput::Finalize`].
pub async fn speech_becomes_its_words(subject: TranscriberSubject) {
    let mut listening = subject.listen().await;

    subject.speak(&listening).await;
    finalize(&listening).await;

    subject.understood(&stretch(&mut listening).await.text);
}

/// Who tells interims does so before the end.
pub async fn interims_come_before_the_final(subject: TranscriberSubject) {
    let mut listening = subject.listen().await;

    subject.speak(&listening).await;
    finalize(&listening).await;
    let told = stretch(&mut listening).await;

    if subject.transcriber.capabilities().interim && told.interims == 0 {
        fail("no interim came");
    }
}

/// Silence is heard as nothing, not as words.
pub async fn silence_has_no_words(subject: TranscriberSubject) {
    let listening = subject.listen().await;

    subject.silence(&listening, Duration::from_secs(1)).await;
    finalize(&listening).await;

    let text = rest(listening).await;
    if !text.is_empty() {
        fail(&format!("heard in silence: {text:?}"));
    }
}

/// Each stretch has its own text, in order.
pub async fn stretches_come_one_after_the_other(subject: TranscriberSubject) {
    let mut listening = subject.listen().await;

    for _ in 0..3 {
        subject.speak(&listening).await;
        finalize(&listening).await;
        subject.understood(&stretch(&mut listening).await.text);
        subject
            .silence(&listening, Duration::from_millis(300))
            .await;
    }
}

/// Closing the input loses nothing, and ends it.
pub async fn closing_the_input_tells_what_is_open(subject: TranscriberSubject) {
    let listening = subject.listen().await;

    subject.speak(&listening).await;

    subject.understood(&rest(listening).await);
    all_closed(subject.open.as_ref()).await;
}

/// Dropping it in mid-speech leaves nothing behind, and it can listen again.
pub async fn dropping_it_ends_it(subject: TranscriberSubject) {
    for _ in 0..5 {
        let listening = subject.listen().await;
        subject
            .send(&listening, &subject.speech[..subject.speech.len() / 2])
            .await;
        drop(listening);
    }

    all_closed(subject.open.as_ref()).await;
    let mut listening = subject.listen().await;
    subject.speak(&listening).await;
    finalize(&listening).await;
    subject.understood(&stretch(&mut listening).await.text);
}

/// Two people do not hear each other's words, nor wait for each other's end.
pub async fn two_people_are_heard_side_by_side(subject: TranscriberSubject) {
    let (mut ann, bob) = (subject.listen().await, subject.listen().await);

    subject.silence(&bob, Duration::from_millis(300)).await;
    subject.speak(&ann).await;
    finalize(&ann).await;
    subject.understood(&stretch(&mut ann).await.text);

    let of_bob = rest(bob).await;
    if !of_bob.is_empty() {
        fail(&format!("heard from who was silent: {of_bob:?}"));
    }
}

/// What was kept while another provider failed comes all at once.
pub async fn sound_in_a_burst_is_taken(subject: TranscriberSubject) {
    let mut listening = subject.listen().await;

    subject.silence(&listening, Duration::from_secs(5)).await;
    subject.speak(&listening).await;
    finalize(&listening).await;

    subject.understood(&stretch(&mut listening).await.text);
}

/// A fault is told as what it is, in the provider's name, and nothing follows it.
///
/// The kind is one of [`ProviderError::kind`].
pub async fn fails_as(subject: TranscriberSubject, kind: &str) -> ProviderError {
    let listening = soon(
        "listening",
        subject.transcriber.listen(subject.options.clone()),
    )
    .await;
    let error = match listening {
        Err(error) => error,
        Ok(mut listening) => {
            let rate = subject.transcriber.capabilities().sample_rate;
            for piece in subject.speech.chunks(rate.samples_in(PIECE)) {
                // It may fail at any time: what it says counts.
                let _ = listening
                    .input
                    .send(TranscriptionInput::Audio(piece.into()))
                    .await;
            }
            let _ = listening.input.send(TranscriptionInput::Finalize).await;
            let error = soon("the fault", first_error(&mut listening)).await;
            if soon("the end", listening.heard.recv()).await.is_some() {
                fail("something came after the error");
            }
            error
        }
    };
    check(&error, kind, subject.transcriber.name());
    all_closed(subject.open.as_ref()).await;
    error
}

pub(super) fn check(error: &ProviderError, kind: &str, name: &crate::ProviderName) {
    if error.kind() != kind {
        fail(&format!("wanted {kind}, but it is {error:?}"));
    }
    if error.provider() != name {
        fail(&format!(
            "{name} failed, but {} is blamed",
            error.provider()
        ));
    }
}

async fn first_error(listening: &mut Listening) -> ProviderError {
    loop {
        match listening.heard.recv().await {
            Some(Err(error)) => return error,
            Some(Ok(_)) => {}
            None => fail("it ended without an error"),
        }
    }
}

async fn finalize(listening: &Listening) {
    let sent = listening.input.send(TranscriptionInput::Finalize);
    if soon("room in the queue", sent).await.is_err() {
        fail("it closed its input");
    }
}

struct Stretch {
    text: String,
    interims: usize,
}

/// Returns the next final text that is not empty.
async fn stretch(listening: &mut Listening) -> Stretch {
    let mut interims = 0;
    loop {
        match soon("a final", listening.heard.recv()).await {
            Some(Ok(Heard::Final(transcript))) if !transcript.text.is_empty() => {
                let text = transcript.text;
                return Stretch { text, interims };
            }
            Some(Ok(Heard::Interim(_))) => interims += 1,
            Some(Ok(_)) => {}
            Some(Err(error)) => fail(&format!("{error:?}")),
            None => fail("it ended"),
        }
    }
}

/// Closes the input and returns all final text until the end.
async fn rest(listening: Listening) -> String {
    let Listening {
        input,
        mut heard,
        task,
    } = listening;
    drop(input);
    let mut text = String::new();
    while let Some(result) = soon("the end", heard.recv()).await {
        if let Heard::Final(transcript) = well("hearing", result) {
            text.push_str(&transcript.text);
            text.push(' ');
        }
    }
    drop(task);
    text.trim().to_owned()
}
