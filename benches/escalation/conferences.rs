//! More and more conferences at once, each of a caller, a contact, somebody at a computer and the agent, until somebody
//! misses a piece.

use std::time::{Duration, Instant};

use anyhow::Result;
use connectors_twilio_twin::{Call, What};
use futures_util::future::try_join_all;
use room_media::{Dbfs, SampleRate, tone::Tone};
use tokio::time::sleep;

use crate::guest::Guest;
use crate::house::House;
use crate::people::{contact_picks_up, escalate, hang_up, is_briefed, next_call};
use crate::process;

/// How many at once; the first step at which a piece is missed is the last one.
const STEPS: [usize; 4] = [5, 10, 25, 50];

/// How long each step talks.
const TALK: Duration = Duration::from_secs(15);

/// Longer than it takes until the agent has said that the contact is there.
const SETTLED: Duration = Duration::from_secs(3);

/// About as long as the talk, at 60 ms a letter.
const STORY: &str = "Our house was built a hundred years ago by two brothers who had come from the sea, and it has \
     seven floors, forty rooms, and a garden with old apple trees. In the summer we serve breakfast under the trees, and \
     in the winter there is a fire in every room.";

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
        let guest = Guest::join(&house.rooms()?, &caller).await?;
        Ok(Self {
            caller,
            contact,
            guest,
        })
    }

    /// The agent tells a story; the two on the telephone say something now and then without falling in.
    async fn talk(&self, house: &House) -> Result<Missed> {
        let calls = [&self.caller, &self.contact];
        let marks = calls.map(|call| call.events().len());
        let before = self.guest.ear.heard().missing;
        house.say(&self.caller, STORY).await?;
        let murmur = Tone::new(SampleRate::HZ_8000, 200.0, Dbfs::new(-60.0)).take(8_000);
        for second in 0..TALK.as_secs() {
            calls[(second % 2) as usize].say(&murmur);
            sleep(Duration::from_secs(1)).await;
        }
        let gaps = calls.into_iter().zip(marks).flat_map(gaps).collect();
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

pub(crate) async fn measure(house: &House) -> Result<()> {
    let pid = house.pid()?;
    contact_picks_up(house);
    let before = process::resident_kib(pid)?;
    println!("memory with nobody on the line: {:.1} MiB", mib(before));
    let mut conferences = Vec::new();
    for step in STEPS {
        while conferences.len() < step {
            conferences.push(Conference::open(house).await?);
        }
        sleep(SETTLED).await;
        let (began, cpu) = (Instant::now(), process::cpu_seconds(pid)?);
        let missed = try_join_all(conferences.iter().map(|one| one.talk(house))).await?;
        let took = began.elapsed().as_secs_f64();
        let cpu = (process::cpu_seconds(pid)? - cpu) / took;
        let gaps: Vec<Duration> = missed.iter().flat_map(|one| one.gaps.clone()).collect();
        let at_computers: Duration = missed.iter().map(|one| one.at_the_computer).sum();
        let memory = process::resident_kib(pid)?;
        println!(
            "{step} conferences: {} gaps on telephones, {:.0} ms; {:.0} ms missed at computers; {:.2} % of a core each, \
             {:.1} MiB, {:.2} MiB each; load {}",
            gaps.len(),
            gaps.iter().sum::<Duration>().as_secs_f64() * 1_000.0,
            at_computers.as_secs_f64() * 1_000.0,
            100.0 * cpu / step as f64,
            mib(memory),
            mib(memory.saturating_sub(before)) / step as f64,
            process::load()?,
        );
        if !gaps.is_empty() {
            break;
        }
    }
    for conference in conferences {
        conference.close().await?;
    }
    Ok(())
}

/// Returns how long the pieces were that somebody has missed since a mark.
fn gaps((call, since): (&Call, usize)) -> Vec<Duration> {
    let events = call.events().into_iter().skip(since);
    let gaps = events.filter_map(|event| match event.what {
        What::Gap { length } => Some(length),
        _ => None,
    });
    gaps.collect()
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1_024.0
}
