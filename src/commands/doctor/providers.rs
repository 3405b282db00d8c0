//! Each configured provider, with a tiny real request.

use futures_util::future::join_all;

use crate::commands::say;
use crate::telemetry;
use crate::trial::{Trial, remedy};

/// Tries them all at once, and returns whether all are well.
pub(super) async fn check(trials: Vec<Trial>) -> bool {
    let answers = join_all(trials.iter().map(Trial::run)).await;
    let mut healthy = true;
    for (trial, answer) in trials.iter().zip(answers) {
        let who = format!("{} ({})", trial.name(), trial.port());
        match answer {
            Ok(took) => say(&format!(
                "{who:<30} ok: answered after {} ms\n",
                took.as_millis()
            )),
            Err(error) => {
                healthy = false;
                say(&format!(
                    "{who:<30} {}\n{:<30} fix: {}\n",
                    telemetry::chain(&error),
                    "",
                    remedy(&error)
                ));
            }
        }
    }
    healthy
}
