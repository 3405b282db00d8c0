//! A fixed phrase: it is heard whoever has to speak it.

use std::sync::Arc;

use agent_contract::Speaker;
use room_media::{Dbfs, tone::Tone};
use tokio::sync::mpsc;

use super::{News, Studio, Teller, Trust, now, voicing};
use crate::{
    Port,
    speaking::{Piece, RATE},
};

/// Two short notes that say "something is wrong" where nothing can be spoken: Hz.
const NOTES: [f32; 2] = [660.0, 440.0];

/// How loud they are.
const LEVEL: Dbfs = Dbfs::new(-20.0);

/// How long each is.
const NOTE: std::time::Duration = std::time::Duration::from_millis(180);

/// Says a phrase; returns the last news.
pub(super) async fn make(studio: &Studio, text: String, trust: Trust, teller: &Teller) -> News {
    teller.tell(News::Piece(now())).await;
    let providers = &studio.providers;
    let mut speakers: Vec<&Arc<dyn Speaker>> = vec![&providers.speaker];
    match (&providers.spare_speaker, trust) {
        (Some(spare), Trust::Speaker) => speakers.push(spare),
        (Some(spare), Trust::Spare) => speakers.insert(0, spare),
        (None, _) => {}
    }
    for speaker in speakers {
        let mut sounded = false;
        let (pieces, texts) = mpsc::channel(1);
        let piece = Piece {
            text: text.clone(),
            complete: true,
        };
        pieces
            .try_send(piece)
            .expect("the queue has room for one and its reader is here");
        drop(pieces);
        let spoken = voicing::voice(studio, speaker, texts, teller, &mut sounded).await;
        let Err(error) = spoken else {
            return News::Finished;
        };
        teller.blame(Port::Speaker, &error).await;
        if sounded {
            return News::Finished;
        }
    }
    teller.tell(News::Unspoken(text)).await;
    let mut samples = Vec::new();
    for hertz in NOTES {
        samples.extend(Tone::new(RATE, hertz, LEVEL).take(RATE.samples_in(NOTE)));
    }
    teller
        .tell(News::Sound {
            at: now(),
            samples,
            text_until: None,
        })
        .await;
    News::Finished
}
