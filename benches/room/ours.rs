//! A child process on the crate `livekit` over the engine of this workspace.

mod crowd;
mod join;
mod latency;
mod participant;

use anyhow::Result;

use crate::task::{Line, Task};

pub(crate) use crowd::Crowd;

pub(crate) async fn perform(task: Task) -> Result<()> {
    room_livekit::signalling::register();
    match task {
        Task::Join { url, tokens } => join::perform(&url, &tokens).await,
        Task::Latency {
            url,
            speaker,
            listener,
            beeps,
        } => latency::perform(&url, [&speaker, &listener], beeps).await,
        Task::Crowd {
            url,
            tokens,
            voice,
            settle_seconds,
            seconds,
        } => {
            let settings = crowd::Settings {
                voice: voice.into(),
                settle_seconds,
                seconds,
            };
            crowd::perform(&url, &tokens, settings).await
        }
    }
}

fn tell(line: &Line) -> Result<()> {
    println!("{}", serde_json::to_string(line)?);
    Ok(())
}
