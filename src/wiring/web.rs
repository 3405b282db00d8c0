//! The web channel: its files, and the door that visitors come through.

pub(crate) use connectors_web::{Door, Refused, Visitor};

use crate::config::Web;

/// Returns a file of the page or the widget.
#[must_use]
pub(crate) fn file(name: &str) -> Option<connectors_web::File> {
    connectors_web::file(name)
}

/// Returns the door.
#[must_use]
pub(crate) fn door(web: Web) -> Door {
    Door::new(connectors_web::VisitLimits {
        per_address: web.visits_per_minute,
        per_key: web.visits_per_minute_and_key,
    })
}
