//! Whoever this process has in one room: they hear each other without the server, which would send back what it was
//! just sent from here. Everybody else hears them by the server.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use room_contract::{Identity, RoomName};

use crate::room::Shared;

/// The connections of this process, by their rooms.
#[derive(Default)]
pub(crate) struct Nearby {
    /// Somebody may be in the rooms whom nobody sees.
    pub(crate) are_overheard: bool,
    rooms: Mutex<HashMap<RoomName, Vec<Weak<Shared>>>>,
}

impl Nearby {
    pub(crate) fn overheard() -> Self {
        Self {
            are_overheard: true,
            ..Self::default()
        }
    }

    pub(crate) fn enter(&self, newcomer: &Arc<Shared>) {
        let mut rooms = self.rooms.lock();
        let inside = rooms.entry(newcomer.name.clone()).or_default();
        inside.push(Arc::downgrade(newcomer));
    }

    /// Forgets a connection that is over.
    pub(crate) fn leave(&self, leaver: &Shared) {
        let mut rooms = self.rooms.lock();
        let Some(inside) = rooms.get_mut(&leaver.name) else {
            return;
        };
        inside.retain(|other| !std::ptr::eq(other.as_ptr(), leaver));
        if inside.is_empty() {
            rooms.remove(&leaver.name);
        }
    }

    /// Returns who is in the room from here by that identity.
    pub(crate) fn find(&self, room: &RoomName, who: &Identity) -> Option<Arc<Shared>> {
        let rooms = self.rooms.lock();
        let mut inside = rooms.get(room)?.iter().filter_map(Weak::upgrade);
        inside.find(|other| other.identity == *who && !other.gone.is_cancelled())
    }

    /// Has the others in a room look anew at what there is to hear.
    pub(crate) fn tell_others(&self, news_of: &Shared) {
        let rooms = self.rooms.lock();
        let inside = rooms.get(&news_of.name).into_iter().flatten();
        for other in inside.filter(|other| !std::ptr::eq(other.as_ptr(), news_of)) {
            if let Some(other) = other.upgrade() {
                other.listen_anew.notify_one();
            }
        }
    }
}
