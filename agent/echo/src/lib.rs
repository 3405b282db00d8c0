//! A participant that says the last three seconds back.
