//! What the service tells, as the contract words it.

use std::{collections::VecDeque, time::Duration};

use agent_contract::{Heard, Transcript};
use agent_wire::{Failure, Refusal};
use serde_json::Value;

/// Longer than any live session; times beyond are nonsense.
const LONGEST: f64 = 86_400.0;

/// The state of a turn as the service sees it.
#[derive(Debug, Default)]
pub(super) struct Results {
    /// Final words came since the last end of a turn.
    is_turn_open: bool,
    /// Seconds of sound that results were about.
    covered: f64,
    charged: f64,
    answers: u64,
    is_over: bool,
    heard: VecDeque<Heard>,
}

impl Results {
    /// Takes the next message.
    pub(super) fn handle(&mut self, text: &str) -> Result<(), Failure> {
        let message: Value =
            serde_json::from_str(text).map_err(|_| Failure::Nonsense("a message is not JSON"))?;
        match message["type"].as_str() {
            Some("Results") => self.handle_results(&message)?,
            Some("UtteranceEnd") => self.end_turn(),
            Some("Metadata") => {
                self.is_over = true;
                self.charge(seconds(&message["duration"]).unwrap_or(self.charged));
            }
            // Not in the published protocol, and never good news.
            Some("Error") => return Err(Refusal::new(1011).into()),
            // New kinds may come at any time.
            Some(_) => {}
            None => return Err(Failure::Nonsense("a message has no type")),
        }
        Ok(())
    }

    pub(super) fn poll_heard(&mut self) -> Option<Heard> {
        self.heard.pop_front()
    }

    /// How much sound has been answered, in seconds.
    pub(super) fn covered(&self) -> f64 {
        self.covered
    }

    /// How often a stretch has been finalized.
    pub(super) fn answers(&self) -> u64 {
        self.answers
    }

    /// Whether the service has said its last word.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    fn handle_results(&mut self, message: &Value) -> Result<(), Failure> {
        let best = &message["channel"]["alternatives"][0];
        let transcript = best["transcript"]
            .as_str()
            .map(|text| transcript(text, best))
            .ok_or(Failure::Nonsense("results without a transcript"))?;
        let (start, duration) = (seconds(&message["start"]), seconds(&message["duration"]));
        let (Some(start), Some(duration)) = (start, duration) else {
            return Err(Failure::Nonsense("results of no time"));
        };
        self.covered = self.covered.max(start + duration);
        if message["is_final"] != true {
            if !transcript.text.is_empty() {
                self.heard.push_back(Heard::Interim(transcript));
            }
            return Ok(());
        }
        self.charge(start + duration);
        let is_asked_for = message["from_finalize"] == true;
        self.answers += u64::from(is_asked_for);
        if !transcript.text.is_empty() || is_asked_for {
            self.is_turn_open |= !transcript.text.is_empty();
            self.heard.push_back(Heard::Final(transcript));
        }
        if message["speech_final"] == true {
            self.end_turn();
        }
        Ok(())
    }

    /// Tells the end of a turn once: a silence after it is no second end.
    fn end_turn(&mut self) {
        if std::mem::take(&mut self.is_turn_open) {
            self.heard.push_back(Heard::EndOfTurn);
        }
    }

    fn charge(&mut self, until: f64) {
        let more = Duration::try_from_secs_f64(until - self.charged).unwrap_or_default();
        if !more.is_zero() {
            self.charged = until;
            self.heard.push_back(Heard::Charged(more));
        }
    }
}

fn seconds(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .filter(|seconds| (0.0..LONGEST).contains(seconds))
}

fn transcript(text: &str, alternative: &Value) -> Transcript {
    let language = alternative["languages"][0].as_str();
    Transcript {
        text: text.trim().to_owned(),
        confidence: alternative["confidence"]
            .as_f64()
            .map(|confidence| confidence as f32),
        language: language.and_then(|tag| tag.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Told(bool, bool, bool, &'static str);

    /// Is it final, does it end the speech, was it asked for; and the words.
    fn results(at: f64, Told(is_final, speech_final, from_finalize, text): Told) -> String {
        let alternative = json!({ "transcript": text, "confidence": 0.5, "words": [] });
        json!({
            "type": "Results", "channel_index": [0, 1], "start": at, "duration": 1.0,
            "is_final": is_final, "speech_final": speech_final, "from_finalize": from_finalize,
            "channel": { "alternatives": [alternative] },
        })
        .to_string()
    }

    fn utterance_end() -> String {
        json!({ "type": "UtteranceEnd", "channel": [0, 1], "last_word_end": -1 }).to_string()
    }

    /// What is told besides the price.
    fn told(messages: &[String]) -> Vec<String> {
        let mut results = Results::default();
        for message in messages {
            results.handle(message).unwrap();
        }
        let heard = std::iter::from_fn(|| results.poll_heard());
        heard
            .filter_map(|heard| match heard {
                Heard::Interim(transcript) => Some(format!("{}…", transcript.text)),
                Heard::Final(transcript) => Some(transcript.text),
                Heard::EndOfTurn => Some("|".to_owned()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_turn_is_its_finals_up_to_the_end_of_speech() {
        let messages = [
            results(0.0, Told(false, false, false, "I would")),
            results(0.0, Told(true, false, false, "I would like")),
            results(1.0, Told(true, true, false, "a table.")),
        ];

        assert_eq!(
            told(&messages),
            ["I would…", "I would like", "a table.", "|"]
        );
    }

    #[test]
    fn an_utterance_end_after_the_end_of_speech_is_no_second_one() {
        let messages = [
            results(0.0, Told(true, true, false, "Yes.")),
            utterance_end(),
            utterance_end(),
        ];

        assert_eq!(told(&messages), ["Yes.", "|"]);
    }

    #[test]
    fn an_utterance_end_stands_in_for_an_end_of_speech_that_never_comes() {
        let messages = [
            results(0.0, Told(true, false, false, "Yes.")),
            utterance_end(),
        ];

        assert_eq!(told(&messages), ["Yes.", "|"]);
    }

    #[test]
    fn silence_is_told_when_it_was_asked_for_only() {
        let messages = [
            results(0.0, Told(true, false, false, "")),
            results(1.0, Told(false, false, false, "")),
            results(2.0, Told(true, true, true, "")),
        ];

        assert_eq!(told(&messages), [""]);
    }

    #[test]
    fn sound_is_charged_once() {
        let mut results_ = Results::default();
        for message in [
            results(0.0, Told(true, false, false, "")),
            results(0.0, Told(true, false, true, "")),
            results(1.0, Told(true, false, false, "")),
            json!({ "type": "Metadata", "duration": 2.5 }).to_string(),
        ] {
            results_.handle(&message).unwrap();
        }

        let charged =
            std::iter::from_fn(|| results_.poll_heard()).filter_map(|heard| match heard {
                Heard::Charged(time) => Some(time),
                _ => None,
            });

        assert_eq!(charged.sum::<Duration>(), Duration::from_millis(2500));
    }

    #[test]
    fn rubbish_is_an_error_and_new_kinds_are_not() {
        let mut results = Results::default();

        assert!(results.handle("<html>").is_err());
        assert!(results.handle("[]").is_err());
        assert!(results.handle(r#"{"type":"Results","channel":7}"#).is_err());
        assert!(results.handle(r#"{"type":"Results","start":1e300,"duration":1,"channel":{"alternatives":[{"transcript":""}]}}"#).is_err());
        assert!(results.handle(r#"{"type":"SomethingNew"}"#).is_ok());
    }
}
