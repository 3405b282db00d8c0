//! Who plays: an agent's providers, tools and profile.

use std::sync::Arc;

use agent_contract::{
    Effect, Tool, ToolAnswer, ToolContext, ToolError, ToolSpec, Toolbox,
    stub::{StubSpeaker, StubThinker, StubTranscriber},
};
use agent_session::{Bell, Entrance, MemoryJournal, Profile, Providers, Setup};
use async_trait::async_trait;
use room_contract::{Identity, RoomName};
use serde_json::{Value, json};

/// Puts others in the place of providers.
pub(crate) type Change = Box<dyn Fn(&mut Providers)>;

/// The agent's side of a story.
pub(crate) struct Cast {
    pub(crate) profile: Profile,
    pub(crate) transcriber: Arc<StubTranscriber>,
    pub(crate) thinker: Arc<StubThinker>,
    pub(crate) speaker: Arc<StubSpeaker>,
    pub(crate) spare: Option<Arc<StubSpeaker>>,
    pub(crate) journal: Arc<MemoryJournal>,
    pub(crate) entrance: Entrance,
    pub(crate) circle: Option<String>,
    pub(crate) bell: Option<Arc<dyn Bell>>,
    /// Tools besides the usual ones.
    pub(crate) further: Vec<Arc<dyn Tool>>,
    pub(crate) change: Change,
}

impl Cast {
    pub(crate) fn new() -> Self {
        let profile = Profile {
            name: "Alice".to_owned(),
            persona: "You are Alice.".to_owned(),
            ..Profile::default()
        };
        Self {
            profile,
            transcriber: Arc::new(StubTranscriber::new("ears")),
            thinker: Arc::new(StubThinker::new("head")),
            speaker: Arc::new(StubSpeaker::new("mouth")),
            spare: None,
            journal: Arc::default(),
            entrance: Entrance::Greeting,
            circle: None,
            bell: None,
            further: Vec::new(),
            change: Box::new(|_| {}),
        }
    }

    /// Has the agent greet.
    pub(crate) fn greeting(mut self, text: &str) -> Self {
        text.clone_into(&mut self.profile.greeting);
        self
    }

    /// Has the agent answer with these lines, in turn.
    pub(crate) fn answering(self, lines: &[&str]) -> Self {
        let thinker = lines
            .iter()
            .fold(StubThinker::new("head"), |thinker, line| {
                thinker.saying(line)
            });
        self.thinking(thinker)
    }

    pub(crate) fn thinking(mut self, thinker: StubThinker) -> Self {
        self.thinker = Arc::new(thinker);
        self
    }

    pub(crate) fn speaking(mut self, speaker: StubSpeaker) -> Self {
        self.speaker = Arc::new(speaker);
        self
    }

    pub(crate) fn with_spare(mut self) -> Self {
        self.spare = Some(Arc::new(StubSpeaker::new("spare")));
        self
    }

    pub(crate) fn setup(&self, room: RoomName) -> Setup {
        let tools: Vec<Arc<dyn Tool>> = vec![
            Arc::new(Answering::new("opening_hours", ToolAnswer::text("9 to 5"))),
            Arc::new(Answering::new(
                "end_call",
                ToolAnswer::text("ok").with(Effect::EndCall),
            )),
            Arc::new(Answering::new(
                "send_message",
                ToolAnswer::text("sent").with(Effect::SendMessage("Our address".to_owned())),
            )),
        ];
        let tools = tools.into_iter().chain(self.further.clone()).collect();
        let mut providers = Providers {
            transcriber: self.transcriber.clone(),
            thinker: self.thinker.clone(),
            speaker: self.speaker.clone(),
            spare_speaker: self.spare.clone().map(|spare| spare as _),
        };
        (self.change)(&mut providers);
        Setup {
            room,
            identity: Identity::new("agent-alice").expect("a name"),
            profile: Arc::new(self.profile.clone()),
            providers,
            session: "web-story".into(),
            tools: Toolbox::new(tools).expect("they have names and schemas"),
            journal: self.journal.clone(),
            entrance: self.entrance,
            circle: self.circle.clone(),
            bell: self.bell.clone(),
        }
    }
}

/// A tool that always answers the same.
struct Answering {
    spec: ToolSpec,
    answer: ToolAnswer,
}

impl Answering {
    fn new(name: &str, answer: ToolAnswer) -> Self {
        let spec = ToolSpec {
            name: name.to_owned(),
            description: "Answers.".to_owned(),
            parameters: json!({ "type": "object" }),
        };
        Self { spec, answer }
    }
}

#[async_trait]
impl Tool for Answering {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _: Value, _: ToolContext) -> Result<ToolAnswer, ToolError> {
        Ok(self.answer.clone())
    }
}
