//! The room on LiveKit behaves as a room does.

use crate::server;

room_contract::room_conformance!(server::rooms());
