//! A `PostgreSQL` cluster of the tests' own, on a socket of its own. It ends with the process, however that ends.

mod relay;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, anyhow, ensure};

use crate::paths::workspace;

pub use self::relay::Relay;

/// `PostgreSQL` does not run as root; Debian's `nobody` owns nothing else.
const NOBODY: u32 = 65534;

#[derive(Debug)]
struct Cluster {
    bin: PathBuf,
    /// Where its socket is.
    folder: PathBuf,
    /// Its input stays open as long as this process lives; that is how long the cluster does.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is held, not used"))]
    guardian: Child,
}

/// Makes a new, empty database and returns its address. The cluster is started when it is first asked for.
///
/// # Errors
///
/// When there is no `PostgreSQL`, or it does not start.
pub fn new_database() -> Result<String> {
    static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let cluster = CLUSTER
        .get_or_init(|| Cluster::start().map_err(|error| format!("{error:#}")))
        .as_ref()
        .map_err(|error| anyhow!("{error}"))?;

    let name = format!("test{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = cluster
        .folder
        .to_str()
        .context("the folder's name is plain")?;
    let made = Command::new(cluster.bin.join("createdb"))
        .args(["--host", folder, "--username", "patchbay", &name])
        .output()?;
    ensure!(
        made.status.success(),
        "createdb: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    Ok(format!(
        "postgres://patchbay@localhost/{name}?host={folder}"
    ))
}

impl Cluster {
    fn start() -> Result<Self> {
        let bin = programs().context("there is no PostgreSQL; run `make test-setup`")?;
        // The user that it runs as may not be able to read where this repository is.
        let script =
            std::fs::read_to_string(workspace().join("tests/harness/peers/postgres/cluster.sh"))?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &script, "cluster.sh"])
            .arg(&bin)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut guardian = command.spawn()?;

        let answers = guardian.stdout.take().context("its output is a pipe")?;
        let mut folder = String::new();
        BufReader::new(answers).read_line(&mut folder)?;
        ensure!(!folder.is_empty(), "PostgreSQL does not start");
        Ok(Self {
            bin,
            folder: folder.trim_end().into(),
            guardian,
        })
    }
}

/// Returns the folder of the newest server's programs.
fn programs() -> Option<PathBuf> {
    let has_server = |bin: &PathBuf| bin.join("initdb").exists() && bin.join("postgres").exists();
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let versions = debian.flatten().map(|version| version.path().join("bin"));
    let newest = versions
        .filter(has_server)
        .max_by_key(|bin| version_of(bin));
    let path = std::env::var_os("PATH").unwrap_or_default();
    newest.or_else(|| std::env::split_paths(&path).find(has_server))
}

fn version_of(bin: &Path) -> u32 {
    let version = bin.parent().and_then(Path::file_name);
    version
        .and_then(|name| name.to_str()?.parse().ok())
        .unwrap_or_default()
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_goes_with_its_input() {
        let mut cluster = Cluster::start().unwrap();
        let socket = cluster.folder.join(".s.PGSQL.5432");
        assert!(socket.exists());

        drop(cluster.guardian.stdin.take());
        cluster.guardian.wait().unwrap();

        assert!(!cluster.folder.exists());
    }
}
