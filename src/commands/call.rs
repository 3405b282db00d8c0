//! `patchbay call`: a person with a telephone, from the terminal.

mod conversation;
mod exchange;
mod line;
mod watcher;

use std::process::ExitCode;

use anyhow::Context;
use room_media::SampleRate;

use super::terminal::screen::Screen;
use super::terminal::sound;
use super::{EXIT_INTERRUPTED, fail};
use crate::config::{Config, Environment, Flags, Mode};
use conversation::{Conversation, Outcome};
pub(super) use line::CallLine;

/// What a telephone hears; mono.
const RATE: SampleRate = SampleRate::HZ_8000;

/// Something that was said got no answer.
const EXIT_UNANSWERED: u8 = 2;
/// Nobody took the call.
const EXIT_NOT_TAKEN: u8 = 3;
/// The call ended before all was said.
const EXIT_CUT_OFF: u8 = 4;

pub(super) fn run(line: &CallLine) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let code = runtime.block_on(async {
        tokio::select! {
            outcome = call(line) => match outcome {
                Ok(outcome) => code(outcome),
                Err(error) => fail(&error),
            },
            _ = tokio::signal::ctrl_c() => ExitCode::from(EXIT_INTERRUPTED),
        }
    });
    runtime.shutdown_background();
    code
}

async fn call(line: &CallLine) -> anyhow::Result<Outcome> {
    let flags = Flags {
        config: line.config.clone(),
        ..Flags::default()
    };
    // What a server on this machine reads as well: the account signs what the twin sends.
    let config = Config::read(Mode::Dev, &flags, &Environment::of_process())
        .map_err(|mistakes| anyhow::anyhow!("{mistakes}"))?;
    let script = sound::prepare(&line.script.0, RATE).await?;
    let twin = exchange::twin(line, &config).await?;
    let call = exchange::connect(line, &twin, &config).await?;

    let mut conversation = Conversation::begin(call, Screen::default(), line);
    let outcome = conversation.follow(script).await;
    let recording = conversation.hang_up().await;

    if let Some(file) = &line.listen {
        std::fs::write(file, recording.wav()?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    twin.stop().await;
    Ok(outcome)
}

fn code(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Answered => ExitCode::SUCCESS,
        Outcome::Unanswered => ExitCode::from(EXIT_UNANSWERED),
        Outcome::NotTaken => ExitCode::from(EXIT_NOT_TAKEN),
        Outcome::CutOff => ExitCode::from(EXIT_CUT_OFF),
    }
}
