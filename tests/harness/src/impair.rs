//! A bad network in user space.
