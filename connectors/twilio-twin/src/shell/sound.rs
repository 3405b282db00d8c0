//! Makes phone sound of the recordings that `<Play>` names.

use room_media::{Channels, Resampler, SampleRate, ulaw, wav};

use super::Office;
use crate::core::Failure;

/// Half an hour of 48 kHz stereo.
const MOST_VALUES: usize = 172_800_000;

/// Returns the recording at an address, μ-law at 8 kHz.
pub(super) async fn load(office: &Office, url: &str) -> Result<Vec<u8>, Failure> {
    let (content_type, bytes) = office.webhooks.load(url, &office.settings).await?;
    let is_ulaw = ["audio/basic", "audio/ulaw", "audio/mulaw", "audio/x-mulaw"]
        .iter()
        .any(|known| content_type.starts_with(known));
    if is_ulaw {
        return Ok(bytes);
    }
    phone_sound(&bytes).ok_or_else(|| Failure {
        code: 12_300,
        text: format!("the content type {content_type:?} cannot be played here; WAV and μ-law can"),
        took: std::time::Duration::ZERO,
    })
}

/// Returns a WAV file as μ-law at 8 kHz.
pub(crate) fn phone_sound(file: &[u8]) -> Option<Vec<u8>> {
    let frame = wav::read(file, MOST_VALUES)
        .ok()?
        .into_channels(Channels::Mono);
    let mut codes = Vec::new();
    if frame.format().rate == SampleRate::HZ_8000 {
        ulaw::encode_into(frame.samples(), &mut codes);
        return Some(codes);
    }
    let mut resampler = Resampler::new(frame.format(), SampleRate::HZ_8000).ok()?;
    let mut samples = Vec::new();
    resampler.process(frame.samples(), &mut samples);
    resampler.finish(&mut samples);
    ulaw::encode_into(&samples, &mut codes);
    Some(codes)
}
