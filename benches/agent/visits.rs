//! Sessions opened and closed: the caller comes, is greeted and leaves.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use agent_session::{Conversation, Providers};
use anyhow::{Context, Result};
use futures_util::{StreamExt, stream};
use room_contract::{RoomName, Rooms, memory::MemoryRooms};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    answers::REPLY,
    backstage::{Backstage, Delays},
    caller::Caller,
    remains::{LOOK_AGAIN, Remains},
    stage::{Agents, Stage},
    troupe::{self, Role},
};

/// Says that what the agents' process holds is wanted; anything else is a room to enter.
const COUNT: &str = "count";
/// An agent without company leaves after so long.
const ALONE_MS: u32 = 500;
/// A session that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(30);
/// The server keeps a room for 20 s after the last one has left.
const DEPARTED: Duration = Duration::from_secs(40);
/// For all sessions to end and what they held to be let go.
const PATIENCE: Duration = Duration::from_secs(150);
/// Sessions at once on the server, which shares a core with the callers.
const ON_SERVER: usize = 10;
/// Sessions at once in memory.
const IN_MEMORY: usize = 50;

/// What so many sessions left behind.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Visits {
    pub(crate) sessions: usize,
    pub(crate) failed: usize,
    pub(crate) seconds: f64,
    /// After the first tenth, which loads what all share.
    pub(crate) before: Remains,
    pub(crate) after: Remains,
    /// Rooms that the server still knows.
    pub(crate) rooms_left: usize,
    /// Connections that providers still hold.
    pub(crate) open_at_providers: usize,
}

/// Opens and closes sessions on the LiveKit server.
pub(crate) async fn on_server(
    stage: &mut Stage,
    delays: Delays,
    sessions: usize,
) -> Result<Visits> {
    let backstage = Backstage::open(delays, REPLY).await?;
    let mut agents = stage.enter(0, Role::Visited(backstage.addresses())).await?;
    let rooms = stage.address().rooms()?;
    let warming = sessions / 10;
    let mut failed = visit_all(&mut agents, &rooms, 0..warming).await;
    let before = remains(&mut agents).await?;
    let began = Instant::now();
    failed += visit_all(&mut agents, &rooms, warming..warming + sessions).await;
    let seconds = began.elapsed().as_secs_f64();
    let after = remains(&mut agents).await?;
    agents.leave().await?;
    Ok(Visits {
        sessions,
        failed,
        seconds,
        before,
        after,
        rooms_left: rooms_left(&rooms).await?,
        open_at_providers: backstage.open_now(),
    })
}

/// Opens and closes sessions in rooms in memory, callers and all in the agents' process.
pub(crate) async fn in_memory(
    stage: &mut Stage,
    delays: Delays,
    sessions: usize,
) -> Result<Visits> {
    let backstage = Backstage::open(delays, REPLY).await?;
    let role = Role::Solitary {
        addresses: backstage.addresses(),
        sessions,
    };
    let mut agents = stage.enter(0, role).await?;
    let line = agents.line(PATIENCE * 10).await?;
    let visits = serde_json::from_str(&line)?;
    agents.leave().await?;
    Ok(Visits {
        open_at_providers: backstage.open_now(),
        ..visits
    })
}

/// Returns how many rooms stay.
async fn rooms_left(rooms: &dyn Rooms) -> Result<usize> {
    let began = Instant::now();
    loop {
        let left = rooms.list().await?.len();
        if left == 0 || began.elapsed() > DEPARTED {
            return Ok(left);
        }
        sleep(LOOK_AGAIN).await;
    }
}

async fn remains(agents: &mut Agents) -> Result<Remains> {
    agents.tell(COUNT).await?;
    Ok(serde_json::from_str(&agents.line(PATIENCE).await?)?)
}

