//! The offer/answer exchange over str0m, with the states of the W3C tables.
//!
//! Three properties of str0m shape it. An offer comes with a token that the next offer makes
//! invalid, so at most one can be open. A direction acts as soon as it is written into an offer,
//! so the agreed ones are put back when an offer is given up. And an offer of the peer is applied
//! and answered in one step, so it cannot be rolled back.

mod agreement;
mod check;
mod offer;
mod sections;
pub(crate) mod seed;

use str0m::Rtc;
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::Direction as StrDirection;

use crate::config::OfferPurpose;
use crate::description::{Description, DescriptionKind};
use crate::error::EngineError;
use crate::link::Link;
use crate::state::SignalingState;
use crate::transceiver::{Direction, Transceiver};
pub(crate) use agreement::{AgreedSection, Agreement};
use check::{check_answer, check_credentials};
use offer::{OpenOffer, WantedOffer};
use sections::Outline;
use seed::StreamLedger;

/// Where the exchange stands and what was agreed on.
pub(crate) struct Negotiation {
    signaling: SignalingState,
    local: Option<Description>,
    remote: Option<Description>,
    offer: Option<OpenOffer>,
    /// Our answer to the peer's open offer.
    answer: Option<Description>,
    agreed: Vec<AgreedSection>,
    has_application: bool,
    link: Link,
}

impl Negotiation {
    /// `link` is for the transceivers that an offer of the peer creates.
    pub(crate) fn new(link: Link) -> Self {
        Self {
            signaling: SignalingState::Stable,
            local: None,
            remote: None,
            offer: None,
            answer: None,
            agreed: Vec::new(),
            has_application: false,
            link,
        }
    }

    pub(crate) fn signaling(&self) -> SignalingState {
        self.signaling
    }

    pub(crate) fn local(&self) -> Option<&Description> {
        self.local.as_ref()
    }

    pub(crate) fn remote(&self) -> Option<&Description> {
        self.remote.as_ref()
    }

    pub(crate) fn agreed(&self) -> &[AgreedSection] {
        &self.agreed
    }

    /// Whether both sides agreed on a data section.
    pub(crate) fn has_application(&self) -> bool {
        self.has_application
    }

    /// The first section of the local description, to which trickled candidates belong.
    pub(crate) fn first_mid(&self) -> String {
        let open = self
            .offer
            .as_ref()
            .and_then(|offer| offer.mids.first().cloned());
        let agreed = || {
            let outline = Outline::read(self.local.as_ref()?.sdp());
            outline.mids().next().map(str::to_owned)
        };
        open.or_else(agreed).unwrap_or_default()
    }

    pub(crate) fn close(&mut self) {
        self.signaling = SignalingState::Closed;
        self.offer = None;
        self.answer = None;
    }

    /// Makes an offer of what `transceivers` want. An offer that is still open becomes void: an
    /// answer to it is refused from here on.
    pub(crate) fn create_offer(
        &mut self,
        rtc: &mut Rtc,
        streams: &mut StreamLedger,
        wanted: WantedTransceivers<'_>,
    ) -> Result<Description, EngineError> {
        match self.signaling {
            SignalingState::Stable | SignalingState::HaveLocalOffer => {}
            SignalingState::HaveRemoteOffer => {
                return Err(EngineError::state(
                    "the peer's offer must be answered first",
                ));
            }
            SignalingState::Closed => return Err(EngineError::Closed),
        }
        let wanted = WantedOffer {
            transceivers: wanted.transceivers,
            adds_application: wanted.data && !self.has_application,
            purpose: wanted.purpose,
        };
        let (open, description) = offer::make(rtc, streams, &wanted)?;
        self.offer = Some(open);
        Ok(description)
    }

    /// Returns the answer to the peer's open offer.
    pub(crate) fn create_answer(&self) -> Result<Description, EngineError> {
        self.answer
            .clone()
            .ok_or(EngineError::state("there is no offer to answer"))
    }

    pub(crate) fn set_local(
        &mut self,
        rtc: &mut Rtc,
        description: Description,
    ) -> Result<(), EngineError> {
        match description.kind() {
            DescriptionKind::Offer => self.set_local_offer(description),
            DescriptionKind::Answer => self.set_local_answer(description),
            DescriptionKind::Rollback => self.roll_back(rtc),
            DescriptionKind::ProvisionalAnswer => {
                Err(EngineError::state("provisional answers are not supported"))
            }
        }
    }

    pub(crate) fn set_remote(
        &mut self,
        rtc: &mut Rtc,
        description: Description,
    ) -> Result<Agreement, EngineError> {
        match description.kind() {
            DescriptionKind::Offer => self.set_remote_offer(rtc, description),
            DescriptionKind::Answer if self.is_answer_before(&description) => {
                self.roll_back(rtc).map(|()| Agreement::default())
            }
            DescriptionKind::Answer => self.set_remote_answer(rtc, description),
            DescriptionKind::Rollback => self.roll_back(rtc).map(|()| Agreement::default()),
            DescriptionKind::ProvisionalAnswer => {
                Err(EngineError::state("provisional answers are not supported"))
            }
        }
    }

