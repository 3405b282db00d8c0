//! One supervised process: it ends when its owner ends, whatever happens to that.

use std::{env, ffi::OsStr, io, path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

const SUPERVISE: &str = include_str!("supervise.sh");

/// A process under the shell of `supervise.sh`. Dropping it kills the process by force.
#[derive(Debug)]
pub(crate) struct Supervised {
    shell: Child,
    /// Closing it kills the process; lines written into it are signals.
    signals: ChildStdin,
    pid: u32,
}

impl Supervised {
    /// Starts `program`, which finds its configuration in the environment variable `config.0`.
    pub(crate) async fn start(
        program: &Path,
        config: (&str, &OsStr),
        log: &Path,
    ) -> io::Result<Self> {
        let mut shell = Command::new("/bin/sh")
            .args([
                OsStr::new("-c"),
                OsStr::new(SUPERVISE),
                OsStr::new("supervise"),
            ])
            .args([log.as_os_str(), program.as_os_str()])
            // The server takes settings from many variables; those of its owner are not meant for it.
            .env_clear()
            .envs(env::var_os("PATH").map(|path| ("PATH", path)))
            .env(config.0, config.1)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // An interrupt from the terminal is for the owner, who then stops the server in order.
            .process_group(0)
            .spawn()?;
        let signals = shell.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let output = shell.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).await?;
        let pid = line
            .trim()
            .parse()
            .map_err(|_| io::ErrorKind::UnexpectedEof)?;
        Ok(Self {
            shell,
            signals,
            pid,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.shell.try_wait(), Ok(None))
    }

    /// Waits until the process has ended. Can be dropped and called again.
    pub(crate) async fn ended(&mut self) {
        // An error means that there is nothing left to wait for.
        let _ = self.shell.wait().await;
    }

    /// Returns whether the process ended in time.
    pub(crate) async fn ended_within(&mut self, limit: Duration) -> bool {
        timeout(limit, self.ended()).await.is_ok()
    }

    /// Sends a signal by its name without `SIG`. A process that has ended takes none.
    pub(crate) async fn signal(&mut self, name: &str) {
        let _ = self.signals.write_all(format!("{name}\n").as_bytes()).await;
    }
}
