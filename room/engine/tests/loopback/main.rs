//! Two connections of the engine talking to each other over loopback, in one process.

mod callbacks;
mod channels;
mod lifecycle;
mod loss;
mod rollback;
mod rubbish;
mod sections;
mod support;
