//! Plays something to everybody in a conference, or to those who wait for it to begin.

use std::sync::Arc;

use super::{Hall, Office, sound};
use crate::{
    conference::WaitDocument,
    core::{Fetch, Method, Performance, Piece},
    twiml,
};

/// Ten minutes of sound, in pieces of 20 ms.
const LONGEST: usize = 30_000;

impl Office {
    /// Fetches what is to be announced, TwiML or a recording, and plays it.
    pub(crate) fn announce(self: &Arc<Self>, hall: &Arc<Hall>, url: String) {
        let (office, hall) = (Arc::clone(self), Arc::clone(hall));
        let document = WaitDocument {
            url,
            method: Method::Post,
        };
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                (sound, _) = office.sound_of(&document) => hall.announce(&sound),
            }
        });
    }

    /// Fetches what somebody hears who waits.
    pub(super) fn entertain(
        self: &Arc<Self>,
        hall: &Arc<Hall>,
        call_sid: String,
        document: WaitDocument,
    ) {
        let (office, hall) = (Arc::clone(self), Arc::clone(hall));
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                (sound, next) = office.sound_of(&document) => {
                    hall.handle_wait_sound(&call_sid, sound, next);
                }
            }
        });
    }

    /// Returns what a document comes to, and the one that it redirects to.
    async fn sound_of(&self, document: &WaitDocument) -> (Vec<u8>, Option<WaitDocument>) {
        let fetch = Fetch {
            fetch: 0,
            url: document.url.clone(),
            method: document.method,
            parameters: Vec::new(),
        };
        let token = self.sid("");
        let answer = self.webhooks.send(&fetch, &self.settings, &token).await;
        let Ok(answer) = answer else {
            return (Vec::new(), None);
        };
        if answer.content_type.starts_with("audio/") {
            let sound = sound::load(self, &document.url).await;
            return (sound.unwrap_or_default(), None);
        }
        let verbs = twiml::parse(&answer.body).unwrap_or_default();
        let mut performance = Performance::of(&verbs, self.settings.voice.as_ref(), &str::to_owned);
        let mut sound = Vec::new();
        for _ in 0..LONGEST {
            match performance.play() {
                Piece::Sound(frame) => sound.extend_from_slice(&frame),
                Piece::Wants(url) => performance.handle_sound(sound::load(self, &url).await.ok()),
                Piece::Over => break,
            }
        }
        let redirect = verbs.iter().find(|verb| verb.name == "Redirect");
        let next = redirect.map(|verb| WaitDocument {
            url: verb.text.trim().to_owned(),
            method: Method::read(verb.attribute("method")),
        });
        (sound, next)
    }
}
