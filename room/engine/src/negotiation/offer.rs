//! Makes offers and keeps the one that waits for its answer.

use str0m::Rtc;
use str0m::change::{SdpApi, SdpPendingOffer};
use str0m::channel::ChannelConfig;
use str0m::media::{MediaKind as StrKind, Mid};

use super::sections::Outline;
use super::seed::StreamLedger;
use super::to_str0m;
use crate::config::OfferPurpose;
use crate::description::{Description, DescriptionKind};
use crate::error::EngineError;
use crate::track::{LocalTrack, MediaKind};
use crate::transceiver::{Direction, Transceiver};

/// What an offer shall contain.
pub(super) struct WantedOffer<'a> {
    pub(super) transceivers: &'a [Transceiver],
    pub(super) adds_application: bool,
    pub(super) purpose: OfferPurpose,
}

/// The offer created last.
pub(super) struct OpenOffer {
    pub(super) mids: Vec<String>,
    token: SdpPendingOffer,
    /// Transceivers that get their section by this offer. Each attempt names the sections anew.
    new: Vec<(Transceiver, Mid)>,
    /// The text that was set as the local description.
    set: Option<Description>,
}

impl OpenOffer {
    pub(super) fn is_set(&self) -> bool {
        self.set.is_some()
    }

    /// Makes it the local description: from here on its sections have names.
    pub(super) fn set(&mut self, description: Description) {
        for (transceiver, mid) in &self.new {
            transceiver.set_mid(Some(mid.to_string()));
        }
        self.set = Some(description);
    }

    /// Takes the names back.
    pub(super) fn forget(self) {
        for (transceiver, _) in self.new {
            transceiver.set_mid(None);
        }
    }

    pub(super) fn into_parts(
        self,
    ) -> (
        SdpPendingOffer,
        Option<Description>,
        Vec<(Transceiver, Mid)>,
    ) {
        (self.token, self.set, self.new)
    }
}

pub(super) fn make(
    rtc: &mut Rtc,
    streams: &mut StreamLedger,
    wanted: &WantedOffer<'_>,
) -> Result<(OpenOffer, Description), EngineError> {
    let (known, unknown): (Vec<_>, Vec<_>) = wanted
        .transceivers
        .iter()
        .map(|transceiver| (transceiver, known_mid(rtc, transceiver)))
        .partition(|(_, mid)| mid.is_some());

    let mut api = rtc.sdp_api();
    for (transceiver, mid) in &known {
        if let Some(mid) = mid {
            api.set_direction(*mid, to_str0m(transceiver.direction()));
        }
    }
    let new = unknown
        .into_iter()
        .map(|(t, _)| (t.clone(), add_section(&mut api, t)))
        .collect();
    if wanted.adds_application {
        add_application(&mut api, streams)?;
    }
    if wanted.purpose == OfferPurpose::IceRestart {
        api.ice_restart(true);
    }
    if !api.has_changes() {
        let first = known
            .iter()
            .find_map(|(transceiver, mid)| Some((*transceiver, (*mid)?)));
        let (transceiver, mid) = first.ok_or(EngineError::state("there is nothing to offer"))?;
        touch(&mut api, mid, transceiver.direction());
    }

    let (offer, token) = api
        .apply()
        .ok_or(EngineError::state("there is nothing to offer"))?;
    let description = Description::new(DescriptionKind::Offer, offer.to_sdp_string());
    let mids = Outline::read(description.sdp())
        .mids()
        .map(str::to_owned)
        .collect();
    Ok((
        OpenOffer {
            mids,
            token,
            new,
            set: None,
        },
        description,
    ))
}

/// The section of a transceiver, if an exchange confirmed it. A name alone is not enough: it may
/// come from an offer that was never answered.
fn known_mid(rtc: &Rtc, transceiver: &Transceiver) -> Option<Mid> {
    let mid = Mid::from(transceiver.mid()?.as_str());
    rtc.media(mid).map(|_| mid)
}

fn add_section(api: &mut SdpApi<'_>, transceiver: &Transceiver) -> Mid {
    let kind = match transceiver.kind() {
        MediaKind::Audio => StrKind::Audio,
        MediaKind::Video => StrKind::Video,
    };
    let track = transceiver.local_track();
    let stream = transceiver.stream_ids().into_iter().next();
    let track_id = track.as_ref().map(LocalTrack::id).map(str::to_owned);
    api.add_media(
        kind,
        to_str0m(transceiver.direction()),
        stream,
        track_id,
        None,
    )
}

fn add_application(api: &mut SdpApi<'_>, streams: &mut StreamLedger) -> Result<(), EngineError> {
    let stream = streams
        .seed()
        .ok_or(EngineError::state("too many offers were made"))?;
    api.add_channel_with_config(ChannelConfig {
        negotiated: Some(stream),
        ..Default::default()
    });
    Ok(())
}

/// str0m makes no offer without a change: a direction turned there and back is two of them, and
/// none in effect.
fn touch(api: &mut SdpApi<'_>, mid: Mid, direction: Direction) {
    let other = match direction {
        Direction::Inactive => Direction::RecvOnly,
        Direction::SendRecv | Direction::SendOnly | Direction::RecvOnly => Direction::Inactive,
    };
    api.set_direction(mid, to_str0m(other));
    api.set_direction(mid, to_str0m(direction));
}
