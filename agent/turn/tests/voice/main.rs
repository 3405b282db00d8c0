//! Voices are heard at once; tones, music, noise and a quiet room are not voices.

mod sounds;

use std::time::Duration;

use agent_turn::{VOICE_HANGOVER, VoiceDetector, VoiceEvent};
use sounds::{RATE, chord, melody, noise, over_the_phone, silence, spoken, tones, vowels};

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_voice_is_noticed_within_60_ms() {
    for pitch in [90.0, 120.0, 160.0, 210.0, 260.0] {
        let sound = [silence(300), vowels(pitch, 700), silence(600)].concat();

        let events = listen(&sound, 320);

        let [began, _] = both(&events);
        let late = began.told.saturating_sub(300 * MS);
        assert!(late <= 60 * MS, "{pitch} Hz: {late:?}");
        assert!(began.is_about(300 * MS, 48 * MS), "{pitch} Hz: {began:?}");
    }
}

#[test]
fn a_voice_ends_one_hangover_after_its_last_sound() {
    let sound = [silence(300), vowels(120.0, 700), silence(600)].concat();

    let events = listen(&sound, 160);

    let [_, ended] = both(&events);
    assert!(ended.is_about(1_000 * MS, 48 * MS), "{ended:?}");
    let waited = ended.told.saturating_sub(ended.happened);
    assert!(
        waited >= VOICE_HANGOVER && waited <= VOICE_HANGOVER + 40 * MS,
        "{ended:?}"
    );
}

#[test]
fn the_size_of_the_pieces_makes_no_difference() {
    let sound = [silence(300), vowels(120.0, 700), silence(600)].concat();
    let happened = |piece| {
        listen(&sound, piece)
            .iter()
            .map(|e| e.happened)
            .collect::<Vec<_>>()
    };

    for piece in [1, 160, 320, 999, sound.len()] {
        assert_eq!(happened(piece), happened(256), "{piece}");
    }
}

#[test]
fn a_short_pause_does_not_end_a_voice() {
    let sound = [
        vowels(120.0, 500),
        silence(120),
        vowels(120.0, 500),
        silence(500),
    ]
    .concat();

    assert_eq!(listen(&sound, 320).len(), 2);
}

#[test]
fn telephone_tones_are_no_voices() {
    let kinds: [(&str, &[f64]); 8] = [
        ("DTMF 1", &[697.0, 1_209.0]),
        ("DTMF 5", &[770.0, 1_336.0]),
        ("DTMF #", &[941.0, 1_477.0]),
        ("ringback of the US", &[440.0, 480.0]),
        ("ringback of Europe", &[425.0]),
        ("dial tone", &[350.0, 440.0]),
        ("busy", &[480.0, 620.0]),
        ("answering machine", &[1_400.0]),
    ];
    for (name, frequencies) in kinds {
        for amplitude in [600.0, 4_000.0, 20_000.0] {
            let tone = tones(frequencies, amplitude, 400);
            let sound = [silence(205), tone.clone(), silence(203), tone, silence(300)].concat();

            assert_eq!(listen(&sound, 320), [], "{name}, clean, {amplitude}");
            assert_eq!(
                listen(&over_the_phone(&sound), 320),
                [],
                "{name}, phone, {amplitude}"
            );
        }
    }
}

#[test]
fn a_voice_after_a_tone_is_heard() {
    let sound = [
        tones(&[440.0, 480.0], 8_000.0, 1_000),
        vowels(120.0, 600),
        silence(400),
    ]
    .concat();

    let [began, _] = both(&listen(&sound, 320));

    assert!(began.is_about(1_000 * MS, 64 * MS), "{began:?}");
}

#[test]
fn hold_music_is_let_go_of_and_then_ignored() {
    for music in [melody(8_000), over_the_phone(&melody(8_000)), chord(8_000)] {
        let events = listen(&[silence(300), music].concat(), 320);

        assert!(events.len() <= 2, "{events:?}");
        let over = events.last().is_none_or(|event| event.told < 1_200 * MS);
        assert!(over, "{events:?}");
    }
}

