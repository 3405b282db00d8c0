//! What must be right about a description before str0m is given it.

use super::offer::OpenOffer;
use super::sections::Outline;
use crate::error::EngineError;

/// str0m takes over part of an answer before it finds an error, so what can be checked is checked
/// first.
pub(super) fn check_answer(
    open: &OpenOffer,
    outline: &Outline,
    is_first: bool,
) -> Result<(), EngineError> {
    if open.mids.len() != outline.sections.len() {
        return Err(EngineError::description(
            "the answer has another number of sections",
        ));
    }
    if !open.mids.iter().map(String::as_str).eq(outline.mids()) {
        return Err(EngineError::description(
            "the answer names other sections than the offer",
        ));
    }
    check_credentials(outline, is_first)
}

pub(super) fn check_credentials(outline: &Outline, is_first: bool) -> Result<(), EngineError> {
    if outline.sections.is_empty() {
        return Err(EngineError::description("there is no section"));
    }
    if !outline.has_ice_credentials {
        return Err(EngineError::description("there are no ICE credentials"));
    }
    if is_first && !outline.has_fingerprint {
        return Err(EngineError::description("there is no fingerprint"));
    }
    Ok(())
}
