//! The caller is heard in the room.

use room_contract::Muting;
use room_media::SampleRate;
use serde_json::json;

use crate::{
    phone::{STREAM, media},
    stage::{NEVER_LATE, Stage, ms, passes, tone},
};
use connectors_twilio::leg::LegEvent;

/// Checks that two seconds of a tone were heard, all of them.
fn is_whole(heard: &[i16]) {
    let heard = tone(heard, 440.0);
    assert!(heard.share > 0.98, "{heard:?}");
    assert_eq!(heard.longest_gap, ms(0), "{heard:?}");
    assert!(
        heard.duration >= ms(1_980) && heard.duration < ms(2_100),
        "{heard:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_callers_voice_is_heard_whole() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let mut phone = stage.connects(ms(0)).await;

    phone.talks(440.0, 100, NEVER_LATE).await;
    passes(500).await;

    is_whole(&ann.heard());
}

#[tokio::test(start_paused = true)]
async fn sound_is_30_ms_late_at_the_most_when_it_comes_evenly() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let mut phone = stage.connects(ms(0)).await;

    phone.talks(440.0, 25, NEVER_LATE).await;

    // The last frame has just been sent, and lasts 20 ms still.
    let heard = tone(&ann.heard(), 440.0);
    assert!(heard.duration >= ms(450), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn bursts_and_wobbles_are_evened_out() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let mut phone = stage.connects(ms(0)).await;

    // Each fifth second stands still for 100 ms; each frame comes up to 15 ms late.
    let late = |number: u32| match number % 250 {
        0..5 => ms(100 - 20 * u64::from(number % 250)),
        wobble => ms(u64::from(wobble * 7 % 15)),
    };
    phone.talks(440.0, 1_000, late).await;
    passes(500).await;

    let heard = tone(&ann.heard(), 440.0);
    assert!(heard.share > 0.9, "{heard:?}");
    assert!(heard.longest_gap < ms(60), "{heard:?}");
    assert!(
        heard.duration > ms(19_800) && heard.duration < ms(20_400),
        "{heard:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_goes_wrong_by_five_thousandths_does_not_pile_up_sound() {
    for sign in [-1_i64, 1] {
        let mut stage = Stage::new().await;
        let ann = stage.enters("ann").await;
        let mut phone = stage.connects(ms(0)).await;

        // A minute of sound in a minute and 300 ms, or less 300 ms.
        let late = |number: u32| {
            let drift = sign * i64::from(number) * 100 + 300_000;
            std::time::Duration::from_micros(drift.unsigned_abs())
        };
        phone.talks(440.0, 3_000, late).await;
        let before_the_end = ann.heard();
        passes(600).await;
        let rest = tone(&ann.heard(), 440.0);

        let heard = tone(&before_the_end, 440.0);
        assert!(
            heard.share > 0.97 && heard.longest_gap < ms(25),
            "{heard:?}"
        );
        assert!(rest.duration < ms(130), "{rest:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn hush_that_lasts_is_not_passed_on_and_a_word_behind_it_is_heard_whole() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let mut phone = stage.connects(ms(0)).await;

    phone.hushes(500).await;
    passes(500).await;
    let hush = SampleRate::HZ_8000.duration_of(ann.heard().len());
    phone.talks(440.0, 100, NEVER_LATE).await;
    passes(500).await;

    assert!(hush > ms(900) && hush < ms(1_200), "{hush:?}");
    is_whole(&ann.heard());
}

#[tokio::test(start_paused = true)]
async fn pieces_of_any_length_are_heard() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let phone = stage.connects(ms(0)).await;
    let codes = |count: usize| {
        let mut sine =
            room_media::tone::Tone::new(SampleRate::HZ_8000, 1_000.0, room_media::Dbfs::new(-20.0));
        let samples = sine.take(count).into_iter();
        samples.map(room_media::ulaw::encode).collect::<Vec<u8>>()
    };

    // A whole number of periods of 1 kHz, so that pieces join.
    for (number, length) in [8, 400, 1_600, 16, 800].into_iter().enumerate() {
        phone.sends(media(number as u64 + 1, &codes(length))).await;
        passes(length as u64 / 8).await;
    }
    phone.sends(media(6, &[])).await;
    passes(500).await;

    let heard = tone(&ann.heard(), 1_000.0);
    assert!(heard.duration >= ms(330), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn a_muted_caller_is_not_heard_and_an_unmuted_one_is() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let mut phone = stage.connects(ms(0)).await;

    stage.handle.set_muted(Muting::Muted).await;
    phone.talks(440.0, 50, NEVER_LATE).await;
    let muted = tone(&ann.heard(), 440.0);
    passes(200).await;
    ann.heard();
    stage.handle.set_muted(Muting::Unmuted).await;
    phone.talks(440.0, 50, NEVER_LATE).await;
    let unmuted = tone(&ann.heard(), 440.0);

    assert_eq!(muted.duration, ms(0), "{muted:?}");
    assert!(unmuted.duration > ms(900), "{unmuted:?}");
}

#[tokio::test(start_paused = true)]
async fn keys_go_into_the_room_and_to_the_owner() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let phone = stage.connects(ms(0)).await;

    for key in ['0', '#', 'x'] {
        phone.presses(key).await;
    }
    let events = [stage.event().await, stage.event().await];
    passes(10).await;

    assert_eq!(events, [LegEvent::Digit('0'), LegEvent::Digit('#')]);
    assert_eq!(agent.keys(), [r#"{"digit":"0"}"#, r##"{"digit":"#"}"##]);
}

#[tokio::test(start_paused = true)]
async fn keys_wait_for_an_agent_who_is_about_to_come() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let phone = stage.connects(ms(0)).await;

    phone.presses('0').await;
    phone.presses('1').await;
    passes(1_000).await;
    let before = ann.keys();
    let agent = stage.enters("agent-1").await;
    passes(10).await;

    assert_eq!(before, [""; 0]);
    assert_eq!(agent.keys(), [r#"{"digit":"0"}"#, r#"{"digit":"1"}"#]);
    assert_eq!(ann.keys(), agent.keys());
}

#[tokio::test(start_paused = true)]
async fn keys_are_told_to_whoever_is_there_when_no_agent_comes() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let phone = stage.connects(ms(0)).await;

    for _ in 0..40 {
        phone.presses('7').await;
    }
    passes(3_100).await;
    let told = ann.keys();
    let agent = stage.enters("agent-1").await;
    passes(100).await;

    assert_eq!(told, [r#"{"digit":"7"}"#; 32]);
    assert_eq!(agent.keys(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_room_sees_where_the_call_stands() {
    let stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;

    for status in ["ringing", "active"] {
        let status = ("sip.callStatus".to_owned(), status.to_owned());
        stage.handle.show([status].into()).await;
    }
    passes(10).await;

    assert_eq!(agent.statuses(), ["ringing", "active"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_caller_hears_does_not_come_back_as_their_voice() {
    let mut stage = Stage::new().await;
    let ann = stage.enters("ann").await;
    let phone = stage.connects(ms(0)).await;

    phone
        .sends(json!({"event": "media", "streamSid": STREAM,
            "media": {"track": "outbound", "chunk": "1", "timestamp": "0", "payload": "AAAA"}}))
        .await;
    passes(500).await;

    assert!(ann.heard().iter().all(|&sample| sample == 0));
}
