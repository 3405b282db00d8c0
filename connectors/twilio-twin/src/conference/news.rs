//! What comes out of a conference.

use super::WaitDocument;
use crate::{FRAME, core::Method};

/// Something to be passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// What a member heard in 20 ms.
    Heard {
        call_sid: String,
        frame: [u8; FRAME],
    },
    /// A member is out: put out, or the conference is over.
    Out { call_sid: String },
    /// A member waits and has nothing more to hear.
    Waits {
        call_sid: String,
        document: WaitDocument,
    },
    /// A callback.
    Tell {
        url: String,
        method: Method,
        parameters: Vec<(String, String)>,
    },
}
