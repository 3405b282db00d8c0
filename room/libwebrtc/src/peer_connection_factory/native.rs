//! Tracks, and the sound card that is not there.

use room_engine::{LocalTrack, MediaKind};

use super::PeerConnectionFactory;
use crate::audio_source::native::NativeAudioSource;
use crate::audio_track::RtcAudioTrack;
use crate::native::create_random_uuid;
use crate::video_source::native::NativeVideoSource;
use crate::video_track::RtcVideoTrack;

/// Declares the methods that ask for a sound card, each with the answer of a machine without one.
macro_rules! without_sound_card {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty = $answer:expr;)*) => {
        /// Makes tracks. A server has no sound card: there are no devices, and nothing that
        /// concerns them succeeds.
        pub trait PeerConnectionFactoryExt {
            /// Makes a track that is negotiated and stays dark.
            fn create_video_track(&self, label: &str, source: NativeVideoSource) -> RtcVideoTrack;

            /// Makes a track that sends what `source` is given; `label` becomes its id.
            fn create_audio_track(&self, label: &str, source: NativeAudioSource) -> RtcAudioTrack;

            /// Makes a track that stays silent, and logs an error.
            fn create_device_audio_track(&self, label: &str) -> RtcAudioTrack;

            $(
                $(#[$doc])*
                fn $name(&self $(, $argument: $type)*) -> $output {
                    $(let _ = $argument;)*
                    $answer
                }
            )*
        }
    };
}

without_sound_card! {
    /// Returns how many loudspeakers there are.
    fn playout_devices() -> i16 = 0;
    /// Returns how many microphones there are.
    fn recording_devices() -> i16 = 0;
    /// Returns the name of a loudspeaker.
    fn playout_device_name(index: u16) -> String = String::new();
    /// Returns the name of a microphone.
    fn recording_device_name(index: u16) -> String = String::new();
    /// Returns the id of a loudspeaker.
    fn playout_device_guid(index: u16) -> String = String::new();
    /// Returns the id of a microphone.
    fn recording_device_guid(index: u16) -> String = String::new();
    /// Selects a loudspeaker.
    fn set_playout_device(index: u16) -> bool = false;
    /// Selects a microphone.
    fn set_recording_device(index: u16) -> bool = false;
    /// Selects a loudspeaker by its id.
    fn set_playout_device_by_guid(guid: &str) -> bool = false;
    /// Selects a microphone by its id.
    fn set_recording_device_by_guid(guid: &str) -> bool = false;
    /// Stops the microphone.
    fn stop_recording() -> bool = false;
    /// Prepares the microphone.
    fn init_recording() -> bool = false;
    /// Starts the microphone.
    fn start_recording() -> bool = false;
    /// Returns whether the microphone is prepared.
    fn recording_is_initialized() -> bool = false;
    /// Stops the loudspeaker.
    fn stop_playout() -> bool = false;
    /// Prepares the loudspeaker.
    fn init_playout() -> bool = false;
    /// Starts the loudspeaker.
    fn start_playout() -> bool = false;
    /// Returns whether the loudspeaker is prepared.
    fn playout_is_initialized() -> bool = false;
    /// Returns whether the card cancels echo.
    fn builtin_aec_is_available() -> bool = false;
    /// Returns whether the card evens out the level.
    fn builtin_agc_is_available() -> bool = false;
    /// Returns whether the card removes noise.
    fn builtin_ns_is_available() -> bool = false;
    /// Makes the card cancel echo.
    fn enable_builtin_aec(enable: bool) -> bool = false;
    /// Makes the card even out the level.
    fn enable_builtin_agc(enable: bool) -> bool = false;
    /// Makes the card remove noise.
    fn enable_builtin_ns(enable: bool) -> bool = false;
    /// Switches the microphone on or off.
    fn set_adm_recording_enabled(enabled: bool) -> () = ();
    /// Returns whether the microphone is on.
    fn adm_recording_enabled() -> bool = false;
    /// Switches the loudspeaker on or off.
    fn set_adm_playout_enabled(enabled: bool) -> () = ();
    /// Returns whether the loudspeaker is on.
    fn adm_playout_enabled() -> bool = false;
    /// Takes the sound card. Refused, which `PlatformAudio::new` reports as its error.
    fn acquire_platform_adm() -> bool = false;
    /// Gives the sound card back.
    fn release_platform_adm() -> () = ();
    /// Returns how often the sound card was taken.
    fn platform_adm_ref_count() -> i32 = 0;
    /// Returns whether the sound card works.
    fn is_platform_adm_active() -> bool = false;
}

impl PeerConnectionFactoryExt for PeerConnectionFactory {
    /// The label is not a track id in the original either: video tracks are named at random.
    fn create_video_track(&self, _label: &str, _source: NativeVideoSource) -> RtcVideoTrack {
        RtcVideoTrack::local(LocalTrack::silent(create_random_uuid(), MediaKind::Video))
    }

    fn create_audio_track(&self, label: &str, source: NativeAudioSource) -> RtcAudioTrack {
        RtcAudioTrack::local(LocalTrack::audio(label, source.source))
    }

    fn create_device_audio_track(&self, label: &str) -> RtcAudioTrack {
        log::error!("there is no sound card: a track made from a device stays silent");
        RtcAudioTrack::local(LocalTrack::silent(label, MediaKind::Audio))
    }
}
