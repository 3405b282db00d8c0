//! How media is encoded. A voice uses the bit rate; the rest is carried for those who ask for it.

/// Importance of a stream; not used.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum Priority {
    /// Least.
    VeryLow,
    /// Less.
    Low,
    /// More.
    Medium,
    /// Most.
    High,
}

/// What a video encoder gives up first; not used.
#[derive(Debug, Copy, Clone, PartialEq, Eq, Default)]
pub enum DegradationPreference {
    /// Neither: frames are dropped.
    MaintainFramerateAndResolution,
    /// Resolution.
    MaintainFramerate,
    /// Frame rate.
    MaintainResolution,
    /// A bit of both.
    #[default]
    Balanced,
}

/// Facts about RTCP.
#[derive(Debug, Clone, Default)]
pub struct RtcpParameters {
    /// Canonical name of the sender.
    pub cname: String,
    /// Whether short reports are used.
    pub reduced_size: bool,
}

/// One codec.
#[derive(Debug, Clone, Default)]
pub struct RtpCodecParameters {
    /// Its number in RTP packets.
    pub payload_type: u8,
    /// Its name.
    pub mime_type: String,
    /// Ticks per second of its timestamps.
    pub clock_rate: Option<u64>,
    /// Channels, for audio.
    pub channels: Option<u16>,
}

/// One RTP header extension.
#[derive(Debug, Clone)]
pub struct RtpHeaderExtensionParameters {
    /// What it means.
    pub uri: String,
    /// Its number in RTP packets.
    pub id: i32,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// How a sender or receiver works.
#[derive(Debug, Clone, Default)]
pub struct RtpParameters {
    /// Codecs in order of preference.
    pub codecs: Vec<RtpCodecParameters>,
    /// Header extensions.
    pub header_extensions: Vec<RtpHeaderExtensionParameters>,
    /// Layers; a voice has one.
    pub encodings: Vec<RtpEncodingParameters>,
    /// Facts about RTCP.
    pub rtcp: RtcpParameters,
}

impl RtpParameters {
    /// Does nothing: there is no video to degrade.
    pub fn set_degradation_preference(&mut self, _preference: DegradationPreference) {}
}

/// One layer of a sender.
#[derive(Debug, Clone)]
pub struct RtpEncodingParameters {
    /// Whether it is sent.
    pub active: bool,
    /// Upper bound in bits per second.
    pub max_bitrate: Option<u64>,
    /// Upper bound in pictures per second.
    pub max_framerate: Option<f64>,
    /// Importance.
    pub priority: Priority,
    /// Name of the layer.
    pub rid: String,
    /// How much smaller than the source it is.
    pub scale_resolution_down_by: Option<f64>,
    /// Name of an SVC mode.
    pub scalability_mode: Option<String>,
    /// Whether `ssrc` is set.
    pub has_ssrc: bool,
    /// The stream's number.
    pub ssrc: u32,
}

impl Default for RtpEncodingParameters {
    fn default() -> Self {
        Self {
            active: true,
            max_bitrate: None,
            max_framerate: None,
            priority: Priority::Low,
            rid: String::new(),
            scale_resolution_down_by: None,
            scalability_mode: None,
            has_ssrc: false,
            ssrc: 0,
        }
    }
}

/// A codec that could be used.
#[derive(Debug, Clone)]
pub struct RtpCodecCapability {
    /// Channels, for audio.
    pub channels: Option<u16>,
    /// Ticks per second of its timestamps.
    pub clock_rate: Option<u64>,
    /// Its name.
    pub mime_type: String,
    /// Its settings, as SDP writes them.
    pub sdp_fmtp_line: Option<String>,
}

/// A header extension that could be used.
#[derive(Debug, Clone)]
pub struct RtpHeaderExtensionCapability {
    /// What it means.
    pub uri: String,
}

/// What could be used.
#[derive(Debug, Clone, Default)]
pub struct RtpCapabilities {
    /// Codecs.
    pub codecs: Vec<RtpCodecCapability>,
    /// Header extensions.
    pub header_extensions: Vec<RtpHeaderExtensionCapability>,
}
