//! Measures what a peer has recorded.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use room_media::{tone, wav};

/// Ten minutes: longer than any test records.
const MOST_SAMPLES: usize = 48_000 * 600;

/// How a tone came through.
#[derive(Debug, Clone, Copy)]
pub struct Heard {
    /// Power of the tone over all power, 0 to 1.
    pub share: f32,
    /// The tone's level, RMS in dBFS.
    pub level: f32,
    /// The longest stretch in which the tone was missing.
    pub longest_gap: Duration,
    /// From the tone's first sound to its last.
    pub duration: Duration,
}

/// Measures how a tone of `hertz` sounds in a WAV file.
///
/// # Errors
/// When the file is not a recording.
pub fn listen(file: &Path, hertz: f32) -> Result<Heard> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let recording = wav::read(&bytes, MOST_SAMPLES)?;
    let report = tone::measure(recording.samples(), recording.format().rate, hertz);
    Ok(Heard {
        share: report.share,
        level: report.level.decibels(),
        longest_gap: report.longest_gap,
        duration: report.duration,
    })
}
