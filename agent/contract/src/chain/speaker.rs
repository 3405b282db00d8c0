//! Speakers that stand for one.
