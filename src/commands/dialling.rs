//! `patchbay dialling`: the switch that stops all calls out, on every node that shares the records.

use std::process::ExitCode;

use super::line::{DiallingLine, DiallingOrder};
use super::serve::{open_records, prepare_data_dir};
use super::{fail, refuse, say};
use crate::config::{Config, Environment, Mode};

pub(super) fn run(line: DiallingLine) -> ExitCode {
    // Dev asks for the least; where records are does not depend on the mode.
    let config = match Config::read(Mode::Dev, &line.flags.into(), &Environment::of_process()) {
        Ok(config) => config,
        Err(mistakes) => return refuse(&mistakes),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(carry_out(&config, &line.order)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn carry_out(config: &Config, order: &DiallingOrder) -> anyhow::Result<()> {
    prepare_data_dir(config)?;
    let store = open_records(config).await?.store;
    match order {
        DiallingOrder::On => store.switch_dialling(true).await?,
        DiallingOrder::Off => store.switch_dialling(false).await?,
        DiallingOrder::Show => {}
    }
    say(if store.dialling().await? {
        "dialling is on: calls are placed as [dialling] allows\n"
    } else {
        "dialling is off: no call is placed; those under way go on\n"
    });
    Ok(())
}
