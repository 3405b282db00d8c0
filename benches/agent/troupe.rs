//! The child process: agents with the real adapters, or null agents that answer at once.

use std::sync::Arc;

use agent_contract::Toolbox;
use agent_session::{Conversation, Entrance, MemoryJournal, Profile, Providers, Setup};
use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use room_contract::{Identity, RoomName, Rooms};
use serde::{Deserialize, Serialize};
use tokio::{io::AsyncReadExt, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{backstage::Addresses, null, stage::Address, visits};

/// The first argument of the child; its cast is the second.
pub(crate) const CHILD_ARGUMENT: &str = "child";

/// What it says when everybody is on stage.
pub(crate) const READY: &str = "ready";

/// Agents that enter at once.
const ENTERING: usize = 10;

/// How long an agent waits for its caller: until a hundred have joined.
const WAITING_MS: u32 = 120_000;

/// Who plays where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cast {
    pub(crate) address: Address,
    pub(crate) rooms: Vec<String>,
    pub(crate) role: Role,
}

/// What the agents do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Role {
    /// They talk, with these providers.
    Talk(Addresses),
    /// They enter the rooms that the parent names, until nobody is there.
    Visited(Addresses),
    /// They have rooms and callers of their own, in memory, so many of them.
    Solitary {
        addresses: Addresses,
        sessions: usize,
    },
    /// They sound as soon as they hear something: the ruler's own floor.
    Null,
}

/// Plays until the parent closes the input.
pub(crate) async fn perform(cast: Cast) -> Result<()> {
    let rooms: Arc<dyn Rooms> = Arc::new(cast.address.rooms()?);
    let stop = CancellationToken::new();
    let mut playing: JoinSet<Result<()>> = JoinSet::new();
    match &cast.role {
        Role::Visited(addresses) => {
            println!("{READY}");
            return visits::be_visited(rooms, addresses.adapters()?).await;
        }
        Role::Solitary {
            addresses,
            sessions,
        } => {
            println!("{READY}");
            return visits::be_solitary(&addresses.adapters()?, *sessions).await;
        }
        Role::Talk(addresses) => {
            let providers = addresses.adapters()?;
            let entering = cast
                .rooms
                .iter()
                .map(|room| enter(&*rooms, room, &providers));
            let agents: Vec<Conversation> = stream::iter(entering)
                .buffer_unordered(ENTERING)
                .try_collect()
                .await?;
            for agent in agents {
                let stop = stop.clone();
                playing.spawn(async move {
                    agent.run(stop).await;
                    Ok(())
                });
            }
        }
        Role::Null => {
            for room in cast.rooms {
                let rooms = Arc::clone(&rooms);
                playing.spawn(async move { null::answer_at_once(&*rooms, &room).await });
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

async fn enter(rooms: &dyn Rooms, room: &str, providers: &Providers) -> Result<Conversation> {
    Ok(Conversation::enter(rooms, setup(room, providers, WAITING_MS)?).await?)
}

/// Returns what the server would begin a conversation with.
pub(crate) fn setup(room: &str, providers: &Providers, alone_ms: u32) -> Result<Setup> {
    let mut profile = Profile {
        persona: "You are the receptionist of a small shop.".to_owned(),
        greeting: "Good morning, what can I do?".to_owned(),
        ..Profile::default()
    };
    profile.turn.idle_prompt_after_ms = 0;
    profile.limits.alone_ms = alone_ms;
    Ok(Setup {
        room: RoomName::new(room).context("a name of a room")?,
        identity: Identity::new("agent-bench").context("a name")?,
        profile: Arc::new(profile),
        providers: providers.clone(),
        session: room.into(),
        tools: Toolbox::default(),
        journal: Arc::new(MemoryJournal::default()),
        entrance: Entrance::Greeting,
        circle: None,
        bell: None,
    })
}
