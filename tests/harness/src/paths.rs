//! Where things are in the workspace that the tests were built from.

use std::path::{Path, PathBuf};

/// Returns the root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder
        .ancestors()
        .nth(2)
        .unwrap_or(crate_folder)
        .to_owned()
}
