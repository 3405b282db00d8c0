//! The few sentences that count in a conversation of several people, and the ear that spots them over any line. It
//! knows nothing else, so that what it makes out was said; so many words in a row are not found by chance.

use std::path::Path;

use room_media::SampleRate;

use crate::{ear, sound};

/// How much likelier the words are than any other sounds. Over two telephones and a codec that loses every tenth
/// packet, nothing is missed nor made up between 1e-20 and 1e-50.
const CERTAINTY: &str = "1e-30";

const ALL: [Sentence; 4] = [
    Sentence::Hers,
    Sentence::His,
    Sentence::Choice,
    Sentence::Left,
];

/// What somebody may have heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sentence {
    /// What the first one says: nothing that an agent answers.
    Hers,
    /// What the second one says: no word of it is in hers.
    His,
    /// The end of what a contact is told before they decide.
    Choice,
    /// The end of what callers are told when a contact has gone.
    Left,
}

impl Sentence {
    /// Returns it as it is said.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Hers => "My house has a garden with old apple trees.",
            Self::His => "The early train to London leaves at seven.",
            Self::Choice => "Say yes to take the call. Press 2 or say no to decline.",
            Self::Left => "Thomas has left the call. Is there anything else I can do for you?",
        }
    }

    /// Returns its parts, each of which is proof enough: a busy machine makes holes, and a hole spoils one.
    fn parts(self) -> [&'static str; 2] {
        match self {
            Self::Hers => ["my house has a garden", "old apple trees"],
            Self::His => ["the early train to london", "leaves at seven"],
            Self::Choice => ["say yes to take the call", "say no to decline"],
            Self::Left => ["has left the call", "is there anything else"],
        }
    }
}

/// Returns which of the sentences are in what somebody heard.
pub(crate) async fn in_sound(samples: &[i16], rate: SampleRate) -> Vec<Sentence> {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("heard.wav");
    sound::for_ears(samples, rate, &recording);
    let heard = spotted(&recording, &folder.path().join("sentences")).await;
    let made_out = ALL.into_iter();
    made_out
        .filter(|sentence| sentence.parts().iter().any(|part| heard.contains(part)))
        .collect()
}

async fn spotted(recording: &Path, list: &Path) -> String {
    let parts = ALL.map(Sentence::parts).into_iter().flatten();
    let lines: Vec<String> = parts
        .map(|part| format!("{part} /{CERTAINTY}/\n"))
        .collect();
    std::fs::write(list, lines.concat()).unwrap();
    ear::listen(recording, &["-kws".as_ref(), list.as_os_str()]).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use room_media::Music;

    use super::*;
    use crate::phone::at_rate;
    use crate::sound::{LINE, RMS};

    async fn said(words: &str) -> Vec<i16> {
        let folder = tempfile::tempdir().unwrap();
        at_rate(&sound::speech(folder.path(), RMS, words).await, LINE)
    }

    #[tokio::test]
    async fn each_sentence_is_made_out_over_a_telephone_and_no_other() {
        for sentence in ALL {
            let heard = in_sound(&said(sentence.words()).await, LINE).await;

            assert_eq!(heard, [sentence]);
        }
    }

    #[tokio::test]
    async fn several_sentences_are_made_out_in_one_recording() {
        let mut samples = said(Sentence::His.words()).await;
        samples.extend(said("Thomas is with us now. How can I help you?").await);
        samples.extend(said(Sentence::Hers.words()).await);

        assert_eq!(
            in_sound(&samples, LINE).await,
            [Sentence::Hers, Sentence::His]
        );
    }

    #[tokio::test]
    async fn nothing_is_made_out_of_silence_music_or_what_else_is_said() {
        let mut samples = vec![0; LINE.samples_in(Duration::from_secs(10))];
        assert_eq!(in_sound(&samples, LINE).await, []);

        Music::new(LINE).fill(&mut samples);
        assert_eq!(in_sound(&samples, LINE).await, []);

        let other = said("Good morning, I am calling Thomas for you. One moment, please.").await;
        assert_eq!(in_sound(&other, LINE).await, []);
    }
}
