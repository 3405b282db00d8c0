//! More and more conferences at once, each of a caller, a contact, somebody at a computer and the agent, until somebody
//! misses more than a thousandth of what is said.

use std::time::{Duration, Instant};

use anyhow::Result;
use connectors_twilio_twin::Call;
use futures_util::future::try_join_all;
use room_media::Dbfs;
use tokio::time::sleep;

use crate::guest::Guest;
use crate::house::House;
use crate::people::{contact_picks_up, escalate, hang_up, is_briefed, next_call};
use crate::{process, story};

/// How many at once; the first step at which too much is missed is the last one.
const STEPS: [usize; 4] = [5, 10, 25, 50];

/// Longer than it takes until the agent has said that the contact is there.
const SETTLED: Duration = Duration::from_secs(3);

/// One conversation after the other begins within this time: not all agents of a house begin to speak at once.
const BEGINNING: Duration = Duration::from_secs(1);

/// Loud enough to be carried on, and too quiet to be taken for somebody who falls in.
pub(crate) const HUM: Dbfs = Dbfs::new(-50.0);

/// Four in one room.
struct Conference {
    caller: Call,
    contact: Call,
    guest: Guest,
}

impl Conference {
    async fn open(house: &House) -> Result<Self> {
        let caller = house.greeted().await?;
        escalate(house, &caller, None).await?;
        let contact = next_call(house).await?;
        is_briefed(&contact).await?;
        contact.digits("1");
        let guest = Guest::join(&house.rooms()?, &caller, "agent-").await?;
        Ok(Self {
            caller,
            contact,
            guest,
        })
    }

    /// After so much time the agent tells a story; the two on the telephone take turns to murmur without falling in.
    async fn talk(&self, house: &House, after: Duration, murmur: Dbfs) -> Result<Missed> {
        sleep(after).await;
        let calls = [&self.caller, &self.contact];
        let marks = calls.map(|call| call.events().len());
        let before = self.guest.ear.heard().missing;
        house.say(&self.caller, story::WORDS).await?;
        let murmur = story::murmur(murmur);
        for second in 0..story::LASTS.as_secs() {
            calls[(second % 2) as usize].say(&murmur);
            sleep(Duration::from_secs(1)).await;
        }
        let gaps = calls
            .into_iter()
            .zip(marks)
            .flat_map(story::missed)
            .collect();
        Ok(Missed {
            gaps,
            at_the_computer: self.guest.ear.heard().missing.saturating_sub(before),
        })
    }

    async fn close(self) -> Result<()> {
        self.guest.leave().await;
        hang_up(&self.contact).await?;
        hang_up(&self.caller).await
    }
}

/// What people of one conference have missed.
struct Missed {
    /// On the two telephones.
    gaps: Vec<Duration>,
    at_the_computer: Duration,
}

/// Those on the telephone murmur so loud.
pub(crate) async fn measure(house: &House, murmur: Dbfs) -> Result<()> {
    let pid = house.pid()?;
    contact_picks_up(house);
    let before = process::resident_mib(pid)?;
    println!("memory with nobody on the line: {before:.1} MiB");
    let mut conferences = Vec::new();
    for step in STEPS {
        while conferences.len() < step {
            conferences.push(Conference::open(house).await?);
        }
        sleep(SETTLED).await;
        let (began, cpu) = (Instant::now(), process::cpu_seconds(pid)?);
        let talks = conferences
            .iter()
            .zip(0..)
            .map(|(one, turn)| one.talk(house, BEGINNING * turn / step as u32, murmur));
        let missed = try_join_all(talks).await?;
        let took = began.elapsed().as_secs_f64();
        let cpu = (process::cpu_seconds(pid)? - cpu) / took;
        let at_computers: Duration = missed.iter().map(|one| one.at_the_computer).sum();
        let gaps: Vec<Duration> = missed.into_iter().flat_map(|one| one.gaps).collect();
        let missed: Duration = gaps.iter().sum();
        let memory = process::resident_mib(pid)?;
        println!(
            "{step} conferences: {} gaps on telephones, {:.0} ms; {:.0} ms missed at computers; {:.2} % of a core each, \
             {:.1} MiB, {:.2} MiB each; load {}",
            gaps.len(),
            missed.as_secs_f64() * 1_000.0,
            at_computers.as_secs_f64() * 1_000.0,
            100.0 * cpu / step as f64,
            memory,
            (memory - before) / step as f64,
            process::load()?,
        );
        if missed > story::LASTS * 2 * step as u32 / 1_000 {
            break;
        }
    }
    for conference in conferences {
        conference.close().await?;
    }
    Ok(())
}
