//! Where the `livekit-server` executable is.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::LaunchError;

const NAME: &str = "livekit-server";
/// Where `make livekit-server` puts what it builds, seen from the workspace.
const BUILT: &str = "target/livekit/livekit-server";

/// Returns the path of the LiveKit server.
///
/// In this order: what `LIVEKIT_SERVER_BIN` names, a `livekit-server` on `PATH`, then the one that
/// `make livekit-server` has built, looked for from the current directory upwards and from the
/// running executable upwards. What somebody installed on purpose wins over what was built.
///
/// # Errors
/// When the variable names no file, or none is found.
pub fn find_binary() -> Result<PathBuf, LaunchError> {
    if let Some(path) = env::var_os("LIVEKIT_SERVER_BIN").map(PathBuf::from) {
        return if path.is_file() {
            Ok(path)
        } else {
            Err(LaunchError::NotAFile { path })
        };
    }
    on_path(env::var_os("PATH").as_deref())
        .or_else(|| built_above(&env::current_dir().ok()?))
        .or_else(|| built_above(&env::current_exe().ok()?))
        .ok_or(LaunchError::NotFound)
}

fn on_path(path: Option<&std::ffi::OsStr>) -> Option<PathBuf> {
    env::split_paths(path?)
        .map(|folder| folder.join(NAME))
        .find(|file| file.is_file())
}

fn built_above(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .map(|folder| folder.join(BUILT))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_server_on_the_path_is_found() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), "").unwrap();
        let path = env::join_paths([Path::new("/nowhere"), folder.path()]).unwrap();

        assert_eq!(on_path(Some(&path)), Some(folder.path().join(NAME)));
        assert_eq!(on_path(None), None);
    }

    #[test]
    fn a_built_server_is_found_from_any_folder_below_the_workspace() {
        let workspace = tempfile::tempdir().unwrap();
        let built = workspace.path().join(BUILT);
        fs::create_dir_all(built.parent().unwrap()).unwrap();
        fs::write(&built, "").unwrap();

        assert_eq!(
            built_above(&workspace.path().join("room/launcher")),
            Some(built)
        );
    }
}
