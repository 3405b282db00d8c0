use std::sync::Arc;
use std::time::Duration;

use agent_echo::Echo;
use room_contract::memory::MemoryRooms;
use room_contract::{Admission, Identity, RoomName, Rooms};
use room_media::{Dbfs, Format, tone::Tone, wav};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::*;
use crate::commands::terminal::sound::Cue;

#[tokio::test(start_paused = true)]
async fn what_the_agent_answers_is_waited_for_and_recorded() {
    let rooms = rooms();
    let _echo = echo(&rooms).await;
    let mut visit = visit(&rooms).await;

    let outcome = visit.follow(vec![tone(), tone()]).await;

    assert_eq!(outcome, Outcome::Answered);
    let heard = wav::read(&visit.leave().await.wav().unwrap(), usize::MAX).unwrap();
    assert_eq!(heard.format(), Format::mono(RATE));
    let loud = heard
        .samples()
        .iter()
        .filter(|sample| sample.unsigned_abs() > 1_000)
        .count();
    assert!(
        RATE.duration_of(loud) > Duration::from_secs(1),
        "{loud} loud samples"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_typed_at_one_who_cannot_read_is_not_answered() {
    let rooms = rooms();
    let _echo = echo(&rooms).await;
    let mut visit = visit(&rooms).await;

    let outcome = visit.follow(vec![Cue::Text("Hello?".to_owned())]).await;

    assert_eq!(outcome, Outcome::Unanswered);
}

#[tokio::test(start_paused = true)]
async fn a_room_without_an_agent_is_told_from_a_silent_one() {
    let rooms = rooms();
    let mut visit = visit(&rooms).await;

    assert_eq!(visit.follow(vec![tone()]).await, Outcome::Nobody);
}

#[tokio::test(start_paused = true)]
async fn a_room_that_ends_cuts_the_script_off() {
    let rooms = rooms();
    let (echo, stop) = echo(&rooms).await;
    let mut visit = visit(&rooms).await;

    stop.cancel();
    let outcome = visit.follow(vec![tone(), tone()]).await;

    drop(echo);
    assert!(
        matches!(outcome, Outcome::CutOff | Outcome::Nobody),
        "{outcome:?}"
    );
}

fn rooms() -> Arc<dyn Rooms> {
    Arc::new(MemoryRooms::new())
}

fn room() -> RoomName {
    RoomName::new("talk").unwrap()
}

async fn echo(
    rooms: &Arc<dyn Rooms>,
) -> (AbortOnDropHandle<room_contract::Ended>, CancellationToken) {
    let identity = Identity::new("agent-echo").unwrap();
    let echo = Echo::enter(&**rooms, room(), identity).await.unwrap();
    let stop = CancellationToken::new();
    (
        AbortOnDropHandle::new(tokio::spawn(echo.run(stop.clone()))),
        stop,
    )
}

async fn visit(rooms: &Arc<dyn Rooms>) -> Visit {
    let admission = Admission::person(room(), Identity::new("terminal").unwrap());
    let token = rooms.token(&admission).unwrap();
    let joined = rooms.join(&token, JoinOptions::default()).await.unwrap();
    Visit::enter(joined, Screen::default(), Duration::from_secs(5))
        .await
        .unwrap()
}

fn tone() -> Cue {
    let count = RATE.samples_in(Duration::from_secs(1));
    Cue::Sound {
        title: "a tone".to_owned(),
        samples: Tone::new(RATE, 440.0, Dbfs::new(-12.0)).take(count),
    }
}
