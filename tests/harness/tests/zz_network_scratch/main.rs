#![allow(unused, dead_code, missing_docs)]
mod support;
mod network;
