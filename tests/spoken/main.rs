//! Conversations from outside.
