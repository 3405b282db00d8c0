//! What the handle asks of the loop.

use tokio::sync::oneshot;

use crate::candidate::IceCandidate;
use crate::config::OfferPurpose;
use crate::description::Description;
use crate::error::EngineError;
use crate::stats::ConnectionStats;

pub(crate) type Reply<T> = oneshot::Sender<Result<T, EngineError>>;

/// One request, with the way back for its answer.
pub(crate) enum Command {
    CreateOffer(OfferPurpose, Reply<Description>),
    CreateAnswer(Reply<Description>),
    SetLocal(Description, Reply<()>),
    SetRemote(Description, Reply<()>),
    AddCandidate(IceCandidate, Reply<()>),
    Stats(Reply<ConnectionStats>),
}
