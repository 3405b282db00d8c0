//! `patchbay doctor`: checks what a production server needs, and says what to do.

mod providers;
mod telephone;

use std::process::ExitCode;

use room_contract::ServiceError;

use super::{EXIT_USAGE, fail, say};
use crate::config::{Config, Environment, Flags, Mode};
use crate::store::Store;
use crate::{health, telemetry, wiring};

pub(super) fn run(flags: &Flags) -> ExitCode {
    let config = match Config::read(Mode::Serve, flags, &Environment::of_process()) {
        Ok(config) => config,
        Err(mistakes) => {
            say(&format!("configuration  {mistakes}\n{}", dev_line()));
            return ExitCode::from(EXIT_USAGE);
        }
    };
    say("configuration  ok\n");
    for warning in &config.warnings {
        say(&format!("               but: {warning}\n"));
    }

    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    if runtime.block_on(check(&config)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Checks everything, even when the first thing is not well.
async fn check(config: &Config) -> bool {
    let database = check_database(config).await;
    let livekit = check_livekit(config).await;
    let providers = match wiring::trials(config) {
        Ok(trials) => providers::check(trials).await,
        Err(mistakes) => {
            say(&format!("providers      {mistakes}\n"));
            false
        }
    };
    let telephone = telephone::check(config).await;
    database && livekit && providers && telephone
}

async fn check_database(config: &Config) -> bool {
    let database = &config.database;
    match Store::try_out(database).await {
        Ok(()) => {
            say(&format!("database       ok ({database})\n"));
            true
        }
        Err(error) => {
            say(&format!(
                "database       does not answer: start it, or correct DATABASE_URL ({database})\n               {}\n",
                telemetry::chain(&error)
            ));
            false
        }
    }
}

async fn check_livekit(config: &Config) -> bool {
    let Some(livekit) = &config.livekit else {
        return false;
    };
    let answer = match wiring::rooms(livekit) {
        Ok(rooms) => health::ask(&*rooms).await,
        Err(error) => {
            say(&format!("LiveKit        {error:#}\n"));
            return false;
        }
    };
    let (verdict, healthy) = match &answer {
        Ok(()) => ("ok: it answers, and takes the key and the secret", true),
        Err(ServiceError::Refused(_)) => (
            "refuses LIVEKIT_API_KEY or LIVEKIT_API_SECRET: compare with `keys:` in livekit.yaml",
            false,
        ),
        Err(ServiceError::Garbled(_)) => (
            "something answers, but it is not LiveKit: correct LIVEKIT_URL",
            false,
        ),
        Err(_) => ("does not answer: start it, or correct LIVEKIT_URL", false),
    };
    say(&format!("LiveKit        {verdict} ({})\n", livekit.url));
    if let Err(error) = &answer {
        say(&format!("               {}\n", telemetry::chain(error)));
    }
    healthy
}

/// What somebody who only wants to try Patchbay should do instead.
fn dev_line() -> String {
    match room_launcher::find_binary() {
        Ok(path) => format!(
            "`patchbay dev` needs none of this: it starts {}\n",
            path.display()
        ),
        Err(error) => format!("`patchbay dev` needs none of this, but {error}\n"),
    }
}
