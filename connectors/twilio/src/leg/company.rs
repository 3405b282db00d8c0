//! Whom the caller hears, and who hears them: whoever shares their circle.

use room_contract::{Whom, circle::Change};

use super::Leg;

impl Leg {
    /// Brings what is heard in line with who is where.
    pub(super) async fn regroup(&mut self) {
        while let Some(change) = self.neighbours.poll_change() {
            match change {
                Change::LetHear(listeners) => self.room.let_hear(listeners),
                Change::Met(who) => self.room.subscribe(Whom::Only(who)),
                Change::Parted(who) => {
                    self.room.unsubscribe(Whom::Only(who.clone()));
                    self.others.close_person(&who);
                }
                Change::Moved => self.move_over().await,
            }
        }
    }

    /// Forgets what was said on either side in the former circle and nobody heard yet.
    async fn move_over(&mut self) {
        self.caller.hush();
        self.others.hush_all().await;
        self.clear().await;
    }
}
