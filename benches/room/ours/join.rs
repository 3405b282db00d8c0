//! From the wish to join until something is heard.

use std::time::Instant;

use anyhow::{Context, Result};
use futures_util::StreamExt;

use super::{participant::Participant, tell};
use crate::{signal, task::Line};

pub(super) async fn perform(url: &str, tokens: &[String]) -> Result<()> {
    for token in tokens {
        let begin = Instant::now();
        let mut participant = Participant::join(url, token).await?;
        let connected = begin.elapsed();
        let mut stream = participant.listen().await?;
        loop {
            let frame = stream.next().await.context("nothing is to be heard")?;
            if signal::is_sound(&frame.data) {
                break;
            }
        }
        let heard = begin.elapsed();
        tell(&Line::Joined {
            connected_ms: connected.as_secs_f64() * 1_000.0,
            heard_ms: heard.as_secs_f64() * 1_000.0,
        })?;
        participant.leave().await?;
    }
    Ok(())
}
