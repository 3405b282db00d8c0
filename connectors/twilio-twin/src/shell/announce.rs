//! Plays something to everybody in a conference.

use std::sync::Arc;

use super::{Hall, Office, sound};
use crate::{
    core::{Fetch, Method, Performance, Piece},
    twiml,
};

/// Ten minutes of announcement, in pieces of 20 ms.
const LONGEST: usize = 30_000;

impl Office {
    /// Fetches what is to be announced, TwiML or a recording, and plays it.
    pub(crate) fn announce(self: &Arc<Self>, hall: &Arc<Hall>, url: String) {
        let (office, hall) = (Arc::clone(self), Arc::clone(hall));
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                sound = office.announcement(url) => hall.announce(&sound),
            }
        });
    }

    async fn announcement(&self, url: String) -> Vec<u8> {
        let fetch = Fetch {
            fetch: 0,
            url: url.clone(),
            method: Method::Post,
            parameters: Vec::new(),
        };
        let token = self.sid("");
        let answer = self.webhooks.send(&fetch, &self.settings, &token).await;
        let Ok(answer) = answer else {
            return Vec::new();
        };
        if answer.content_type.starts_with("audio/") {
            return sound::load(self, &url).await.unwrap_or_default();
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
        sound
    }
}
