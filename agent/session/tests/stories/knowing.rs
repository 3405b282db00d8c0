//! What the agent is told by others than the people, and what its tools are told.

use std::sync::{Arc, Mutex};

use agent_contract::{
    Message, Tool, ToolAnswer, ToolContext, ToolError, ToolSpec,
    stub::{Line, StubThinker},
};
use async_trait::async_trait;
use serde_json::{Value, json};

use crate::{cast::Cast, story::Story};

#[tokio::test(start_paused = true)]
async fn what_the_agent_is_told_is_in_its_next_request_and_in_that_of_who_comes_after_it() {
    let told = Message::Note("Thomas has left.".to_owned());
    let mut story = Story::begin(Cast::new().answering(&["No.", "He is not."])).await;
    let ann = story.enters("ann").await;

    story.handle.note("Thomas has left.").expect("taken");
    ann.types("Is Thomas there?").await;
    story.agent_has_said("No.").await;
    let first = story.cast.thinker.requests().pop().expect("one");
    let mut story = story.begin_again().await;
    ann.types("Really?").await;
    story.agent_has_said("He is not.").await;
    let second = story.cast.thinker.requests().pop().expect("one");

    assert!(first.messages.contains(&told), "{first:?}");
    assert!(second.messages.contains(&told), "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tool_can_tell_whether_somebody_has_said_something_since_its_last_call() {
    let thinker = StubThinker::new("head")
        .calling("note_turn", "{}")
        .calling("note_turn", "{}");
    thinker.add(Line::Says("Is that right?".to_owned()));
    let thinker = thinker.calling("note_turn", "{}");
    thinker.add(Line::Says("Very well.".to_owned()));
    let turns = Arc::new(Turns::new());
    let mut cast = Cast::new().thinking(thinker);
    cast.further.push(Arc::<Turns>::clone(&turns));
    let mut story = Story::begin(cast).await;
    let ann = story.enters("ann").await;

    ann.types("Call me.").await;
    story.agent_has_said("Is that right?").await;
    story.handle.say("One moment.").expect("taken");
    story.agent_has_said("One moment.").await;
    ann.types("Yes.").await;
    story.agent_has_said("Very well.").await;

    let turns = turns.seen.lock().expect("whole").clone();
    let [first, second, third] = turns[..] else {
        panic!("three calls: {turns:?}");
    };
    assert_eq!(first, second, "nobody has said anything in between");
    assert!(third > second);
}

/// A tool that remembers the turns it was called in.
struct Turns {
    spec: ToolSpec,
    seen: Mutex<Vec<u64>>,
}

impl Turns {
    fn new() -> Self {
        let spec = ToolSpec {
            name: "note_turn".to_owned(),
            description: "Remembers.".to_owned(),
            parameters: json!({ "type": "object" }),
        };
        Self {
            spec,
            seen: Mutex::default(),
        }
    }
}

#[async_trait]
impl Tool for Turns {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _: Value, context: ToolContext) -> Result<ToolAnswer, ToolError> {
        self.seen.lock().expect("whole").push(context.turn);
        Ok(ToolAnswer::text("noted"))
    }
}
