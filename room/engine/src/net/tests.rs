//! The network as its connection sees it, over loopback.