#[test]
fn noise_is_no_voice() {
    for loud in [100.0, 1_000.0, 6_000.0] {
        let hiss = [silence(300), noise(loud, 0.0, 5_000)].concat();
        let rumble = [silence(300), noise(loud, 0.97, 5_000)].concat();

        assert_eq!(listen(&hiss, 320), [], "hiss at {loud}");
        assert_eq!(listen(&rumble, 320), [], "rumble at {loud}");
    }
}

#[test]
fn a_voice_in_noise_is_heard() {
    let room = noise(300.0, 0.5, 3_000);
    let voice = [silence(1_500), vowels(120.0, 700), silence(800)].concat();
    let sound: Vec<i16> = room
        .iter()
        .zip(&voice)
        .map(|(a, b)| a.saturating_add(*b))
        .collect();

    let [began, ended] = both(&listen(&sound, 320));

    assert!(began.is_about(1_500 * MS, 64 * MS), "{began:?}");
    assert!(ended.is_about(2_200 * MS, 120 * MS), "{ended:?}");
}

#[test]
fn what_speech_engines_say_is_one_stretch_of_voice() {
    let sentences = [
        (
            "flite",
            "slt",
            "Hello, I would like to book a table for two people.",
        ),
        ("flite", "rms", "What are your opening hours today?"),
        (
            "espeak-ng",
            "en",
            "Hello, I would like to book a table for two people.",
        ),
        (
            "espeak-ng",
            "fr",
            "Bonjour, je voudrais une table pour deux personnes.",
        ),
    ];
    for (engine, voice, text) in sentences {
        let Some(speech) = spoken(engine, voice, text) else {
            continue;
        };
        for speech in [over_the_phone(&speech), speech] {
            let sound = [silence(300), speech, silence(500)].concat();

            let events = listen(&sound, 320);

            let voiced: Duration = events
                .chunks_exact(2)
                .map(|pair| pair[1].happened.saturating_sub(pair[0].happened))
                .sum();
            let length = length_of(&sound).saturating_sub(800 * MS);
            assert!(
                events.len().is_multiple_of(2) && events.len() <= 4,
                "{engine} {voice}: {events:?}"
            );
            assert!(
                voiced * 10 >= length * 7,
                "{engine} {voice}: {voiced:?} of {length:?}"
            );
        }
    }
}

/// Something noticed.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Noticed {
    began: bool,
    /// When it is said to have happened.
    happened: Duration,
    /// When it was told.
    told: Duration,
}

impl Noticed {
    fn is_about(&self, when: Duration, margin: Duration) -> bool {
        self.happened.abs_diff(when) <= margin
    }
}

fn listen(sound: &[i16], piece: usize) -> Vec<Noticed> {
    let mut detector = VoiceDetector::new();
    let mut noticed = Vec::new();
    let mut heard = 0;
    for piece in sound.chunks(piece) {
        detector.handle(piece);
        heard += piece.len();
        let told = length_of(&sound[..heard]);
        while let Some(event) = detector.poll_event() {
            let (began, ago) = match event {
                VoiceEvent::Began { ago } => (true, ago),
                VoiceEvent::Ended { ago } => (false, ago),
            };
            let happened = told.saturating_sub(ago);
            noticed.push(Noticed {
                began,
                happened,
                told,
            });
        }
    }
    noticed
}

/// Returns the beginning and the end of the only stretch of voice.
fn both(events: &[Noticed]) -> [Noticed; 2] {
    let both: [Noticed; 2] = events.try_into().expect("one stretch of voice");
    assert!(both[0].began && !both[1].began, "{events:?}");
    both
}

fn length_of(sound: &[i16]) -> Duration {
    Duration::from_micros(sound.len() as u64 * 1_000_000 / RATE as u64)
}
