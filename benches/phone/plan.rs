//! What is measured, and how often.

use std::env;

use anyhow::{Result, bail};

use crate::{
    bridge, figures, greetings,
    house::{Connects, House},
    load, process, visits,
};

/// A whole run.
pub(crate) struct Plan {
    parts: Vec<Part>,
    /// Calls one after the other.
    greetings: usize,
    /// Sounds each way.
    sounds: usize,
    /// Calls that come and go.
    visits: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Greetings,
    Bridge,
    Load,
    Visits,
}

impl Plan {
    /// Returns the plan that the command line asks for: everything, or the parts that are named; `full` for publishing,
    /// `quick` for a glance.
    pub(crate) fn from_environment() -> Result<Self> {
        let mut plan = Self {
            parts: Vec::new(),
            greetings: 40,
            sounds: 100,
            visits: 500,
        };
        for argument in env::args().skip(1).filter(|argument| argument != "--bench") {
            match argument.as_str() {
                "greetings" => plan.parts.push(Part::Greetings),
                "bridge" => plan.parts.push(Part::Bridge),
                "load" => plan.parts.push(Part::Load),
                "visits" => plan.parts.push(Part::Visits),
                "full" => (plan.greetings, plan.sounds, plan.visits) = (100, 200, 5_000),
                "quick" => (plan.greetings, plan.sounds, plan.visits) = (10, 20, 50),
                unknown => {
                    bail!("`{unknown}` is none of greetings, bridge, load, visits, full, quick")
                }
            }
        }
        if plan.parts.is_empty() {
            plan.parts = vec![Part::Greetings, Part::Bridge, Part::Load, Part::Visits];
        }
        Ok(plan)
    }

    pub(crate) async fn carry_out(self) -> Result<()> {
        println!("load {}, {}", process::load()?, process::processor()?);
        for part in &self.parts {
            match part {
                Part::Greetings => {
                    self.greet(Connects::InTime).await?;
                    self.greet(Connects::AtOnce).await?;
                }
                Part::Bridge => self.bridge().await?,
                Part::Load => {
                    let house = House::open(Connects::AtOnce).await?;
                    load::measure(&house).await?;
                    house.close().await;
                }
                Part::Visits => {
                    let house = House::open(Connects::AtOnce).await?;
                    visits::measure(&house, self.visits).await?;
                    house.close().await;
                }
            }
        }
        println!("load {}", process::load()?);
        Ok(())
    }

    async fn greet(&self, connects: Connects) -> Result<()> {
        let house = House::open(connects).await?;
        let greetings = greetings::measure(&house, self.greetings).await?;
        house.close().await;
        let connected = match connects {
            Connects::AtOnce => "connected at once",
            Connects::InTime => "connected after a word",
        };
        show(&format!("{connected}, webhook → TwiML"), &greetings.webhook);
        show(
            &format!("{connected}, TwiML → media start"),
            &greetings.start,
        );
        show(
            &format!("{connected}, media start → greeting"),
            &greetings.audio,
        );
        Ok(())
    }

    async fn bridge(&self) -> Result<()> {
        let house = House::open(Connects::AtOnce).await?;
        let bridge = bridge::measure(&house, self.sounds).await?;
        house.close().await;
        show("caller → room", &bridge.into_the_room);
        show("room → Twilio", &bridge.out_of_it);
        show("Twilio → the caller's ear", &bridge.to_the_ear);
        Ok(())
    }
}

fn show(what: &str, times: &figures::Times) {
    println!(
        "{what}: p50 / p95 {} ({}) ms, n = {}",
        times.shown(),
        times.range(),
        times.count()
    );
}
