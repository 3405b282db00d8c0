//! A speaker and a transcriber to play with.

use std::{
    ops::Deref,
    sync::{Arc, LazyLock},
    time::Duration,
};

use agent_contract::{
    Heard, Language, ListenOptions, Listening, ProviderName, SpeakOptions, Speaker, SpeechEvent,
    SpeechInput, Transcriber, Transcript, TranscriptionInput, WordTime,
};
use agent_providers_offline::{
    DecoderSettings, Decoders, Grammar, OfflineSpeaker, OfflineTranscriber,
};
use room_media::{Channels, Format, Resampler, SampleRate, ulaw};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

/// 20 ms at 16 kHz.
pub(crate) const CHUNK: usize = 320;
/// No engine needs so long, even on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What callers of the tests' profile say.
pub(crate) const PHRASES: [&str; 10] = [
    "what are your opening hours",
    "when are you open on {day}",
    "i would like to book an appointment",
    "how much is a {service}",
    "where are you",
    "can i speak with thomas",
    "repeat that",
    "my name is {name}",
    "my number is {number}",
    "goodbye",
];

pub(crate) fn grammar() -> Grammar {
    let mut grammar = Grammar::default();
    PHRASES.iter().for_each(|phrase| grammar.add_phrase(phrase));
    grammar.add_value("service", "haircut");
    grammar.add_value("service", "beard trim");
    grammar
}

/// The decoders that the tests share: their models take a second to load.
pub(crate) fn decoders() -> Arc<Decoders> {
    static DECODERS: LazyLock<Arc<Decoders>> =
        LazyLock::new(|| Decoders::start(&DecoderSettings::default()));
    Arc::clone(&DECODERS)
}

/// A transcriber, and the right to use the decoders: with all tests at once they would wait for each other.
pub(crate) struct Ear {
    transcriber: OfflineTranscriber,
    _turn: MutexGuard<'static, ()>,
}

impl Deref for Ear {
    type Target = OfflineTranscriber;

    fn deref(&self) -> &OfflineTranscriber {
        &self.transcriber
    }
}

pub(crate) async fn transcriber(grammar: Grammar) -> Ear {
    static TURN: Mutex<()> = Mutex::const_new(());
    let name = ProviderName::new("offline");
    Ear {
        _turn: TURN.lock().await,
        transcriber: OfflineTranscriber::new(name, decoders(), grammar),
    }
}

pub(crate) fn english() -> ListenOptions {
    ListenOptions {
        language: Language::english(),
        keywords: Arc::from([]),
    }
}

/// A reply as it came.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    pub(crate) samples: Vec<i16>,
    pub(crate) words: Vec<WordTime>,
    pub(crate) text_until: Vec<usize>,
    pub(crate) finished: bool,
}

pub(crate) async fn speak(texts: &[&str], language: &str, voice: Option<&str>) -> Spoken {
    let speaker = OfflineSpeaker::new(ProviderName::new("offline"));
    let options = SpeakOptions {
        voice: voice.map(Into::into),
        language: language.parse().unwrap(),
    };
    let mut speech = speaker.speak(options).await.unwrap();
    for text in texts {
        let text = SpeechInput::Text((*text).to_owned());
        speech.input.send(text).await.unwrap();
    }
    speech.input.send(SpeechInput::Finish).await.unwrap();
    let mut spoken = Spoken::default();
    while let Some(event) = timeout(PATIENCE, speech.spoken.recv()).await.unwrap() {
        match event.unwrap() {
            SpeechEvent::Audio(piece) => {
                spoken.samples.extend(piece.samples);
                spoken.text_until.extend(piece.text_until);
            }
            SpeechEvent::Words(words) => spoken.words.extend(words),
            SpeechEvent::Finished => spoken.finished = true,
            _ => {}
        }
    }
    spoken
}

/// The sound as a telephone would pass it on.
pub(crate) fn by_telephone(samples: &[i16]) -> Vec<i16> {
    let narrow = resampled(samples, SampleRate::HZ_16000, SampleRate::HZ_8000);
    let (mut codes, mut decoded) = (Vec::new(), Vec::new());
    ulaw::encode_into(&narrow, &mut codes);
    ulaw::decode_into(&codes, &mut decoded);
    resampled(&decoded, SampleRate::HZ_8000, SampleRate::HZ_16000)
}

fn resampled(samples: &[i16], rate: SampleRate, to: SampleRate) -> Vec<i16> {
    let channels = Channels::Mono;
    let mut resampler = Resampler::new(Format { rate, channels }, to).unwrap();
    let mut output = Vec::new();
    resampler.process(samples, &mut output);
    output
}

/// Sends sound in pieces of 20 ms, with half a second of silence around it.
pub(crate) async fn send(listening: &Listening, samples: &[i16]) {
    let silence = vec![0; 25 * CHUNK];
    for samples in [&silence, samples, &silence] {
        for chunk in samples.chunks(CHUNK) {
            let audio = TranscriptionInput::Audio(chunk.into());
            timeout(PATIENCE, listening.input.send(audio))
                .await
                .unwrap()
                .unwrap();
        }
    }
}

/// Ends the utterance and returns the final text and the interim ones before it.
pub(crate) async fn finalize(listening: &mut Listening) -> (Transcript, Vec<String>) {
    let end = TranscriptionInput::Finalize;
    listening.input.send(end).await.unwrap();
    let mut interim = Vec::new();
    loop {
        let heard = timeout(PATIENCE, listening.heard.recv()).await.unwrap();
        match heard.expect("a final text").unwrap() {
            Heard::Interim(transcript) => interim.push(transcript.text),
            Heard::Final(transcript) => return (transcript, interim),
            _ => {}
        }
    }
}

/// Returns what a transcriber makes of a sound.
pub(crate) async fn hear(transcriber: &Ear, samples: &[i16]) -> Transcript {
    let mut listening = transcriber.listen(english()).await.unwrap();
    send(&listening, samples).await;
    finalize(&mut listening).await.0
}
