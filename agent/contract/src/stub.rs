//! Providers that do as they are told.
