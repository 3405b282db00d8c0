//! The web channel: its files, and the door that visitors come through.

pub(crate) use connectors_web::{Door, Refused, Visitor};

/// Returns a file of the page or the widget.
#[must_use]
pub(crate) fn file(name: &str) -> Option<connectors_web::File> {
    connectors_web::file(name)
}

/// Returns a door that so many come through in a minute.
#[must_use]
pub(crate) fn door(per_address: u32, per_key: u32) -> Door {
    Door::new(connectors_web::VisitLimits {
        per_address,
        per_key,
    })
}
