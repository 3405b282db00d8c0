//! One LiveKit server for all tests of this binary.

use std::{
    sync::{Arc, OnceLock},
    thread,
};

use room_contract::Rooms;
use room_launcher::{LiveKitServer, Options};

use crate::support::rooms_at;

/// Rooms on the common server.
pub(crate) fn rooms() -> Arc<dyn Rooms> {
    Arc::new(rooms_at(common(), "secret"))
}

/// Rooms on the common server, in which nobody hears anybody but by it.
pub(crate) fn rooms_without_shortcuts() -> Arc<dyn Rooms> {
    Arc::new(rooms_at(common(), "secret").without_shortcuts())
}

/// Returns the address of the common server. It has a thread of its own, since each test's
/// runtime ends with the test, and dies with this process.
pub(crate) fn common() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let (told, url) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let server = LiveKitServer::start(Options::default())
                    .await
                    .expect("a server");
                told.send(server.url()).expect("somebody asked");
                std::future::pending::<()>().await;
            });
        });
        url.recv().expect("the server started")
    })
}
