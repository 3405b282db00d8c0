//! Why the server ended a connection.

use livekit::DisconnectReason;
use room_contract::Ended;

pub(crate) fn ended(reason: DisconnectReason) -> Ended {
    match reason {
        DisconnectReason::ClientInitiated => Ended::Left,
        DisconnectReason::DuplicateIdentity => Ended::ReplacedByTwin,
        DisconnectReason::ParticipantRemoved => Ended::Removed,
        DisconnectReason::RoomDeleted => Ended::RoomDeleted,
        DisconnectReason::RoomClosed => Ended::RoomClosed,
        DisconnectReason::ServerShutdown => Ended::ServerShutdown,
        DisconnectReason::StateMismatch
        | DisconnectReason::SignalClose
        | DisconnectReason::Migration
        | DisconnectReason::ConnectionTimeout
        | DisconnectReason::MediaFailure
        | DisconnectReason::JoinFailure
        | DisconnectReason::UnknownReason => Ended::ConnectionLost,
        DisconnectReason::UserUnavailable
        | DisconnectReason::UserRejected
        | DisconnectReason::SipTrunkFailure
        | DisconnectReason::AgentError => Ended::Other,
    }
}
