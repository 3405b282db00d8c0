//! The web channel's files.

/// Returns a file of the page or the widget.
#[must_use]
pub(crate) fn file(name: &str) -> Option<connectors_web::File> {
    connectors_web::file(name)
}
