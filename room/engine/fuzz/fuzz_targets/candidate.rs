//! Candidates as a peer's signalling brings them: used or left out, never a panic.
#![no_main]

use std::cell::LazyCell;

use libfuzzer_sys::fuzz_target;
use room_engine::{Connection, ConnectionConfig, IceCandidate};
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static ENGINE: LazyCell<(Runtime, Connection)> = LazyCell::new(|| {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let connection = Connection::open(ConnectionConfig::default()).expect("sockets");
        (runtime, connection)
    });
}

fuzz_target!(|text: &str| {
    let candidate = IceCandidate {
        mid: "0".to_owned(),
        line_index: 0,
        text: text.to_owned(),
    };
    ENGINE.with(|engine| {
        let (runtime, connection) = &**engine;
        let _may_be_refused = runtime.block_on(connection.add_candidate(candidate));
    });
});
