//! The room as a trait, and a room in memory for tests.
//!
//! [`Rooms`] is the room service seen from outside: it creates rooms, mints tokens, joins.
//! [`Room`] is one connection seen from inside: it publishes, listens, sends, calls.
//! What happens in the room arrives in one ordered queue, [`RoomEvents`].

pub mod audio;
pub mod circle;
pub mod conformance;
pub mod data;
pub mod deadline;
pub mod error;
pub mod event;
pub mod id;
pub mod memory;
pub mod participant;
pub mod role;
pub mod room;
pub mod rooms;
pub mod rpc;
pub mod stream;
pub mod subscription;
pub mod telephone;
pub mod token;
pub mod track;
pub mod webhook;

pub use audio::{AudioFormat, AudioFrame, AudioStream, FrameSource};
pub use circle::Listeners;
pub use data::{DataPacket, Delivery, Recipients};
pub use error::{
    BoxError, CaptureError, JoinError, RoomError, RpcError, ServiceError, StreamError, WebhookError,
};
pub use event::{Ended, RoomEvent, RoomEvents};
pub use id::{Identity, InvalidId, RoomName, Topic, TrackId};
pub use participant::{Attributes, Participant, ParticipantKind, Track, TrackKind, TrackSource};
pub use role::{Role, role};
pub use room::{Connection, Room};
pub use rooms::{JoinOptions, Joined, NewRoom, RoomInfo, Rooms};
pub use rpc::{Method, RpcCall, RpcFailure, RpcRequest, RpcRequests};
pub use stream::{ByteReader, ByteWriter, StreamInfo, StreamOptions, TextReader, TextWriter};
pub use subscription::{Subscribing, Subscriptions, Whom};
pub use token::{Admission, Grants, Token};
pub use track::{LocalTrack, Muting, PublishOptions};
pub use webhook::{Occurrence, WebhookEvent};
