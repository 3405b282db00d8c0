//! Offers as a peer's signalling brings them: answered or refused, never a panic. Each has a
//! connection of its own, so run it with few workers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use room_engine::{Connection, ConnectionConfig, Description, DescriptionKind};
use tokio::runtime::Builder;

fuzz_target!(|text: &str| {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let connection = Connection::open(ConnectionConfig::default()).expect("sockets");
    runtime.block_on(async {
        let offer = Description::new(DescriptionKind::Offer, text);
        if connection.set_remote_description(offer).await.is_ok() {
            let _may_be_refused = connection.create_answer().await;
        }
    });
    connection.close();
});
