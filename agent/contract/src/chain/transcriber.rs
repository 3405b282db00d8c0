//! Transcribers that stand for one.
