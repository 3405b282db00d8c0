//! What both sides agreed on, section by section.

use str0m::Rtc;
use str0m::media::Mid;

use super::Negotiation;
use super::sections::{Outline, Section};
use crate::transceiver::{Direction, SendEncoding, Transceiver, TransceiverInit};

/// What both sides agreed on for a section with media.
#[derive(Debug, Clone)]
pub(crate) struct AgreedSection {
    pub(crate) transceiver: Transceiver,
    pub(crate) mid: Mid,
    pub(crate) prefers_red: bool,
    pub(crate) wants_dtx: bool,
}

/// What an exchange brought.
#[derive(Debug, Default)]
pub(crate) struct Agreement {
    /// Sections that the peer's offer added.
    pub(crate) added: Vec<Transceiver>,
    /// Sections on which the peer announces streams it had not announced before.
    pub(crate) tracks: Vec<Transceiver>,
}

impl Negotiation {
    /// Makes transceivers for the sections of an offer that belong to none yet.
    pub(super) fn new_sections(&self, outline: &Outline) -> Vec<Transceiver> {
        let is_known = |s: &Section| self.agreed.iter().any(|a| a.transceiver.has_mid(&s.mid));
        outline
            .sections
            .iter()
            .filter(|section| !is_known(section))
            .filter_map(|section| {
                let init = TransceiverInit {
                    direction: Direction::RecvOnly,
                    stream_ids: Vec::new(),
                    encoding: SendEncoding::default(),
                };
                let transceiver = Transceiver::new(section.kind()?, None, init, self.link.clone());
                transceiver.set_mid(Some(section.mid.clone()));
                Some(transceiver)
            })
            .collect()
    }

    /// Takes over what the peer's description says about each section. Returns those with news.
    pub(super) fn agree(
        &mut self,
        rtc: &Rtc,
        outline: &Outline,
        added: &[Transceiver],
    ) -> Vec<Transceiver> {
        self.has_application |= outline.has_application();
        for transceiver in added {
            let Some(mid) = transceiver.mid() else {
                continue;
            };
            let (transceiver, mid) = (transceiver.clone(), Mid::from(mid.as_str()));
            self.agreed.push(AgreedSection {
                transceiver,
                mid,
                prefers_red: false,
                wants_dtx: false,
            });
        }
        self.agreed
            .retain(|section| rtc.media(section.mid).is_some());

        let mut news = Vec::new();
        for section in &outline.sections {
            let Some(agreed) = self.agreed.iter_mut().find(|a| *a.mid == *section.mid) else {
                continue;
            };
            agreed.prefers_red = section.prefers_red();
            agreed.wants_dtx = section.wants_dtx();
            let direction = section.direction().inverted();
            if agreed.transceiver.agree(direction, section.streams()) {
                news.push(agreed.transceiver.clone());
            }
        }
        news
    }
}
