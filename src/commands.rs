//! What the program can be told to do.

mod call;
mod dev;
mod dialling;
mod doctor;
mod key;
mod line;
mod local_livekit;
mod openapi;
mod serve;
mod signals;
mod talk;
mod terminal;

use std::future::Future;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::config::{Config, Environment, Mistakes, Mode};
use crate::sessions::Drained;
use crate::troupe::Parts;
use crate::{telemetry, wiring};
use line::{Command, Line};

/// The command line or the configuration is wrong (`EX_USAGE`); nothing was started.
const EXIT_USAGE: u8 = 64;

/// What still works once all has stopped, such as a look-up of a name, gets this long.
const LAST_WORK: Duration = Duration::from_secs(2);

/// A second signal ended the process at once, as a shell counts SIGINT.
const EXIT_INTERRUPTED: u8 = 130;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(shown) => {
            let asked_for = !shown.use_stderr(); // --help and --version
            drop(shown.print());
            return if asked_for {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(EXIT_USAGE)
            };
        }
    };
    match line.command {
        Command::Dev(flags) => start(Mode::Dev, &flags.into(), dev::run),
        Command::Serve(flags) => start(Mode::Serve, &flags.into(), serve::run),
        Command::Key(line) => key::run(line),
        Command::Dialling(line) => dialling::run(line),
        Command::Doctor(flags) => doctor::run(&flags.into()),
        Command::Talk(line) => talk::run(&line),
        Command::Call(line) => call::run(&line),
        Command::Openapi => openapi::run(),
    }
}

/// Reads the configuration, then runs a server until it has stopped.
fn start<R>(
    mode: Mode,
    flags: &crate::config::Flags,
    run: fn(Config, Parts, CancellationToken) -> R,
) -> ExitCode
where
    R: Future<Output = anyhow::Result<Drained>>,
{
    let config = match Config::read(mode, flags, &Environment::of_process()) {
        Ok(config) => config,
        Err(mistakes) => return refuse(&mistakes),
    };
    if let Err(error) = telemetry::start(config.log.as_deref()) {
        return fail(&error);
    }
    for warning in &config.warnings {
        warn!("{warning}");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let parts = {
        let _entered = runtime.enter();
        wiring::parts(&config)
    };
    let parts = match parts {
        Ok(parts) => parts,
        Err(mistakes) => return refuse(&mistakes),
    };
    let drain = CancellationToken::new();
    if let Err(error) = signals::watch(drain.clone()) {
        return fail(&error.into());
    }
    let result = runtime.block_on(run(config, parts, drain));
    runtime.shutdown_timeout(LAST_WORK);
    match result {
        Ok(drained) => {
            info!(cut = matches!(drained, Drained::Cutting(_)), "stopped");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn refuse(mistakes: &Mistakes) -> ExitCode {
    complain(&format!("patchbay: {mistakes}"));
    ExitCode::from(EXIT_USAGE)
}

fn fail(error: &anyhow::Error) -> ExitCode {
    complain(&format!("patchbay: {error:#}\n"));
    ExitCode::FAILURE
}

/// Nothing is left to do when even standard error is gone.
fn complain(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}

/// Writes to standard output; whoever closed it does not want to know.
fn say(text: &str) {
    drop(std::io::stdout().write_all(text.as_bytes()));
}
