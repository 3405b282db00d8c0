//! The leg ends when its owner wants it to, and not before the last word was heard.

use connectors_twilio::leg::LegEnd;

use crate::stage::{Stage, WHO, ms, passes, tone};

#[tokio::test(start_paused = true)]
async fn the_goodbye_is_heard_to_its_end() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let phone = stage.connects(ms(300)).await;
    agent.sings(440.0, ms(900)).await;
    passes(800).await;

    stage.handle.hang_up(ms(10_000)).await;
    let begun = tokio::time::Instant::now();
    let end = stage.ends().await;

    assert_eq!(end, LegEnd::HungUp);
    let heard = tone(&phone.heard(), 440.0);
    assert!(heard.duration > ms(880), "{heard:?}");
    assert!(begun.elapsed() < ms(1_200), "{:?}", begun.elapsed());
    assert!(phone.was_closed());
    passes(10).await;
    assert!(agent.saw_leave(WHO));
}

#[tokio::test(start_paused = true)]
async fn a_mark_within_the_goodbye_is_not_its_end() {
    for phase in 0..20 {
        let mut stage = Stage::with(|options| options.lead = ms(0)).await;
        let agent = stage.enters("agent-1").await;
        let mut phone = stage.connects(ms(0)).await;
        agent.sings(440.0, ms(900)).await;
        passes(300).await;

        // The caller talks on, so that the leg looks at other times than when it sends.
        stage.handle.hang_up(ms(10_000)).await;
        tokio::join!(phone.talks(1_000.0, 40, |_| ms(phase)), stage.ends());

        let heard = tone(&phone.heard(), 440.0);
        assert!(heard.duration > ms(880), "{phase}: {heard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_never_tells_what_was_heard_is_not_waited_for() {
    let mut stage = Stage::new().await;
    let agent = stage.enters("agent-1").await;
    let _phone = stage.connects(ms(60_000)).await;
    agent.sings(440.0, ms(500)).await;
    passes(300).await;

    let begun = tokio::time::Instant::now();
    stage.handle.hang_up(ms(3_000)).await;

    assert_eq!(stage.ends().await, LegEnd::HungUp);
    assert!(
        begun.elapsed().abs_diff(ms(3_000)) < ms(25),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn when_nothing_is_being_said_it_hangs_up_at_once() {
    let mut stage = Stage::new().await;
    let _phone = stage.connects(ms(0)).await;
    passes(5_000).await;

    let begun = tokio::time::Instant::now();
    stage.handle.hang_up(ms(3_000)).await;

    assert_eq!(stage.ends().await, LegEnd::HungUp);
    assert!(begun.elapsed() < ms(100), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn without_a_socket_it_hangs_up_at_once() {
    let mut stage = Stage::new().await;

    stage.handle.hang_up(ms(3_000)).await;

    assert_eq!(stage.ends().await, LegEnd::HungUp);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_leg_leaves_the_room_and_nothing_runs_on() {
    let mut stage = Stage::new().await;
    let phone = stage.connects(ms(0)).await;

    stage.stop.cancel();

    assert_eq!(stage.ends().await, LegEnd::Stopped);
    assert!(phone.was_closed());
    assert!(stage.events.next().await.is_none());
    stage.handle.gone().await;
}
