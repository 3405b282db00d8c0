//! The three that a conversation needs of the world.

use std::{fmt, sync::Arc};

use agent_contract::{Speaker, Thinker, Transcriber};

/// The providers of a conversation. Each may be a chain of several.
#[derive(Clone)]
pub struct Providers {
    /// Speech to text.
    pub transcriber: Arc<dyn Transcriber>,
    /// Text to text.
    pub thinker: Arc<dyn Thinker>,
    /// Text to speech.
    pub speaker: Arc<dyn Speaker>,
    /// Speaks the apology when the speaker does not; one that needs no network, if there is one.
    pub spare_speaker: Option<Arc<dyn Speaker>>,
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providers")
            .field("transcriber", self.transcriber.name())
            .field("thinker", self.thinker.name())
            .field("speaker", self.speaker.name())
            .finish_non_exhaustive()
    }
}
