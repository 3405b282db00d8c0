//! What it takes to call a C library that may not be there.

use std::ffi::CString;

/// Why a C library cannot be used, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EngineError {
    /// A library, a voice or a model is not on this machine.
    #[error("{what} is not there; install the Debian package `{package}`")]
    Missing {
        /// The file or the part of it.
        what: &'static str,
        /// Where it comes from.
        package: &'static str,
    },
    /// It is there but does not work.
    #[error("{engine} failed to {task}")]
    Failed {
        /// Which.
        engine: &'static str,
        /// At what.
        task: &'static str,
    },
    /// It has no voice for the language.
    #[error("there is no voice for this language")]
    Unspoken,
    /// It cannot hear the language.
    #[error("only English can be heard without an account")]
    Unheard,
}

/// Returns `text` as C wants it; a NUL inside becomes a space.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', " ")).expect("all NULs were replaced")
}
