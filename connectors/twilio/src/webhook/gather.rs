//! What a caller keyed in or said to a `<Gather>`.

use std::fmt;

use super::{VoiceRequest, WebhookError, optional};
use crate::form::Form;

/// The most digits that are kept; no menu asks for more.
const MOST_DIGITS: usize = 64;

/// The longest speech that is kept, in bytes.
const LONGEST_SPEECH: usize = 8 * 1024;

/// The answer to a menu. `Debug` shows neither digits nor words.
#[derive(Clone, PartialEq)]
pub struct Gathered {
    /// The call's own parameters.
    pub voice: VoiceRequest,
    /// The keys pressed: `0` to `9`, `*`, `#`, `A` to `D`. Empty when none was.
    pub digits: String,
    /// The key that ended the input.
    pub finished_by: Option<char>,
    /// What Twilio understood; empty when nothing was said.
    pub speech: String,
    /// How sure Twilio is of it, 0 to 1.
    pub confidence: Option<f32>,
}

impl Gathered {
    /// Reads the parameters. A key that no phone has is left out.
    ///
    /// # Errors
    /// [`WebhookError`] as for [`VoiceRequest::read`].
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        let digits = form.get("Digits").unwrap_or_default().chars();
        let mut speech = form.get("SpeechResult").unwrap_or_default();
        speech = &speech[..speech.floor_char_boundary(LONGEST_SPEECH)];
        let confidence: Option<f32> = optional(form, "Confidence");
        Ok(Self {
            voice: VoiceRequest::read(form)?,
            digits: digits
                .filter(|&key| is_key(key))
                .take(MOST_DIGITS)
                .collect(),
            finished_by: optional(form, "FinishedOnKey").filter(|&key| is_key(key)),
            speech: speech.to_owned(),
            confidence: confidence.filter(|confidence| (0.0..=1.0).contains(confidence)),
        })
    }
}

/// Returns whether a phone has this key.
pub(crate) fn is_key(key: char) -> bool {
    matches!(key, '0'..='9' | '*' | '#' | 'A'..='D')
}

impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered")
            .field("voice", &self.voice)
            .field("digits", &self.digits.len())
            .field("speech_bytes", &self.speech.len())
            .finish_non_exhaustive()
    }
}