    /// The text may differ from what was created, as long as the sections are the same: peers edit
    /// offers before they set them.
    fn set_local_offer(&mut self, description: Description) -> Result<(), EngineError> {
        match self.signaling {
            SignalingState::Stable | SignalingState::HaveLocalOffer => {}
            SignalingState::HaveRemoteOffer => {
                return Err(EngineError::state(
                    "the peer's offer must be answered first",
                ));
            }
            SignalingState::Closed => return Err(EngineError::Closed),
        }
        let open = self
            .offer
            .as_mut()
            .ok_or(EngineError::state("no offer was created"))?;
        if !open
            .mids
            .iter()
            .map(String::as_str)
            .eq(Outline::read(description.sdp()).mids())
        {
            return Err(EngineError::state("this is not the offer created last"));
        }
        open.set(description);
        self.signaling = SignalingState::HaveLocalOffer;
        Ok(())
    }

    fn set_local_answer(&mut self, description: Description) -> Result<(), EngineError> {
        let Some(answer) = &self.answer else {
            return Err(EngineError::state("there is no offer to answer"));
        };
        if !Outline::read(answer.sdp())
            .mids()
            .eq(Outline::read(description.sdp()).mids())
        {
            return Err(EngineError::state(
                "this is not the answer that was created",
            ));
        }
        self.answer = None;
        self.local = Some(description);
        self.signaling = SignalingState::Stable;
        Ok(())
    }

    fn set_remote_answer(
        &mut self,
        rtc: &mut Rtc,
        description: Description,
    ) -> Result<Agreement, EngineError> {
        if self.signaling != SignalingState::HaveLocalOffer {
            return Err(EngineError::state(
                "there is no offer that this could answer",
            ));
        }
        let Some(open) = self.offer.take_if(|open| open.is_set()) else {
            return Err(EngineError::state(
                "the answer is for an offer that became void",
            ));
        };
        let outline = Outline::read(description.sdp());
        let checked = check_answer(&open, &outline, self.remote.is_none())
            .and_then(|()| parse(SdpAnswer::from_sdp_string(description.sdp())));
        let answer = match checked {
            Ok(answer) => answer,
            Err(error) => {
                self.offer = Some(open);
                return Err(error);
            }
        };

        let (token, local, new) = open.into_parts();
        // An error here leaves the offer void, yet open: a rollback or a new offer goes on.
        rtc.sdp_api()
            .accept_answer(token, answer)
            .map_err(EngineError::description)?;

        self.local = local;
        self.signaling = SignalingState::Stable;
        let added = new
            .into_iter()
            .map(|(transceiver, _)| transceiver)
            .collect::<Vec<_>>();
        let tracks = self.agree(rtc, &outline, &added);
        self.remote = Some(description);
        Ok(Agreement {
            added: Vec::new(),
            tracks,
        })
    }

    fn set_remote_offer(
        &mut self,
        rtc: &mut Rtc,
        description: Description,
    ) -> Result<Agreement, EngineError> {
        match self.signaling {
            SignalingState::Stable | SignalingState::HaveRemoteOffer => {}
            SignalingState::HaveLocalOffer => {
                return Err(EngineError::state(
                    "our own offer must be rolled back first",
                ));
            }
            SignalingState::Closed => return Err(EngineError::Closed),
        }
        let outline = Outline::read(description.sdp());
        check_credentials(&outline, self.remote.is_none())?;
        let offer = parse(SdpOffer::from_sdp_string(description.sdp()))?;
        let answer = rtc
            .sdp_api()
            .accept_offer(offer)
            .map_err(EngineError::description)?;

        self.offer = None;
        self.signaling = SignalingState::HaveRemoteOffer;
        self.answer = Some(Description::new(
            DescriptionKind::Answer,
            answer.to_sdp_string(),
        ));
        let added = self.new_sections(&outline);
        let tracks = self.agree(rtc, &outline, &added);
        self.remote = Some(description);
        Ok(Agreement { added, tracks })
    }

    /// Applications take an open offer back by setting the answer before it once more. That answer
    /// cannot agree to anything new, so giving up the offer is all it can mean.
    fn is_answer_before(&self, description: &Description) -> bool {
        self.signaling == SignalingState::HaveLocalOffer
            && self
                .remote
                .as_ref()
                .is_some_and(|remote| remote.sdp() == description.sdp())
    }

    fn roll_back(&mut self, rtc: &mut Rtc) -> Result<(), EngineError> {
        if self.signaling != SignalingState::HaveLocalOffer {
            return Err(EngineError::state("there is no offer of ours to roll back"));
        }
        if let Some(open) = self.offer.take() {
            open.forget();
        }
        let mut api = rtc.sdp_api();
        for section in &self.agreed {
            let direction = section.transceiver.current_direction();
            api.set_direction(
                section.mid,
                to_str0m(direction.unwrap_or(Direction::Inactive)),
            );
        }
        drop(api);
        self.signaling = SignalingState::Stable;
        Ok(())
    }
}

/// What the application wants at the time of an offer.
#[derive(Clone, Copy)]
pub(crate) struct WantedTransceivers<'a> {
    pub(crate) transceivers: &'a [Transceiver],
    /// Whether data channels exist.
    pub(crate) data: bool,
    pub(crate) purpose: OfferPurpose,
}

fn parse<T, E: ToString>(parsed: Result<T, E>) -> Result<T, EngineError> {
    parsed.map_err(EngineError::description)
}

fn to_str0m(direction: Direction) -> StrDirection {
    match direction {
        Direction::SendRecv => StrDirection::SendRecv,
        Direction::SendOnly => StrDirection::SendOnly,
        Direction::RecvOnly => StrDirection::RecvOnly,
        Direction::Inactive => StrDirection::Inactive,
    }
}
