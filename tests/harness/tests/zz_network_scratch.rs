#![allow(unused, dead_code, missing_docs)]
#[path = "/tmp/nscratch/support.rs"]
mod support;
#[path = "/tmp/nscratch/network.rs"]
mod network;
