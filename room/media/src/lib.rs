//! Audio without a clock or a socket: frames, resampling, mixing, levels, playout.
