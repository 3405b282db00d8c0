//! The launcher against the real server.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Stdio,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::signal::{self, Signal},
    unistd::Pid,
};
use room_launcher::{LaunchError, LiveKitServer, Options};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::Command,
};

/// Tells this test program to be the parent that is killed by force.
const ROLE: &str = "LAUNCHER_TEST_ROLE";

#[tokio::test]
async fn several_servers_run_side_by_side() {
    let (one, two) = tokio::join!(start(), start());

    assert_ne!(one.url(), two.url());
    assert!(is_open(&one).await && is_open(&two).await);
}

#[tokio::test]
async fn a_stopped_server_is_gone_and_has_logged_no_error() {
    let mut server = start().await;
    let pid = server.pid().unwrap();

    server.stop().await;

    assert!(!is_alive(pid));
    assert!(!is_open(&server).await);
    assert_eq!(server.log().errors(), Vec::<String>::new());
    assert!(server.log().text().contains("starting LiveKit server"));
}

#[tokio::test]
async fn a_killed_server_comes_back_on_the_same_ports() {
    let mut server = start().await;
    let (url, pid) = (server.url(), server.pid().unwrap());

    server.kill().await;
    assert!(!is_alive(pid));
    server.restart().await.unwrap();

    assert_eq!(server.url(), url);
    assert!(is_open(&server).await);
    assert_ne!(server.pid(), Some(pid));
}

#[tokio::test]
async fn a_server_that_ends_by_itself_is_noticed() {
    let mut server = start().await;

    signal::kill(pid_of(server.pid().unwrap()), Signal::SIGKILL).unwrap();

    tokio::time::timeout(Duration::from_secs(5), server.ended())
        .await
        .unwrap();
}

#[tokio::test]
async fn dropping_the_handle_ends_the_server() {
    let server = start().await;
    let pid = server.pid().unwrap();

    drop(server);

    assert!(is_gone_soon(pid).await);
}

#[tokio::test]
async fn the_server_dies_with_its_supervisor() {
    let server = start().await;
    let pid = server.pid().unwrap();

    signal::kill(pid_of(parent_of(pid)), Signal::SIGKILL).unwrap();

    assert!(is_gone_soon(pid).await);
}

#[tokio::test]
async fn a_refused_setting_is_reported_with_the_servers_own_words() {
    let options = Options {
        settings: json!({ "no_such_setting": 1 }),
        ..Options::default()
    };

    let error = LiveKitServer::start(options).await.unwrap_err();

    let LaunchError::Ended { last_words } = error else {
        panic!("{error:?}")
    };
    assert!(last_words.contains("no_such_setting"), "{last_words}");
}

#[tokio::test]
async fn a_port_held_by_a_stranger_leads_to_another_block() {
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("server");
    let once = folder.path().join("once");
    let real = room_launcher::find_binary().unwrap();
    let script = format!(
        "#!/bin/sh\nmkdir {} && echo 'listen tcp: bind: address already in use' && exit 0\nexec {}\n",
        once.display(),
        real.display()
    );
    fs::write(&binary, script).unwrap();
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();

    let options = Options {
        binary: Some(binary),
        ..Options::default()
    };
    let server = LiveKitServer::start(options).await.unwrap();

    assert!(once.exists());
    assert!(is_open(&server).await);
}

#[tokio::test]
async fn the_server_dies_with_a_parent_that_is_killed_by_force() {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "parent_role", "--ignored", "--nocapture"])
        .env(ROLE, "parent")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = server_pid_told_by(&mut parent).await;
    assert!(is_alive(pid));

    signal::kill(pid_of(parent.id().unwrap()), Signal::SIGKILL).unwrap();
    parent.wait().await.unwrap();

    assert!(is_gone_soon(pid).await);
}

#[tokio::test]
#[ignore = "needs to be started by the test that kills it"]
async fn parent_role() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    let server = start().await;
    let line = format!("\nserver {}\n", server.pid().unwrap());
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).unwrap();
    std::future::pending::<()>().await;
}

async fn server_pid_told_by(parent: &mut tokio::process::Child) -> u32 {
    let mut lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(pid) = line.strip_prefix("server ") {
            return pid.parse().unwrap();
        }
    }
    panic!("the parent ended without a server");
}

async fn start() -> LiveKitServer {
    LiveKitServer::start(Options::default()).await.unwrap()
}

async fn is_open(server: &LiveKitServer) -> bool {
    TcpStream::connect(server.signalling_address())
        .await
        .is_ok()
}

async fn is_gone_soon(pid: u32) -> bool {
    let deadline = Instant::now() + Duration::from_secs(30);
    while is_alive(pid) && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    !is_alive(pid)
}

fn parent_of(pid: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    parent.unwrap().trim().parse().unwrap()
}

/// A zombie counts as gone: it holds no port, and its reaping is not ours.
fn is_alive(pid: u32) -> bool {
    let exists = signal::kill(pid_of(pid), None) != Err(Errno::ESRCH);
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    exists && !status.contains(") Z ")
}

fn pid_of(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap())
}
