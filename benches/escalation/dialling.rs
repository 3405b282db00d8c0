//! How long it takes until telephones ring, and until people hear each other: escalations one after the other.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use connectors_twilio_twin::{Call, FRAME};
use room_media::{
    Dbfs, Level, SampleRate,
    tone::{Tone, power_at},
};
use tokio::time::{sleep, timeout};

use crate::figures::Times;
use crate::house::{House, PATIENCE};
use crate::people::{contact_picks_up, escalate, hang_up, is_briefed, next_call, nobody_picks_up};

/// What the caller sounds: nothing that anybody says, nor the music.
const HERTZ: f32 = 1_700.0;

/// Longer than it takes to be connected.
const SECONDS: usize = 8;

/// How long a contact listens before they press a key; nobody presses it at the first word.
const LISTENS: Duration = Duration::from_secs(1);

/// Measures from the request until the twin was asked for both calls, the contact's and the caller's own.
pub(crate) async fn both_dialled(house: &House, times: usize) -> Result<Times> {
    let mut measured = Times::default();
    for nth in 0..times {
        let visitor = format!("+150055510{nth:02}");
        nobody_picks_up(house, &visitor);
        let caller = house.greeted().await?;
        let asked = Instant::now();
        escalate(house, &caller, Some(&visitor)).await?;
        let both = [next_call(house).await?, next_call(house).await?];
        measured.add(asked.elapsed());
        hang_up(&caller).await?;
        for call in both {
            timeout(PATIENCE, call.ended()).await?;
        }
    }
    Ok(measured)
}

/// Measures from the contact's key until they hear the caller.
pub(crate) async fn connected(house: &House, times: usize) -> Result<Times> {
    let mut measured = Times::default();
    contact_picks_up(house);
    let rate = SampleRate::HZ_8000;
    let tone = Tone::new(rate, HERTZ, Dbfs::new(-15.0)).take(SECONDS * rate.hertz() as usize);
    for _ in 0..times {
        let caller = house.greeted().await?;
        escalate(house, &caller, None).await?;
        let contact = next_call(house).await?;
        is_briefed(&contact).await?;
        sleep(LISTENS).await;
        caller.say(&tone);
        let pressed = Instant::now();
        contact.digits("1");
        measured.add_between(pressed, hears(&contact).await?);
        hang_up(&contact).await?;
        hang_up(&caller).await?;
    }
    Ok(measured)
}

/// Waits until somebody hears the tone from now on.
async fn hears(call: &Call) -> Result<Instant> {
    let now = call.heard().len();
    let mut ear = call.listen();
    let heard = async {
        let mut position = 0;
        while let Some(frame) = ear.next().await {
            position += FRAME;
            if position > now && is_tone(&frame) {
                return Some(Instant::now());
            }
        }
        None
    };
    let heard = timeout(PATIENCE, heard).await;
    heard
        .context("the caller is not heard")?
        .context("the call ended")
}

fn is_tone(frame: &[i16]) -> bool {
    let power = f64::from(Level::of(frame).rms.amplitude()).powi(2);
    power > 1e-5 && power_at(frame, SampleRate::HZ_8000, HERTZ) > 0.4 * power
}
