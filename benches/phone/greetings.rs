//! From the webhook to the greeting: calls one after the other.

use std::time::Duration;

use anyhow::{Context, Result};
use connectors_twilio_twin::{Call, Event, What};
use tokio::time::timeout;

use crate::{
    figures::Times,
    house::{House, PATIENCE},
};

/// What was measured.
#[derive(Default)]
pub(crate) struct Greetings {
    /// From the webhook's first byte to the document's last.
    pub(crate) webhook: Times,
    /// From there until the stream has begun.
    pub(crate) start: Times,
    /// From there to the first sound.
    pub(crate) audio: Times,
}

pub(crate) async fn measure(house: &House, calls: usize) -> Result<Greetings> {
    let mut greetings = Greetings::default();
    for _ in 0..calls {
        let call = house.call()?;
        let answered = find(&call, |what| matches!(what, What::WebhookAnswered { .. })).await?;
        let started = find(&call, |what| matches!(what, What::StreamStarted { .. })).await?;
        let spoke = find(&call, |what| matches!(what, What::StreamSpoke { .. })).await?;
        if let What::WebhookAnswered { took, .. } = answered.what {
            greetings.webhook.add(took);
        }
        greetings.start.add(between(answered.at, started.at));
        greetings.audio.add(between(started.at, spoke.at));
        call.hang_up();
        timeout(PATIENCE, call.ended()).await?;
        // The end of one call must not count as the beginning of the next.
        house.is_empty().await?;
    }
    Ok(greetings)
}

async fn find(call: &Call, fits: fn(&What) -> bool) -> Result<Event> {
    let event = timeout(PATIENCE, call.event(fits)).await?;
    event.context("the call ended")
}

fn between(from: Duration, to: Duration) -> Duration {
    to.saturating_sub(from)
}
