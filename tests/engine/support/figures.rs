//! Measurements, printed so that they can be found.

use std::{fmt::Display, time::Duration};

/// Prints a measurement. The table in `docs/engine.md` is filled from these lines.
pub(crate) fn figure(name: &str, value: impl Display) {
    #[expect(
        clippy::print_stdout,
        reason = "measurements are for whoever runs the tests"
    )]
    {
        println!("figure: {name}: {value}");
    }
}

/// Returns the value below which `percent` of the durations lie.
pub(crate) fn percentile(durations: &[Duration], percent: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}
