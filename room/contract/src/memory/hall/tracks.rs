//! The tracks of a room in memory: published, muted, heard, withdrawn.

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Hall, NewTrack, Place, Published, State};
use crate::{
    AudioFormat, AudioStream, Connection, Identity, Listeners, Muting, Occurrence, PublishOptions,
    RoomError, RoomEvent, Subscriptions, Track, TrackId, TrackKind, Whom, audio,
};

impl Hall {
    pub(in crate::memory) fn publish(
        &self,
        place: &Place,
        options: &PublishOptions,
    ) -> Result<NewTrack, RoomError> {
        let mut state = self.state.lock();
        state.next_number += 1;
        let number = state.next_number;
        let seat = state.reachable(place)?;
        if !seat.grants.publish {
            return Err(RoomError::Refused("publishing is not granted".into()));
        }
        let id = TrackId::new(format!("TR_{number}")).expect("a short id");
        let track = Track {
            id: id.clone(),
            name: options.name.clone(),
            kind: TrackKind::Audio,
            source: options.source,
            muted: false,
        };
        seat.participant.tracks.push(track.clone());
        let (by, subscribed) = (place.identity.clone(), CancellationToken::new());
        state.tracks.insert(
            id.clone(),
            Published {
                by: by.clone(),
                format: options.format,
                muted: false,
                subscribed: subscribed.clone(),
            },
        );
        self.tell_others(&mut state, &by, || RoomEvent::TrackPublished {
            identity: by.clone(),
            track: track.clone(),
        });
        self.subscribe_listeners(&mut state);
        drop(state);
        let occurrence = Occurrence::TrackPublished {
            identity: place.identity.clone(),
            track: id.clone(),
        };
        self.hooks.tell(self.name(), occurrence);
        Ok(NewTrack {
            id,
            format: options.format,
            subscribed,
        })
    }

    pub(in crate::memory) fn unpublish(
        &self,
        place: &Place,
        track: &TrackId,
    ) -> Result<(), RoomError> {
        let mut state = self.state.lock();
        if !state.tracks.contains_key(track) {
            return Err(RoomError::Gone);
        }
        self.withdraw(&mut state, &place.identity, track);
        Ok(())
    }

    /// Silences or opens a track; says whether it is there.
    pub(in crate::memory) fn mute(&self, who: &Identity, track: &TrackId, to: Muting) -> bool {
        let mut state = self.state.lock();
        let muted = to == Muting::Muted;
        let Some(published) = state.tracks.get_mut(track).filter(|it| it.by == *who) else {
            return false;
        };
        if published.muted == muted {
            return true;
        }
        published.muted = muted;
        if let Some(seat) = state.seats.get_mut(who) {
            for known in seat
                .participant
                .tracks
                .iter_mut()
                .filter(|known| known.id == *track)
            {
                known.muted = muted;
            }
        }
        let (identity, track) = (who.clone(), track.clone());
        self.tell_all(&mut state, || match to {
            Muting::Muted => RoomEvent::TrackMuted {
                identity: identity.clone(),
                track: track.clone(),
            },
            Muting::Unmuted => RoomEvent::TrackUnmuted {
                identity: identity.clone(),
                track: track.clone(),
            },
        });
        true
    }

    /// Carries a frame to whoever listens.
    pub(in crate::memory) fn deliver(&self, track: &TrackId, samples: &[i16]) {
        let mut state = self.state.lock();
        let Some(published) = state.tracks.get(track) else {
            return;
        };
        let by = published.by.clone();
        let cut = state
            .seats
            .get(&by)
            .is_none_or(|seat| seat.connection() != Connection::Connected);
        if published.muted || cut {
            return;
        }
        for seat in state.seats.values_mut() {
            seat.deliver(track, samples);
        }
        let peak = samples
            .iter()
            .map(|sample| sample.unsigned_abs())
            .max()
            .unwrap_or(0);
        let changed = state.speakers.hear(Instant::now(), &by, peak);
        self.tell_speakers(&mut state, changed);
    }

    /// Says that a track sends nothing any more.
    pub(in crate::memory) fn fall_silent(&self, who: &Identity) {
        let mut state = self.state.lock();
        let changed = state.speakers.silence(who);
        self.tell_speakers(&mut state, changed);
    }

    pub(in crate::memory) fn subscribe(
        &self,
        place: &Place,
        change: impl FnOnce(&mut Subscriptions, Whom),
        whom: Whom,
    ) {
        let mut state = self.state.lock();
        let Some(seat) = state.mine(place) else {
            return;
        };
        change(&mut seat.subscriptions, whom);
        self.subscribe_listeners(&mut state);
    }

    pub(in crate::memory) fn let_hear(&self, place: &Place, listeners: Listeners) {
        let mut state = self.state.lock();
        if let Some(seat) = state.mine(place) {
            seat.listeners_allowed = listeners;
            self.subscribe_listeners(&mut state);
        }
    }

    pub(in crate::memory) fn listen(
        &self,
        place: &Place,
        track: &TrackId,
        to: AudioFormat,
    ) -> Result<AudioStream, RoomError> {
        let mut state = self.state.lock();
        let from = state.tracks.get(track).ok_or(RoomError::Gone)?.format;
        let seat = state
            .mine(place)
            .filter(|seat| seat.heard.contains(track))
            .ok_or(RoomError::Gone)?;
        let (sender, stream) = audio::channel();
        seat.listen(track.clone(), from, to, sender);
        Ok(stream)
    }

    pub(super) fn withdraw(&self, state: &mut State, who: &Identity, track: &TrackId) {
        if state.tracks.remove(track).is_none() {
            return;
        }
        if let Some(seat) = state.seats.get_mut(who) {
            seat.participant.tracks.retain(|known| known.id != *track);
        }
        for seat in state.seats.values_mut() {
            if seat.stop_listening(track) {
                seat.tell(RoomEvent::TrackUnsubscribed {
                    identity: who.clone(),
                    track: track.clone(),
                });
            }
        }
        self.tell_others(state, who, || RoomEvent::TrackUnpublished {
            identity: who.clone(),
            track: track.clone(),
        });
        let occurrence = Occurrence::TrackUnpublished {
            identity: who.clone(),
            track: track.clone(),
        };
        self.hooks.tell(self.name(), occurrence);
    }

    /// Brings everybody's subscriptions in line with their rules.
    pub(super) fn subscribe_listeners(&self, state: &mut State) {
        let tracks: Vec<_> = state
            .tracks
            .iter()
            .map(|(id, it)| (id.clone(), it.by.clone(), it.subscribed.clone()))
            .collect();
        for (id, by, subscribed) in tracks {
            let Some(track) = state.track(&by, &id) else {
                continue;
            };
            let allowed = state.seats.get(&by).map(|seat| &seat.listeners_allowed);
            let allowed = allowed.cloned().unwrap_or_default();
            for (who, seat) in &mut state.seats {
                if *who == by || !seat.grants.subscribe {
                    continue;
                }
                let wants = seat.subscriptions.wants(&by) && allowed.include(who);
                let has = seat.heard.contains(&id);
                if wants && !has {
                    seat.heard.insert(id.clone());
                    subscribed.cancel();
                    seat.tell(RoomEvent::TrackSubscribed {
                        identity: by.clone(),
                        track: track.clone(),
                    });
                } else if has && !wants {
                    seat.stop_listening(&id);
                    seat.tell(RoomEvent::TrackUnsubscribed {
                        identity: by.clone(),
                        track: id.clone(),
                    });
                }
            }
        }
        self.dismiss_overrun(state);
    }
}
