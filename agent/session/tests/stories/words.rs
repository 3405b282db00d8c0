//! People with a transcriber of their own.

use crate::{cast::Cast, story::Story};

#[tokio::test(start_paused = true)]
async fn words_of_somebodys_own_transcriber_are_answered_and_the_agents_one_hears_nothing_of_them()
{
    let mut story = Story::begin(Cast::new().answering(&["We open at nine."])).await;
    let ann = story.enters("ann").await;
    story.cast.transcriber.add("Something else.");
    ann.tells(r#"{"hears":true}"#).await;
    story.waits(100).await;

    ann.speaks(1_000).await;
    ann.tells(r#"{"text":"When do you","final":false}"#).await;
    ann.tells(r#"{"text":"When do you open?","final":true}"#)
        .await;
    story.agent_has_said("We open at nine.").await;
    story.waits(100).await;

    assert_eq!(
        ann.read("lk.transcription"),
        ["ann: When do you open?", "agent-alice: We open at nine."]
    );
    assert_eq!(story.cast.transcriber.open(), 0, "nobody else listens");
}

#[tokio::test(start_paused = true)]
async fn one_without_a_microphone_is_understood_by_their_own_transcriber() {
    let mut story = Story::begin(Cast::new().answering(&["We open at nine."])).await;
    let ann = story.enters("ann").await;

    ann.tells(r#"{"text":"When do you open?","final":true}"#)
        .await;
    story.agent_has_said("We open at nine.").await;

    assert_eq!(
        story.kept(),
        ["ann: When do you open?", "agent: We open at nine."]
    );
}

#[tokio::test(start_paused = true)]
async fn the_agents_transcriber_listens_again_when_their_own_one_has_ended() {
    let mut story = Story::begin(Cast::new().answering(&["We open at nine."])).await;
    let ann = story.enters("ann").await;
    story.cast.transcriber.add("When do you open?");
    ann.tells(r#"{"hears":true}"#).await;
    ann.tells(r#"{"hears":false}"#).await;
    story.waits(100).await;

    ann.speaks(1_000).await;
    story.agent_has_said("We open at nine.").await;

    assert_eq!(story.kept()[0], "ann: When do you open?");
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_is_switched_off_takes_no_words() {
    let story = Story::begin(Cast::new().answering(&["We open at nine."])).await;
    let ann = story.enters("ann").await;
    story
        .handle
        .switch(agent_session::Switch::Off)
        .expect("taken");

    ann.tells(r#"{"text":"When do you open?","final":true}"#)
        .await;
    story.waits(3_000).await;

    assert_eq!(story.kept(), [""; 0]);
    assert_eq!(ann.read("lk.transcription"), [""; 0]);
}
