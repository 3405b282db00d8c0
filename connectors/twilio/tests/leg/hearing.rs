//! The caller hears everybody else.

use std::sync::Arc;

use connectors_twilio::leg::{Lateness, LegEvent};
use room_media::SampleRate;
use tokio::time::{Instant, advance};

use crate::stage::{NEVER_LATE, Stage, ms, passes, tone};

#[tokio::test(start_paused = true)]
async fn an_agent_is_heard_without_a_gap_and_the_buffer_stays_small() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let phone = stage.connects(ms(0)).await;
    passes(30).await;

    agent.sings(440.0, ms(3_000)).await;
    agent.has_sung().await;
    passes(500).await;

    let heard = tone(&phone.heard(), 440.0);
    assert!(heard.share > 0.98, "{heard:?}");
    assert_eq!(heard.longest_gap, ms(0), "{heard:?}");
    assert!(
        heard.duration >= ms(2_980) && heard.duration < ms(3_080),
        "{heard:?}"
    );
    assert!(
        phone.longest_buffer() <= ms(60),
        "{:?}",
        phone.longest_buffer()
    );
}

#[tokio::test(start_paused = true)]
async fn on_a_machine_that_was_late_twice_as_much_is_kept_in_hand() {
    let mut stage = Stage::with(|options| options.lateness.note(Instant::now(), ms(40))).await;
    let agent = stage.enters("agent-1").await;
    let phone = stage.connects(ms(0)).await;

    agent.sings(440.0, ms(400)).await;
    passes(600).await;

    let buffer = phone.longest_buffer();
    assert!((ms(80)..=ms(120)).contains(&buffer), "{buffer:?}");
}

#[tokio::test(start_paused = true)]
async fn a_leg_notices_how_late_its_machine_is() {
    let lateness = Arc::<Lateness>::default();
    let mut stage = Stage::with(|options| options.lateness = Arc::clone(&lateness)).await;
    let agent = stage.enters("agent-1").await;
    let _phone = stage.connects(ms(0)).await;
    agent.sings(440.0, ms(400)).await;
    passes(100).await;
    let before = lateness.worst(Instant::now());
    assert!(before <= ms(2), "{before:?}");

    advance(ms(60)).await;
    passes(100).await;

    let noticed = lateness.worst(Instant::now());
    assert!((ms(40)..=ms(60)).contains(&noticed), "{noticed:?}");
}

#[tokio::test(start_paused = true)]
async fn all_the_others_are_heard_in_one() {
    let mut stage = Stage::new().await;
    let (agent, ann) = (stage.enters("agent-1").await, stage.enters("ann").await);
    let phone = stage.connects(ms(0)).await;

    agent.sings(440.0, ms(1_000)).await;
    ann.sings(1_000.0, ms(1_000)).await;
    passes(1_500).await;

    let heard = phone.heard();
    let (low, high) = (tone(&heard, 440.0), tone(&heard, 1_000.0));
    assert!(low.share > 0.4 && high.share > 0.4, "{low:?} {high:?}");
    assert!(low.share + high.share > 0.95, "{low:?} {high:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_while_nobody_speaks() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let mut phone = stage.connects(ms(0)).await;

    phone.talks(440.0, 500, NEVER_LATE).await;
    assert_eq!(phone.frames(), 0);
    agent.sings(440.0, ms(400)).await;
    passes(20_000).await;

    // The lead, 400 ms of sound and its fading, a silence of 200 ms.
    assert!((20..=36).contains(&phone.frames()), "{}", phone.frames());
    assert!((2..=4).contains(&phone.marks()), "{}", phone.marks());
}

#[tokio::test(start_paused = true)]
async fn the_caller_does_not_hear_themselves() {
    let mut stage = Stage::new().await;
    let _ann = stage.enters("ann").await;
    let mut phone = stage.connects(ms(0)).await;

    phone.talks(440.0, 100, NEVER_LATE).await;

    assert!(phone.heard().iter().all(|&sample| sample == 0));
}

#[tokio::test(start_paused = true)]
async fn the_room_is_told_how_late_the_caller_hears() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let _phone = stage.connects(ms(180)).await;

    for _ in 0..5 {
        agent.sings(440.0, ms(1_000)).await;
        agent.has_sung().await;
    }
    passes(500).await;

    // Its own buffer, the lead, 180 ms to the phone, up to 20 ms until it plays; and once only.
    let delays = agent.delays();
    let delay: u64 = delays[0].parse().unwrap();
    assert!(
        (200..=260).contains(&delay) && delay.is_multiple_of(20),
        "{delays:?}"
    );
    assert!(delays.len() <= 2, "{delays:?}");
}

#[tokio::test(start_paused = true)]
async fn the_owner_learns_what_was_heard() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let _phone = stage.connects(ms(100)).await;

    agent.sings(440.0, ms(1_000)).await;
    let heard = stage.all_heard().await;

    assert!((ms(200)..ms(1_300)).contains(&heard), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hush_empties_the_phone_at_once() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let phone = stage.connects(ms(0)).await;
    agent.sings(440.0, ms(900)).await;
    passes(500).await;
    phone.heard();

    agent.hushes().await;
    passes(300).await;

    let after = tone(&phone.heard(), 440.0);
    assert_eq!(phone.clears(), 1);
    assert!(after.duration <= ms(25), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_cleared_does_not_count_as_heard() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let _phone = stage.connects(ms(400)).await;
    agent.sings(440.0, ms(1_000)).await;
    passes(1_000).await;

    agent.hushes().await;
    passes(2_000).await;
    agent.sings(440.0, ms(200)).await;
    let heard = stage.all_heard().await;

    // Of the first second 400 ms were on their way when it was cleared; then came 200 ms, a fading and a silence.
    assert!((ms(600)..ms(1_100)).contains(&heard), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn only_an_agent_may_hush_and_only_itself() {
    let mut stage = Stage::new().await;
    let (agent, ann) = (stage.enters("agent-1").await, stage.enters("ann").await);
    let phone = stage.connects(ms(0)).await;
    ann.sings(440.0, ms(1_000)).await;
    passes(300).await;

    ann.room
        .send(room_contract::DataPacket::reliable(
            room_contract::Topic::new("patchbay.hush").unwrap(),
            Vec::new(),
        ))
        .await
        .unwrap();
    passes(50).await;
    let clears = phone.clears();
    agent.hushes().await;
    passes(1_000).await;

    assert_eq!((clears, phone.clears()), (0, 1));
    let heard = tone(&phone.heard(), 440.0);
    assert!(heard.duration >= ms(950), "{heard:?}");
    assert!(heard.longest_gap <= ms(80), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn a_minute_of_sound_stays_in_step() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let phone = stage.connects(ms(0)).await;

    for _ in 0..60 {
        agent.sings(500.0, ms(1_000)).await;
    }
    agent.has_sung().await;
    passes(600).await;

    let heard = phone.heard();
    let report = tone(&heard, 500.0);
    let sixty = SampleRate::HZ_8000.duration_of(60 * 8_000);
    assert!(report.duration.abs_diff(sixty) <= ms(100), "{report:?}");
    assert_eq!(report.longest_gap, ms(0), "{report:?}");
    assert!(
        phone.longest_buffer() <= ms(60),
        "{:?}",
        phone.longest_buffer()
    );
    assert!(!matches!(
        stage.events.next().await,
        None | Some(LegEvent::SocketLost)
    ));
}
