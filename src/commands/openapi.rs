//! `patchbay openapi`: prints the OpenAPI document.

use std::process::ExitCode;

use super::{fail, say};

pub(super) fn run() -> ExitCode {
    match crate::http::document().to_pretty_json() {
        Ok(text) => {
            say(&format!("{text}\n"));
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error.into()),
    }
}
