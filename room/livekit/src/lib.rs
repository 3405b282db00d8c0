//! The room on LiveKit: the one place that knows the LiveKit SDK.
