//! The web channel: visitors of a page talk to the agent. The page and the widget themselves are in here, compiled.

mod files;

pub use files::{File, file};
