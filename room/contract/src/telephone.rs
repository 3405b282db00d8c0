//! What somebody at a telephone shows and sends in a room: agreed between those who bring them in and those who talk
//! with them. The names with `sip.` are LiveKit's own.

use crate::Attributes;

/// The attribute that says where the call stands; whoever has it is at a telephone.
pub const CALL_STATUS: &str = "sip.callStatus";

/// The attribute that says how long after its time sound is heard at the telephone, in ms.
pub const DELAY_MS: &str = "patchbay.playoutMs";

/// The topic of keys that were pressed: `{"digit":"1"}`, with `"circle"` where whoever pressed it was in one of their own.
/// The key of somebody who has been moved since is not meant for those whom they are with now.
pub const KEYS: &str = "patchbay.dtmf";

/// The topic on which an agent asks to drop what it said and nobody heard yet.
pub const HUSH: &str = "patchbay.hush";

/// The longest delay that is told and believed, in ms.
pub const LONGEST_DELAY_MS: u64 = 5_000;

/// Returns whether somebody is being called and has not picked up yet.
#[must_use]
pub fn is_being_called(attributes: &Attributes) -> bool {
    let status = attributes.get(CALL_STATUS).map(String::as_str);
    matches!(status, Some("dialing" | "ringing" | "automation"))
}
