//! What somebody hears until the conference begins. Holds no socket and no clock.

use std::collections::VecDeque;

use room_media::ulaw;

use super::News;
use crate::{FRAME, core::Method};

/// The document or recording that is played; it is asked for again whenever it has been played to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaitDocument {
    pub(crate) url: String,
    pub(crate) method: Method,
}

/// One who waits, or nobody.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    document: Option<WaitDocument>,
    is_asked: bool,
    sound: VecDeque<u8>,
}

impl Waiting {
    pub(super) fn new(document: Option<WaitDocument>) -> Self {
        Self {
            document,
            ..Self::default()
        }
    }

    /// Returns what is to be asked for now, if there is nothing more to play.
    pub(super) fn wants(&mut self, call_sid: &str) -> Option<News> {
        if self.is_asked || !self.sound.is_empty() {
            return None;
        }
        let document = self.document.clone()?;
        self.is_asked = true;
        Some(News::Waits {
            call_sid: call_sid.to_owned(),
            document,
        })
    }

    /// Takes what the document came to, and where it leads; nothing at all ends it.
    pub(super) fn handle_sound(&mut self, sound: Vec<u8>, next: Option<WaitDocument>) {
        self.is_asked = false;
        if sound.is_empty() {
            self.document = None;
            return;
        }
        self.sound.extend(sound);
        if next.is_some() {
            self.document = next;
        }
    }

    /// Returns the next 20 ms.
    pub(super) fn play(&mut self) -> Option<[i16; FRAME]> {
        if self.sound.is_empty() {
            return None;
        }
        let mut frame = [0; FRAME];
        let count = self.sound.len().min(FRAME);
        for (sample, code) in frame.iter_mut().zip(self.sound.drain(..count)) {
            *sample = ulaw::decode(code);
        }
        Some(frame)
    }
}
