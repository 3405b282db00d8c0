//! What the engine itself reads from the text of a description.
//!
//! str0m parses descriptions in full when they are applied. Before that the engine compares their
//! sections with its own, and afterwards it needs the streams that the peer names.

use crate::track::MediaKind;
use crate::transceiver::Direction;

/// The sections of a description, with what guards its use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) sections: Vec<Section>,
    pub(crate) has_fingerprint: bool,
    pub(crate) has_ice_credentials: bool,
    bundled: Vec<String>,
}

/// One `m=` section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) mid: String,
    /// The first word of the section's line: `audio`, `video`, `application`.
    pub(crate) media: String,
    is_port_zero: bool,
    is_bundled: bool,
    direction: Option<Direction>,
    streams: Vec<String>,
    /// Payload types in order of preference.
    payload_types: Vec<String>,
    /// Payload types of RED.
    red: Vec<String>,
    wants_dtx: bool,
}

impl Outline {
    /// Reads what it understands and skips the rest; never fails.
    pub(crate) fn read(sdp: &str) -> Self {
        let mut outline = Self::default();
        for line in sdp.lines().map(str::trim) {
            outline.read_line(line);
        }
        for section in &mut outline.sections {
            section.is_bundled = outline.bundled.contains(&section.mid);
        }
        outline
    }

    pub(crate) fn mids(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|section| section.mid.as_str())
    }

    pub(crate) fn has_application(&self) -> bool {
        self.sections
            .iter()
            .any(|s| s.media == "application" && !s.is_rejected())
    }

    fn read_line(&mut self, line: &str) {
        if let Some(media_line) = line.strip_prefix("m=") {
            self.sections.push(Section::from_media_line(media_line));
        } else if let Some(mids) = line.strip_prefix("a=group:BUNDLE ") {
            self.bundled = mids.split(' ').map(str::to_owned).collect();
        } else if line.starts_with("a=fingerprint:") {
            self.has_fingerprint = true;
        } else if line.starts_with("a=ice-ufrag:") {
            self.has_ice_credentials = true;
        } else if let Some(section) = self.sections.last_mut() {
            section.read_line(line);
        }
    }
}

impl Section {
    fn from_media_line(line: &str) -> Self {
        let mut words = line.split(' ');
        let media = words.next().unwrap_or_default().to_owned();
        let is_port_zero = words.next() == Some("0");
        let payload_types = words.skip(1).map(str::to_owned).collect();
        Self {
            media,
            is_port_zero,
            payload_types,
            ..Self::default()
        }
    }

    fn read_line(&mut self, line: &str) {
        let Some(attribute) = line.strip_prefix("a=") else {
            return;
        };
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        match name {
            "mid" => value.clone_into(&mut self.mid),
            "sendrecv" => self.direction = Some(Direction::SendRecv),
            "sendonly" => self.direction = Some(Direction::SendOnly),
            "recvonly" => self.direction = Some(Direction::RecvOnly),
            "inactive" => self.direction = Some(Direction::Inactive),
            "msid" => self.read_stream(value),
            "rtpmap" => self.read_codec(value),
            "fmtp" => self.read_format(value),
            _ => {}
        }
    }

    fn read_stream(&mut self, value: &str) {
        let stream = value.split(' ').next().unwrap_or_default();
        let is_new = !self.streams.iter().any(|known| known == stream);
        if stream != "-" && !stream.is_empty() && is_new {
            self.streams.push(stream.to_owned());
        }
    }

    fn read_codec(&mut self, value: &str) {
        if let Some((payload_type, codec)) = value.split_once(' ')
            && codec.to_ascii_lowercase().starts_with("red/")
        {
            self.red.push(payload_type.to_owned());
        }
    }

    fn read_format(&mut self, value: &str) {
        let parameters = value
            .split_once(' ')
            .map_or("", |(_, parameters)| parameters);
        self.wants_dtx |= parameters
            .split(';')
            .any(|parameter| parameter.trim() == "usedtx=1");
    }

