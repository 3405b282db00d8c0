//! A test peer on the crate `livekit`, steered as `PROTOCOL.md` says.

mod arguments;
mod events;
mod guest;
mod output;
mod recording;
mod statistics;
mod voice;

use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio_util::task::TaskTracker;

use self::guest::Guest;
use self::output::Output;

#[tokio::main]
async fn main() -> Result<()> {
    let output = Output::start();
    let guest = Arc::new(Guest::new(output.clone()));
    let work = TaskTracker::new();
    output.tell("ready", json!({}));

    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let command: Value = serde_json::from_str(&line)?;
        let (guest, output) = (guest.clone(), output.clone());
        // Commands overlap: a recording does not hold up a call.
        work.spawn(async move {
            let answer = guest.perform(&command).await;
            output.answer(&command["id"], answer);
        });
    }

    guest.leave().await?;
    output.finish().await;
    Ok(())
}
