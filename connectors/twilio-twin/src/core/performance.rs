//! What is played to an ear piece by piece: what `<Say>`, `<Play>` and `<Pause>` come to.

use std::collections::VecDeque;

use room_media::{Dbfs, SampleRate, tone::Tone, ulaw};

use crate::{FRAME, Voice, twiml::Element};

/// `loop="0"` means this often.
const ENDLESS: u32 = 1_000;
/// A second has as many pieces of 20 ms.
const TICKS_PER_SECOND: f64 = 50.0;
/// Longer pauses than a call can be are cut.
const LONGEST_PAUSE: f64 = 14_400.0;
/// Length of a tone that `<Play digits>` sends, in samples.
const TONE: usize = 1_600;
/// Silence between two tones, in samples.
const GAP: usize = 800;
/// Samples that a `w` waits for.
const WAIT: usize = 4_000;

/// One thing to play.
#[derive(Debug)]
enum Item {
    Sound { codes: Vec<u8>, times: u32 },
    Silence { ticks: u32 },
    Address { url: String, times: u32 },
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Sound([u8; FRAME]),
    /// Has to be fetched first; silence until then.
    Wants(String),
    Over,
}

/// A row of things to play.
#[derive(Debug, Default)]
pub(crate) struct Performance {
    items: VecDeque<Item>,
    position: usize,
    /// Something was asked for and has not come.
    loading: bool,
}

impl Performance {
    /// Returns what the verbs among `elements` that make sound come to. `resolve` makes addresses absolute.
    pub(crate) fn of<'e>(
        elements: impl IntoIterator<Item = &'e Element>,
        voice: &dyn Voice,
        resolve: &dyn Fn(&str) -> String,
    ) -> Self {
        let items = elements
            .into_iter()
            .flat_map(|element| items(element, voice, resolve));
        Self {
            items: items.collect(),
            ..Self::default()
        }
    }

    /// Returns the next 20 ms.
    pub(crate) fn play(&mut self) -> Piece {
        if self.loading {
            return Piece::Sound([ulaw::SILENCE; FRAME]);
        }
        match self.items.front_mut() {
            None => Piece::Over,
            Some(Item::Address { url, .. }) => {
                self.loading = true;
                Piece::Wants(url.clone())
            }
            Some(Item::Silence { ticks: 0 } | Item::Sound { times: 0, .. }) => {
                self.items.pop_front();
                self.play()
            }
            Some(Item::Silence { ticks }) => {
                *ticks -= 1;
                Piece::Sound([ulaw::SILENCE; FRAME])
            }
            Some(Item::Sound { codes, times }) => {
                let mut frame = [ulaw::SILENCE; FRAME];
                let rest = &codes[self.position.min(codes.len())..];
                let count = rest.len().min(FRAME);
                frame[..count].copy_from_slice(&rest[..count]);
                self.position += FRAME;
                if self.position >= codes.len() {
                    self.position = 0;
                    *times -= 1;
                }
                Piece::Sound(frame)
            }
        }
    }

    /// Takes the sound that was asked for; without one it is skipped.
    pub(crate) fn handle_sound(&mut self, sound: Option<Vec<u8>>) {
        self.loading = false;
        if let Some(Item::Address { times, .. }) = self.items.pop_front()
            && let Some(codes) = sound
            && !codes.is_empty()
        {
            self.items.push_front(Item::Sound { codes, times });
        }
    }

    /// Plays nothing more.
    pub(crate) fn stop(&mut self) {
        *self = Self::default();
    }
}

