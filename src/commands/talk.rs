//! `patchbay talk`: a person in a room, from the terminal.

mod door;
mod line;
mod mouth;
mod transcript;
mod visit;

use std::process::ExitCode;

use anyhow::Context;
use room_contract::{JoinOptions, Token};
use room_media::SampleRate;

use super::terminal::screen::Screen;
use super::terminal::sound;
use super::{EXIT_INTERRUPTED, fail, say};
use crate::wiring;
pub(super) use line::TalkLine;
use visit::{Outcome, Visit};

/// What goes into the room and comes out of it; mono.
const RATE: SampleRate = SampleRate::HZ_24000;

/// Something that was said or typed got no answer.
const EXIT_UNANSWERED: u8 = 2;
/// There is no agent in the room.
const EXIT_NOBODY: u8 = 3;
/// The room ended before all was said.
const EXIT_CUT_OFF: u8 = 4;

pub(super) fn run(line: &TalkLine) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    runtime.block_on(async {
        tokio::select! {
            outcome = talk(line) => match outcome {
                Ok(outcome) => code(outcome),
                Err(error) => fail(&error),
            },
            _ = tokio::signal::ctrl_c() => ExitCode::from(EXIT_INTERRUPTED),
        }
    })
}

async fn talk(line: &TalkLine) -> anyhow::Result<Outcome> {
    // Whatever is wrong with the script is said before anybody is disturbed.
    let script = sound::prepare(&line.script.0, RATE).await?;
    let way = door::knock(line).await?;
    say(&format!("room {}\n", way.room_name));
    let rooms = wiring::guest(&way.livekit_url)?;
    let joined = rooms
        .join(&Token::new(way.token), JoinOptions::default())
        .await
        .context("LiveKit did not let us in")?;

    let mut visit = Visit::enter(joined, Screen::default(), line.patience()).await?;
    let outcome = visit.follow(script).await;
    let recording = visit.leave().await;

    if let Some(file) = &line.listen {
        std::fs::write(file, recording.wav()?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(outcome)
}

fn code(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Answered => ExitCode::SUCCESS,
        Outcome::Unanswered => ExitCode::from(EXIT_UNANSWERED),
        Outcome::Nobody => ExitCode::from(EXIT_NOBODY),
        Outcome::CutOff => ExitCode::from(EXIT_CUT_OFF),
    }
}

#[cfg(test)]
mod tests;
