//! The threads of the engine, apart from those of the application.
//!
//! An application that blocks its own runtime must not stop packets, so media has threads of its
//! own. Callbacks run on a third set of threads, because they are the application's code.

use std::future::Future;
use std::io;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::task::TaskTracker;

/// Callbacks that block at the same time before those of other connections have to wait.
const EVENT_THREADS: usize = 4;

/// More do not help: a connection is one task of a few hundred packets a second.
const MAX_MEDIA_THREADS: usize = 8;

/// Names of servers that are looked up at the same time; further ones wait. A name server that
/// does not answer must not cost a thread per connection.
const NAME_LOOKUPS: usize = 4;

struct Threads {
    media: Runtime,
    events: Runtime,
    tasks: TaskTracker,
}

/// Starts a task that moves media: it must never block.
pub(crate) fn spawn_media(task: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let threads = threads()?;
    threads.media.spawn(threads.tasks.track_future(task));
    Ok(())
}

/// Starts a task that runs callbacks of the application.
pub(crate) fn spawn_events(task: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let threads = threads()?;
    threads.events.spawn(threads.tasks.track_future(task));
    Ok(())
}

/// Returns the handle under which sockets and timers of the engine are made.
pub(crate) fn media_handle() -> io::Result<Handle> {
    Ok(threads()?.media.handle().clone())
}

/// Returns how many tasks of the engine are alive in this process: two per open connection, and
/// none once all connections were closed or dropped and their last callbacks have run.
#[must_use]
pub fn live_tasks() -> usize {
    THREADS
        .get()
        .and_then(|threads| threads.as_ref().ok())
        .map_or(0, |t| t.tasks.len())
}

static THREADS: OnceLock<Result<Threads, io::ErrorKind>> = OnceLock::new();

fn threads() -> io::Result<&'static Threads> {
    THREADS
        .get_or_init(|| start().map_err(|e| e.kind()))
        .as_ref()
        .map_err(|kind| (*kind).into())
}

fn start() -> io::Result<Threads> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let media = Builder::new_multi_thread()
        .worker_threads(cores.min(MAX_MEDIA_THREADS))
        .max_blocking_threads(NAME_LOOKUPS)
        .thread_name("engine-media")
        .enable_all()
        .build()?;
    let events = Builder::new_multi_thread()
        .worker_threads(EVENT_THREADS)
        .thread_name("engine-events")
        .build()?;
    Ok(Threads {
        media,
        events,
        tasks: TaskTracker::new(),
    })
}