    /// What the section carries, unless it is data or something unknown.
    pub(crate) fn kind(&self) -> Option<MediaKind> {
        match self.media.as_str() {
            "audio" => Some(MediaKind::Audio),
            "video" => Some(MediaKind::Video),
            _ => None,
        }
    }

    /// Port zero refuses a section, unless it shares the port of its bundle (RFC 8843).
    pub(crate) fn is_rejected(&self) -> bool {
        self.is_port_zero && !self.is_bundled
    }

    /// The direction as the writer of the description sees it.
    pub(crate) fn direction(&self) -> Direction {
        match self.direction {
            _ if self.is_rejected() => Direction::Inactive,
            Some(direction) => direction,
            None => Direction::SendRecv,
        }
    }

    /// The streams that the writer sends on this section.
    pub(crate) fn streams(&self) -> Vec<String> {
        if self.direction().sends() {
            self.streams.clone()
        } else {
            Vec::new()
        }
    }

    /// Whether RED is what the writer would rather receive than the plain codec.
    pub(crate) fn prefers_red(&self) -> bool {
        self.payload_types
            .first()
            .is_some_and(|first| self.red.contains(first))
    }

    /// Whether the writer would rather receive nothing than silence (RFC 7587 §6.1).
    pub(crate) fn wants_dtx(&self) -> bool {
        self.wants_dtx
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANSWER: &str = "v=0\r\n\
        a=group:BUNDLE 0 d\r\n\
        a=fingerprint:sha-256 00\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n\
        a=mid:0\r\n\
        a=ice-ufrag:x\r\n\
        a=sendonly\r\n\
        a=rtpmap:63 red/48000/2\r\n\
        a=rtpmap:111 opus/48000/2\r\n\
        a=msid:PA_1|TR_1 TR_1\r\n\
        a=msid:- TR_2\r\n\
        m=video 0 UDP/TLS/RTP/SAVPF 96\r\n\
        a=mid:1\r\n\
        a=sendrecv\r\n\
        a=msid:ghost TR_3\r\n\
        m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n\
        a=mid:d\r\n";

    #[test]
    fn a_description_is_outlined_by_its_sections() {
        let outline = Outline::read(ANSWER);

        assert_eq!(outline.mids().collect::<Vec<_>>(), ["0", "1", "d"]);
        assert!(outline.has_fingerprint && outline.has_ice_credentials);
        assert_eq!(outline.sections[0].kind(), Some(MediaKind::Audio));
        assert_eq!(outline.sections[0].direction(), Direction::SendOnly);
        assert_eq!(outline.sections[0].streams(), ["PA_1|TR_1"]);
        assert!(outline.sections[0].prefers_red());
    }

    #[test]
    fn a_rejected_section_neither_sends_nor_receives() {
        let outline = Outline::read(ANSWER);

        assert_eq!(outline.sections[1].direction(), Direction::Inactive);
        assert!(outline.sections[1].streams().is_empty());
    }

    #[test]
    fn silence_is_sent_unless_the_writer_of_the_section_wants_none() {
        let wants_dtx = |format: &str| {
            let sdp = format!("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=fmtp:111 {format}\r\n");
            Outline::read(&sdp).sections[0].wants_dtx()
        };

        assert!(wants_dtx("minptime=10;useinbandfec=1;usedtx=1"));
        assert!(wants_dtx("usedtx=1; minptime=10"));
        assert!(!wants_dtx("minptime=10;useinbandfec=1"));
        assert!(!wants_dtx("minptime=10;usedtx=0"));
    }

    #[test]
    fn port_zero_inside_a_bundle_is_no_rejection() {
        assert!(Outline::read(ANSWER).has_application());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "((v|m|a)=\\PC{0,30}\r?\n?){0,20}") {
            drop(Outline::read(&text));
        }
    }
}
