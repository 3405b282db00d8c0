//! Twilio's identifiers: two letters and 32 hexadecimal digits.

use std::fmt::Write as _;

use fastrand::Rng;

/// Hands out identifiers; the same seed gives the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Sids(Rng);

impl Sids {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// Returns another maker, which depends on this one's past alone.
    pub(crate) fn branch(&mut self) -> Self {
        Self(self.0.fork())
    }

    pub(crate) fn dice(&mut self) -> Rng {
        self.0.fork()
    }

    /// Returns a new identifier of a kind such as `CA`.
    pub(crate) fn next(&mut self, kind: &str) -> String {
        let mut sid = kind.to_owned();
        write!(sid, "{:032x}", self.0.u128(..)).expect("a string takes everything");
        sid
    }
}
