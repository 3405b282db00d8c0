//! The sending half of a section while there is something to send.

use std::sync::Arc;
use std::time::Instant;

use str0m::Rtc;
use str0m::media::Mid;
use str0m::rtp::{ExtensionValues, RtpWrite};
use tokio::sync::Notify;

use super::codecs::SendCodecs;
use crate::audio::codec::CodecOptions;
use crate::audio::{AudioSender, EncodedPacket, Redundancy, SenderOptions};
use crate::negotiation::AgreedSection;
use crate::track::LocalTrack;
use crate::transceiver::{Direction, SendEncoding};

/// Most that one voice is given, whatever the application allows.
const MAX_BITRATE: u32 = 128_000;

/// One earlier frame travels with each frame: it mends single losses, at the price of its own size.
const RED_DISTANCE: u8 = 1;

pub(super) struct Sending {
    pub(super) sender: AudioSender,
    track: LocalTrack,
    codec: CodecOptions,
    codecs: SendCodecs,
    redundancy: Option<Redundancy>,
}

impl Sending {
    /// Starts, changes or stops sending, as the section and the application want it.
    pub(super) fn reconcile(
        sending: &mut Option<Box<Self>>,
        agreed: &AgreedSection,
        codecs: Option<SendCodecs>,
        filled: &Arc<Notify>,
    ) {
        let transceiver = &agreed.transceiver;
        let direction = transceiver
            .current_direction()
            .unwrap_or(Direction::Inactive);
        let track = transceiver.local_track().filter(|_| direction.sends());
        let (Some(track), Some(codecs)) = (track, codecs) else {
            *sending = None;
            return;
        };
        let redundancy = redundancy(codecs, agreed.prefers_red);
        let codec = codec_options(transceiver.encoding(), agreed.wants_dtx);
        match sending {
            Some(current) if current.track.is(&track) && current.codecs == codecs => {
                current.adjust(codec, redundancy);
            }
            _ => {
                *sending = Self::start(track, codecs, (codec, redundancy), filled).map(Box::new);
            }
        }
    }

    /// Hands a packet to str0m.
    pub(super) fn write(
        &self,
        rtc: &mut Rtc,
        mid: Mid,
        sequence: u64,
        (packet, now): (EncodedPacket, Instant),
    ) {
        let payload_type = match self.codecs.red {
            Some(red) if packet.red => red,
            _ => self.codecs.opus,
        };
        let extensions = ExtensionValues {
            audio_level: Some(packet.level_dbov),
            voice_activity: Some(packet.voice),
            ..ExtensionValues::default()
        };
        let mut api = rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else {
            return;
        };
        let rtp = RtpWrite::new(
            payload_type,
            sequence.into(),
            packet.timestamp,
            now,
            packet.payload,
        );
        stream.write_rtp(rtp.marker(packet.marker).ext_vals(extensions));
    }

    fn start(
        track: LocalTrack,
        codecs: SendCodecs,
        (codec, redundancy): (CodecOptions, Option<Redundancy>),
        filled: &Arc<Notify>,
    ) -> Option<Self> {
        let options = SenderOptions {
            codec,
            redundancy,
            enabled: track.enabled_flag(),
            wake: filled.clone(),
            first_timestamp: fastrand::u32(..),
        };
        let sender = AudioSender::new(track.source()?.clone(), options);
        Some(Self {
            sender,
            track,
            codec,
            codecs,
            redundancy,
        })
    }

    fn adjust(&mut self, codec: CodecOptions, redundancy: Option<Redundancy>) {
        if self.codec != codec {
            self.codec = codec;
            self.sender.set_codec(codec);
        }
        if self.redundancy != redundancy {
            self.redundancy = redundancy;
            self.sender.set_redundancy(redundancy);
        }
    }
}

fn redundancy(codecs: SendCodecs, is_preferred: bool) -> Option<Redundancy> {
    (codecs.red.is_some() && is_preferred).then_some(Redundancy {
        payload_type: *codecs.opus,
        distance: RED_DISTANCE,
    })
}

fn codec_options(encoding: SendEncoding, dtx: bool) -> CodecOptions {
    let default = CodecOptions::default();
    let bitrate = encoding
        .max_bitrate
        .unwrap_or(default.bitrate)
        .min(MAX_BITRATE);
    CodecOptions {
        bitrate,
        dtx,
        ..default
    }
}
