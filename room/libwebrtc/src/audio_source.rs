//! Where an application hands over audio to send.

pub mod native;

/// Sample rate assumed for a sound card, in Hz.
pub const DEFAULT_SAMPLE_RATE: u32 = 48_000;

/// Channels assumed for a sound card.
pub const DEFAULT_NUM_CHANNELS: u32 = 1;

/// Processing wanted on captured audio. Kept and handed back; the engine does none of it.
#[derive(Default, Debug, Clone)]
pub struct AudioSourceOptions {
    /// Remove what the loudspeaker plays.
    pub echo_cancellation: bool,
    /// Remove steady noise.
    pub noise_suppression: bool,
    /// Even out the level.
    pub auto_gain_control: bool,
}

/// What an audio track is made from.
#[non_exhaustive]
#[derive(Debug, Clone)]
pub enum RtcAudioSource {
    /// Frames that the application hands over.
    Native(native::NativeAudioSource),
    /// A sound card. There is none: a track made from it stays silent.
    Device,
}

impl RtcAudioSource {
    /// Notes the wanted processing.
    pub fn set_audio_options(&self, options: AudioSourceOptions) {
        if let Self::Native(source) = self {
            source.set_audio_options(options);
        }
    }

    /// Returns the wanted processing.
    #[must_use]
    pub fn audio_options(&self) -> AudioSourceOptions {
        match self {
            Self::Native(source) => source.audio_options(),
            Self::Device => AudioSourceOptions::default(),
        }
    }

    /// Returns the sample rate in Hz.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        match self {
            Self::Native(source) => source.sample_rate(),
            Self::Device => DEFAULT_SAMPLE_RATE,
        }
    }

    /// Returns the number of channels.
    #[must_use]
    pub fn num_channels(&self) -> u32 {
        match self {
            Self::Native(source) => source.num_channels(),
            Self::Device => DEFAULT_NUM_CHANNELS,
        }
    }
}
