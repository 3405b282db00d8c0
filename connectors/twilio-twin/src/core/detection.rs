//! Answering-machine detection: what Twilio would find out about a persona, and when.

use std::time::Duration;

use super::Method;
use crate::Persona;

/// What the application asked for.
#[derive(Clone, Debug)]
pub(crate) struct Detection {
    /// Waits for the end of a machine's greeting.
    pub(crate) until_end: bool,
    pub(crate) timeout: Duration,
    /// A voice that goes on for longer is a machine's.
    pub(crate) speech: Duration,
    /// Silence after which a voice has ended.
    pub(crate) speech_end: Duration,
    /// Silence after which there is nobody to be heard.
    pub(crate) silence: Duration,
    /// Who is told, where the document does not wait for the verdict.
    pub(crate) callback: Option<(String, Method)>,
    pub(crate) is_async: bool,
}

impl Default for Detection {
    fn default() -> Self {
        Self {
            until_end: false,
            timeout: Duration::from_secs(30),
            speech: Duration::from_millis(2_400),
            speech_end: Duration::from_millis(1_200),
            silence: Duration::from_secs(5),
            callback: None,
            is_async: false,
        }
    }
}

/// Who answered, in Twilio's words, and how long after the answer that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) answered_by: &'static str,
    pub(crate) after: Duration,
}

/// Samples to time.
pub(crate) fn length(samples: &[i16]) -> Duration {
    Duration::from_micros(samples.len() as u64 * 125)
}

impl Detection {
    pub(crate) fn verdict(&self, persona: &Persona) -> Verdict {
        let (voice, beep) = match persona {
            Persona::Human { greeting, .. } => (length(greeting), false),
            Persona::Voicemail { greeting, beep, .. } => (length(greeting), *beep),
            Persona::Screening { prompt, .. } => (length(prompt), false),
            _ => (Duration::ZERO, false),
        };
        let verdict = |answered_by, after| Verdict { answered_by, after };
        let found = if voice.is_zero() && !beep {
            verdict("unknown", self.silence)
        } else if voice < self.speech && !beep {
            verdict("human", voice + self.speech_end)
        } else if !self.until_end {
            verdict("machine_start", self.speech.min(voice))
        } else if beep {
            verdict("machine_end_beep", voice + length(&crate::persona::beep()))
        } else {
            verdict("machine_end_silence", voice + self.speech_end)
        };
        if found.after > self.timeout {
            return verdict("unknown", self.timeout);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(persona: &Persona, until_end: bool) -> (&'static str, u128) {
        let detection = Detection {
            until_end,
            ..Detection::default()
        };
        let verdict = detection.verdict(persona);
        (verdict.answered_by, verdict.after.as_millis())
    }

    #[test]
    fn a_short_hello_is_a_human_s_and_a_long_greeting_a_machine_s() {
        assert_eq!(found(&Persona::human(), false), ("human", 2_200));
        assert_eq!(
            found(&Persona::voicemail(), false),
            ("machine_start", 2_400)
        );
        assert_eq!(
            found(&Persona::screening(), false),
            ("machine_start", 2_400)
        );
        assert_eq!(found(&Persona::silent(), false), ("unknown", 5_000));
    }

    #[test]
    fn the_end_of_a_message_is_its_beep_or_silence() {
        assert_eq!(found(&Persona::human(), true), ("human", 2_200));
        assert_eq!(
            found(&Persona::voicemail(), true),
            ("machine_end_beep", 4_500)
        );
        assert_eq!(
            found(&Persona::screening(), true),
            ("machine_end_silence", 4_200)
        );
    }

    #[test]
    fn a_verdict_that_takes_too_long_is_unknown() {
        let detection = Detection {
            until_end: true,
            timeout: Duration::from_secs(3),
            ..Detection::default()
        };

        let verdict = detection.verdict(&Persona::voicemail());

        assert_eq!(
            (verdict.answered_by, verdict.after),
            ("unknown", Duration::from_secs(3))
        );
    }
}
