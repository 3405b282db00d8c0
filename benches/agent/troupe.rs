//! The child process: agents with stub providers, or null agents that answer at once.

use std::{sync::Arc, time::Duration};

use agent_contract::{
    SpeakerCapabilities, Toolbox,
    stub::{Pace, StubSpeaker, StubThinker, StubTranscriber},
};
use agent_session::{Conversation, Entrance, MemoryJournal, Profile, Providers, Setup};
use anyhow::{Context, Result};
use room_contract::{
    Admission, AudioFormat, Identity, JoinOptions, PublishOptions, RoomEvent, RoomName, Rooms,
};
use room_media::SampleRate;
use serde::{Deserialize, Serialize};
use tokio::{io::AsyncReadExt, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    caller::{BLOCK, FORMAT, is_loud},
    stage::Address,
};

/// The first argument of the child; its cast is the second.
pub(crate) const CHILD_ARGUMENT: &str = "child";

/// What it says when everybody is on stage.
pub(crate) const READY: &str = "ready";

/// Nine tokens, the first clause of which has five; as many as the peers' stub says.
const REPLY: &str = "We open at nine today, and close at six.";
/// Long enough to be interrupted.
const STORY: &str = "Once upon a time there was a princess who lived in a tower, and she had a garden, and in the \
    garden there was a tree, and in the tree there was a bird, and the bird could sing all day and all night.";

/// Tokens of the first clause of [`REPLY`] behind the first one: the time the model needs to write it.
pub(crate) const TOKENS_TO_WAIT_FOR: u32 = 4;
/// A token each, at 50 per second.
pub(crate) const TOKEN: Duration = Duration::from_millis(20);

/// Who plays where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cast {
    pub(crate) address: Address,
    pub(crate) rooms: Vec<String>,
    pub(crate) role: Role,
}

/// What the agents do.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Role {
    /// They talk, with providers that take so long.
    Talk { delays: Delays, story: bool },
    /// They sound as soon as they hear something: the ruler's own floor.
    Null,
}

/// How long the stubs take, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Delays {
    pub(crate) transcriber: u64,
    pub(crate) thinker: u64,
    pub(crate) speaker: u64,
    pub(crate) token: u64,
}

/// Plays until the parent closes the input.
pub(crate) async fn perform(cast: Cast) -> Result<()> {
    let rooms: Arc<dyn Rooms> = Arc::new(cast.address.rooms()?);
    let stop = CancellationToken::new();
    let mut playing = JoinSet::new();
    for room in &cast.rooms {
        match cast.role {
            Role::Talk { delays, story } => {
                let agent = Conversation::enter(&*rooms, setup(room, delays, story)?).await?;
                let stop = stop.clone();
                playing.spawn(async move {
                    agent.run(stop).await;
                    Ok(())
                });
            }
            Role::Null => {
                let rooms = Arc::clone(&rooms);
                let room = room.clone();
                playing.spawn(async move { answer_at_once(&*rooms, &room).await });
            }
        }
    }
    println!("{READY}");
    let mut rest = Vec::new();
    tokio::io::stdin().read_to_end(&mut rest).await?;
    stop.cancel();
    playing.abort_all();
    while playing.join_next().await.is_some() {}
    Ok(())
}

fn setup(room: &str, delays: Delays, story: bool) -> Result<Setup> {
    let first = |ms| Pace::first(Duration::from_millis(ms));
    // A stub hears in pieces of 20 ms, so that one piece is the least pause.
    let pause = Duration::from_millis(delays.transcriber.max(20));
    let mut transcriber = StubTranscriber::new("hears").ending_turns(pause);
    for _ in 0..500 {
        transcriber = transcriber.saying("When do you open today?");
    }
    let thinker = StubThinker::new("thinks")
        .saying(if story { STORY } else { REPLY })
        .paced(Pace {
            between: Duration::from_millis(delays.token),
            ..first(delays.thinker)
        });
    let speaker = StubSpeaker::new("speaks")
        .able(SpeakerCapabilities {
            sample_rate: SampleRate::HZ_24000,
            takes_words: false,
            word_times: false,
        })
        .paced(first(delays.speaker));
    let mut profile = Profile {
        greeting: "Good morning, what can I do?".to_owned(),
        ..Profile::default()
    };
    profile.turn.idle_prompt_after_ms = 0;
    Ok(Setup {
        room: RoomName::new(room).context("a name of a room")?,
        identity: Identity::new("agent-bench").context("a name")?,
        profile: Arc::new(profile),
        providers: Providers {
            transcriber: Arc::new(transcriber),
            thinker: Arc::new(thinker),
            speaker: Arc::new(speaker),
            spare_speaker: None,
        },
        session: room.into(),
        tools: Toolbox::default(),
        journal: Arc::new(MemoryJournal::default()),
        entrance: Entrance::Greeting,
    })
}

/// Sounds for 100 ms whenever sound comes after silence.
async fn answer_at_once(rooms: &dyn Rooms, room: &str) -> Result<()> {
    let name = RoomName::new(room).context("a name of a room")?;
    let admission = Admission::agent(name, Identity::new("agent-bench").context("a name")?);
    let mut joined = rooms
        .join(&rooms.token(&admission)?, JoinOptions::default())
        .await?;
    let voice = joined.room.publish(PublishOptions::voice("voice")).await?;
    let format = AudioFormat::mono(24_000);
    let beep = vec![12_000; format.values_in(BLOCK * 10)];
    while let Some(event) = joined.events.next().await {
        let RoomEvent::TrackSubscribed { track, .. } = event else {
            continue;
        };
        let mut stream = joined.room.audio(&track.id, FORMAT)?;
        let mut quiet = Duration::from_secs(1);
        while let Some(frame) = stream.next().await {
            if !is_loud(&frame.samples) {
                quiet += frame.duration();
                continue;
            }
            if quiet >= Duration::from_millis(400) {
                let alternating = beep.iter().enumerate();
                let sound: Vec<i16> = alternating
                    .map(|(at, level)| if at / 20 % 2 == 0 { *level } else { -*level })
                    .collect();
                voice.capture(&sound).await?;
            }
            quiet = Duration::ZERO;
        }
    }
    Ok(())
}
