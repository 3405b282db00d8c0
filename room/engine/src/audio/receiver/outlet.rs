//! Decodes a track once per format, for all streams of that format.

use std::sync::Arc;

use super::super::codec::{CLOCK_RATE, OpusDecoder, is_native};
use super::super::format::AudioFormat;
use super::super::remote::RemoteAudio;
use super::super::resample::{Chunk, Resampler};
use super::super::stream::{AudioFrame, FrameOrigin, Sink};
use super::step::{Sound, Step};

/// What resamplers take at once: the shortest Opus frame, of which all others are multiples.
const RESAMPLED: usize = 120;

/// The outlets of a track, kept in step with the streams attached to it.
#[derive(Debug, Default)]
pub(super) struct Outlets {
    /// The list of streams that the outlets were made for.
    sinks: Arc<Vec<Arc<Sink>>>,
    outlets: Vec<Outlet>,
}

/// A decoder and those who listen to it.
#[derive(Debug)]
struct Outlet {
    format: AudioFormat,
    /// `None` when libopus refuses: the streams get silence.
    decoder: Option<OpusDecoder>,
    resampler: Option<Resampler>,
    sinks: Vec<Arc<Sink>>,
    decoded: Vec<i16>,
}

impl Outlets {
    /// Decodes a step and hands it to the streams of `track`.
    pub(super) fn play(&mut self, track: &RemoteAudio, step: &Step) {
        let current = track.sinks();
        if !Arc::ptr_eq(&current, &self.sinks) {
            self.follow(&current);
        }
        drop(current);
        let mut all_open = true;
        for outlet in &mut self.outlets {
            outlet.play(step);
            all_open &= outlet.sinks.iter().all(|sink| sink.is_open());
        }
        if !all_open {
            track.forget_closed();
        }
    }

    /// Begins anew with another sender's coder.
    pub(super) fn forget(&mut self) {
        for outlet in &mut self.outlets {
            outlet.reset();
        }
    }

    /// Makes outlets for these streams; decoders whose format stays go on.
    fn follow(&mut self, sinks: &Arc<Vec<Arc<Sink>>>) {
        for outlet in &mut self.outlets {
            outlet.sinks.clear();
        }
        for sink in sinks.iter() {
            let sink = sink.clone();
            match self
                .outlets
                .iter_mut()
                .find(|outlet| outlet.format == sink.format())
            {
                Some(outlet) => outlet.sinks.push(sink),
                None => self.outlets.push(Outlet::new(sink)),
            }
        }
        self.outlets.retain(|outlet| !outlet.sinks.is_empty());
        self.sinks = sinks.clone();
    }
}

impl Outlet {
    fn new(sink: Arc<Sink>) -> Self {
        let mut outlet = Self {
            format: sink.format(),
            decoder: None,
            resampler: None,
            sinks: vec![sink],
            decoded: Vec::new(),
        };
        outlet.reset();
        outlet
    }

    fn reset(&mut self) {
        let coded = self.coded();
        self.decoder = OpusDecoder::new(coded)
            .inspect_err(|error| tracing::error!(%error, "audio cannot be decoded"))
            .ok();
        self.resampler = (coded != self.format)
            .then(|| Resampler::new(coded, self.format.sample_rate(), Chunk::Input(RESAMPLED)))
            .flatten();
    }

    /// What comes out of the decoder.
    fn coded(&self) -> AudioFormat {
        if is_native(self.format.sample_rate()) {
            self.format
        } else {
            self.format.at_rate(CLOCK_RATE)
        }
    }

    fn play(&mut self, step: &Step) {
        let origin = self.decode(step);
        let mut samples = std::mem::take(&mut self.decoded);
        if let Some(resampler) = &mut self.resampler {
            let mut resampled = Vec::with_capacity(samples.len());
            for chunk in samples.chunks_exact(resampler.wanted()) {
                resampler.process(chunk, &mut resampled);
            }
            self.decoded = std::mem::replace(&mut samples, resampled);
        }
        let frame = AudioFrame {
            samples,
            format: self.format,
            position: step.position,
            origin,
        };
        let Some((last, others)) = self.sinks.split_last() else {
            return;
        };
        for sink in others {
            sink.push(frame.clone());
        }
        last.push(frame);
    }

    /// Leaves the samples of the step in `decoded`: as many as its duration says, come what may.
    fn decode(&mut self, step: &Step) -> FrameOrigin {
        let coded = self.coded();
        let wanted = coded.samples_of(step.duration);
        self.decoded.clear();
        self.decoded.reserve_exact(wanted);
        let Some(decoder) = &mut self.decoder else {
            self.decoded.resize(wanted, 0);
            return FrameOrigin::Concealed;
        };
        let (decoded, origin) = match &step.sound {
            Sound::Frame(payload, origin) => {
                (decoder.decode(payload.bytes(), &mut self.decoded), *origin)
            }
            Sound::Fec(next) => {
                let decoded = decoder.decode_fec(next.bytes(), step.duration, &mut self.decoded);
                (decoded, FrameOrigin::Recovered)
            }
            Sound::Concealment => (
                decoder.conceal(step.duration, &mut self.decoded),
                FrameOrigin::Concealed,
            ),
        };
        if decoded.is_ok() && self.decoded.len() == wanted {
            return origin;
        }
        // A frame that only looked like Opus.
        self.decoded.clear();
        let _silence_then = decoder.conceal(step.duration, &mut self.decoded);
        self.decoded.resize(wanted, 0);
        FrameOrigin::Concealed
    }
}
