//! The room as a trait, and a room in memory for tests.
