//! What became of a call that the carrier was asked for and did not answer about. Pure: it is looked up and never
//! placed again.

use std::time::{Duration, SystemTime};

use super::{CallSid, FoundCall, Salt};

/// Clocks of ours and the carrier's differ by less.
const SKEW: Duration = Duration::from_secs(30);

/// How long the carrier's list may lag behind, counted from the request.
const LAG: Duration = Duration::from_secs(90);

/// A call of which nobody knows whether it was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Whom it was to call, as [`Number::digest`](super::Number::digest) tells.
    pub to_digest: String,
    /// When the carrier was asked.
    pub at: SystemTime,
}

/// What is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This is the call.
    Placed(FoundCall),
    /// The carrier knows none, and would by now.
    Lost,
    /// Look again.
    LookAgain,
}

impl Pending {
    /// Returns since when calls may be the one.
    #[must_use]
    pub fn since(&self) -> SystemTime {
        self.at.checked_sub(SKEW).unwrap_or(self.at)
    }
}

/// Tells which of the calls that the carrier knows is the one, `taken` being those that belong to other intents. The
/// earliest is: a later one may be a call that was asked for after it.
#[must_use]
pub fn reconcile(
    pending: &Pending,
    found: &[FoundCall],
    taken: &[CallSid],
    salt: &Salt,
    now: SystemTime,
) -> Verdict {
    let ours = found
        .iter()
        .filter(|call| call.at >= pending.since() && !taken.contains(&call.sid))
        .filter(|call| call.to.digest(salt) == pending.to_digest)
        .min_by_key(|call| call.at);
    if let Some(call) = ours {
        return Verdict::Placed(call.clone());
    }
    if now.duration_since(pending.at).unwrap_or_default() < LAG {
        Verdict::LookAgain
    } else {
        Verdict::Lost
    }
}

#[cfg(test)]
mod tests {
    use super::super::Number;
    use super::*;

    #[test]
    fn the_earliest_call_to_that_number_is_the_one() {
        let found = [
            call("CA3", "+41791234567", 120),
            call("CA2", "+41791234567", 102),
            call("CA1", "+41790000000", 101),
        ];

        let verdict = reconcile(&pending(), &found, &[], &salt(), at(130));

        assert_eq!(verdict, Verdict::Placed(found[1].clone()));
    }

    #[test]
    fn a_call_from_before_or_of_another_intent_is_not_it() {
        let found = [
            call("CA1", "+41791234567", 60),
            call("CA2", "+41791234567", 102),
        ];
        let taken = [CallSid::new("CA2")];

        let verdict = reconcile(&pending(), &found, &taken, &salt(), at(130));

        assert_eq!(verdict, Verdict::LookAgain);
    }

    #[test]
    fn a_call_is_given_up_once_the_carrier_must_know_it() {
        let soon = reconcile(&pending(), &[], &[], &salt(), at(189));
        let late = reconcile(&pending(), &[], &[], &salt(), at(190));

        assert_eq!((soon, late), (Verdict::LookAgain, Verdict::Lost));
    }

    fn pending() -> Pending {
        let to = Number::parse("+41791234567", None).unwrap();
        Pending {
            to_digest: to.digest(&salt()),
            at: at(100),
        }
    }

    fn call(sid: &str, to: &str, seconds: u64) -> FoundCall {
        FoundCall {
            sid: CallSid::new(sid),
            to: Number::parse(to, None).unwrap(),
            at: at(seconds),
            ended: None,
        }
    }

    fn salt() -> Salt {
        Salt::new("salt")
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }
}