/// Returns how many visits came to nothing.
async fn visit_all(
    agents: &mut Agents,
    rooms: &dyn Rooms,
    numbers: std::ops::Range<usize>,
) -> usize {
    let agents = tokio::sync::Mutex::new(agents);
    let visits = numbers.map(|number| {
        let agents = &agents;
        async move {
            let room = format!("visit-{number}");
            let visit = visit(rooms, &room, async || agents.lock().await.tell(&room).await);
            timeout(LONGEST, visit).await.context("a session hangs")?
        }
    });
    let visits = stream::iter(visits).buffer_unordered(ON_SERVER);
    visits
        .filter(|visited: &Result<()>| {
            if let Err(error) = visited {
                println!("A visit failed: {error:#}.");
            }
            std::future::ready(visited.is_err())
        })
        .count()
        .await
}

/// Comes, calls the agent, is greeted, and leaves.
async fn visit(
    rooms: &dyn Rooms,
    room: &str,
    call: impl AsyncFnOnce() -> Result<()>,
) -> Result<()> {
    let came = Instant::now();
    let caller = Caller::join(rooms, room).await?;
    call().await?;
    let mut line = caller.find_the_agent().await?;
    let found = came.elapsed();
    let greeted = line.ear.hear_voice(came).await;
    line.leave().await;
    greeted
        .map(drop)
        .with_context(|| format!("the agent's track was there after {found:?}"))
}

/// The agents' side of [`on_server`].
pub(crate) async fn be_visited(rooms: Arc<dyn Rooms>, providers: Providers) -> Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut sessions = JoinSet::new();
    let mut before = None;
    while let Some(line) = lines.next_line().await? {
        if line == COUNT {
            while sessions.join_next().await.is_some() {}
            let remains = Remains::settle(before).await?;
            before = Some(remains);
            println!("{}", serde_json::to_string(&remains)?);
            continue;
        }
        while sessions.try_join_next().is_some() {}
        let (rooms, providers) = (Arc::clone(&rooms), providers.clone());
        sessions.spawn(async move { attend(&*rooms, &line, &providers).await });
    }
    Ok(())
}

async fn attend(rooms: &dyn Rooms, room: &str, providers: &Providers) -> Result<()> {
    let setup = troupe::setup(room, providers, ALONE_MS)?;
    let agent = Conversation::enter(rooms, setup).await?;
    agent.run(CancellationToken::new()).await;
    Ok(())
}

/// The agents' and callers' side of [`in_memory`].
pub(crate) async fn be_solitary(providers: &Providers, sessions: usize) -> Result<()> {
    let rooms = MemoryRooms::new();
    let warming = sessions / 10;
    let mut failed = visit_in_memory(&rooms, providers, 0..warming).await;
    let before = Remains::settle(None).await?;
    let began = Instant::now();
    failed += visit_in_memory(&rooms, providers, warming..warming + sessions).await;
    let seconds = began.elapsed().as_secs_f64();
    let visits = Visits {
        sessions,
        failed,
        seconds,
        before,
        after: Remains::settle(Some(before)).await?,
        rooms_left: rooms.list().await?.len(),
        open_at_providers: 0,
    };
    println!("{}", serde_json::to_string(&visits)?);
    Ok(())
}

async fn visit_in_memory(
    rooms: &MemoryRooms,
    providers: &Providers,
    numbers: std::ops::Range<usize>,
) -> usize {
    let visits = numbers.map(async |number| {
        let room = format!("visit-{number}");
        let both = async {
            let caller = visit(rooms, &room, async || Ok(()));
            let (visited, attended) = tokio::join!(caller, attend(rooms, &room, providers));
            rooms.delete(&RoomName::new(&room)?).await?;
            visited.and(attended)
        };
        timeout(LONGEST, both).await.context("a session hangs")?
    });
    let visits = stream::iter(visits).buffer_unordered(IN_MEMORY);
    visits
        .filter(|visited: &Result<()>| std::future::ready(visited.is_err()))
        .count()
        .await
}