fn items(element: &Element, voice: &dyn Voice, resolve: &dyn Fn(&str) -> String) -> Vec<Item> {
    let times = match element.number("loop") {
        None => 1,
        Some(0.0) => ENDLESS,
        Some(times) => times.min(f64::from(ENDLESS)) as u32,
    };
    let language = element.attribute("language").unwrap_or_default();
    let named = element.attribute("voice").unwrap_or_default();
    match element.name.as_str() {
        "Say" => {
            let samples = voice.speak(&element.text, language, named);
            let codes: Vec<u8> = samples.into_iter().map(ulaw::encode).collect();
            let is_empty = codes.is_empty();
            let times = if is_empty { 0 } else { times };
            vec![Item::Sound { codes, times }]
        }
        "Pause" => {
            let seconds = element.number("length").unwrap_or(1.0).min(LONGEST_PAUSE);
            vec![Item::Silence {
                ticks: (seconds * TICKS_PER_SECOND) as u32,
            }]
        }
        "Play" => {
            let mut items = Vec::new();
            if let Some(digits) = element.filled("digits") {
                items.push(Item::Sound {
                    codes: tones(digits),
                    times: 1,
                });
            }
            if !element.text.is_empty() {
                let url = resolve(&element.text);
                items.push(Item::Address { url, times });
            }
            items
        }
        _ => Vec::new(),
    }
}

/// Returns the tones of keys, as an ear hears them.
pub(crate) fn tones(digits: &str) -> Vec<u8> {
    let mut codes = Vec::new();
    for digit in digits.chars() {
        match pitches(digit) {
            Some((low, high)) => {
                let tone =
                    |hertz| Tone::new(SampleRate::HZ_8000, hertz, Dbfs::new(-13.0)).take(TONE);
                let both = tone(low).into_iter().zip(tone(high));
                codes.extend(both.map(|(a, b)| ulaw::encode(a.saturating_add(b))));
                codes.extend([ulaw::SILENCE; GAP]);
            }
            None if digit == 'w' => codes.extend([ulaw::SILENCE; WAIT]),
            None if digit == 'W' => codes.extend([ulaw::SILENCE; 2 * WAIT]),
            None => {}
        }
    }
    codes
}

/// Returns the two frequencies of a key (ITU-T Q.23).
fn pitches(digit: char) -> Option<(f32, f32)> {
    const KEYS: [&str; 4] = ["123A", "456B", "789C", "*0#D"];
    const LOW: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
    const HIGH: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];

    let row = KEYS.iter().position(|keys| keys.contains(digit))?;
    let column = KEYS[row].find(digit)?;
    Some((LOW[row], HIGH[column]))
}

#[cfg(test)]
mod tests {
    use room_media::tone;

    use super::*;
    use crate::{ToneVoice, twiml};

    fn performance(document: &str) -> Performance {
        let verbs = twiml::parse(&format!("<Response>{document}</Response>")).unwrap();
        Performance::of(&verbs, &ToneVoice, &str::to_owned)
    }

    fn ticks(mut performance: Performance) -> usize {
        (0..)
            .take_while(|_| performance.play() != Piece::Over)
            .count()
    }

    #[test]
    fn what_is_said_lasts_as_long_as_its_text() {
        assert_eq!(ticks(performance("<Say>Hello</Say>")), 15);
        assert_eq!(ticks(performance(r#"<Say loop="2">Hello</Say>"#)), 30);
        assert_eq!(ticks(performance("<Say></Say>")), 0);
    }

    #[test]
    fn a_pause_lasts_a_second_or_as_long_as_it_says() {
        assert_eq!(ticks(performance("<Pause/>")), 50);
        assert_eq!(
            ticks(performance(r#"<Pause length="3"/><Say>ab</Say>"#)),
            156
        );
    }

    #[test]
    fn a_recording_is_asked_for_before_it_is_played() {
        let mut played = performance("<Play>https://app.test/a.wav</Play>");

        assert_eq!(played.play(), Piece::Wants("https://app.test/a.wav".into()));
        assert_eq!(played.play(), Piece::Sound([ulaw::SILENCE; FRAME]));
        played.handle_sound(Some(vec![1; FRAME]));

        assert_eq!(played.play(), Piece::Sound([1; FRAME]));
        assert_eq!(played.play(), Piece::Over);
    }

    #[test]
    fn digits_are_played_as_two_tones() {
        let samples: Vec<i16> = tones("5")
            .into_iter()
            .map(ulaw::decode)
            .take(TONE)
            .collect();

        for hertz in [770.0, 1_336.0] {
            let share = tone::measure(&samples, SampleRate::HZ_8000, hertz).share;
            assert!((0.4..0.6).contains(&share), "{hertz} Hz is {share} of it");
        }
    }
}
