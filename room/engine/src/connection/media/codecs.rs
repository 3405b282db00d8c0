//! Payload types that an exchange settled on.

use str0m::Rtc;
use str0m::format::Codec;
use str0m::media::{Mid, Pt};

/// Opus and RED over Opus. The numbers are the same in all sections of a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct AudioCodecs {
    opus: Option<Pt>,
    red: Option<Pt>,
}

/// How one section may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SendCodecs {
    pub(super) opus: Pt,
    pub(super) red: Option<Pt>,
}

impl AudioCodecs {
    pub(super) fn negotiated(rtc: &Rtc) -> Self {
        let opus = rtc
            .codec_config()
            .params()
            .iter()
            .find(|p| p.spec().codec == Codec::Opus);
        Self {
            opus: opus.map(|p| p.pt()),
            red: opus.and_then(|p| p.red()),
        }
    }

    /// What the peer takes on a section; `None` when it does not take Opus there.
    pub(super) fn of(self, rtc: &Rtc, mid: Mid) -> Option<SendCodecs> {
        let opus = self.opus?;
        let is_taken = rtc.media(mid)?.remote_pts().contains(&opus);
        is_taken.then_some(SendCodecs {
            opus,
            red: self.red,
        })
    }

    pub(super) fn is_red(self, payload_type: Pt) -> bool {
        self.red == Some(payload_type)
    }
}
