//! The states of a session: forward only.

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The room is there, nobody has been called yet.
    Created,
    /// Somebody is being called.
    Ringing,
    /// A caller is in the room.
    Active,
    /// A human is being brought in; the caller is still being looked after.
    Escalating,
    /// Over. Nothing leads out of here.
    Ended(EndReason),
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// It was ended on purpose.
    Completed,
    /// The last caller left.
    CallerLeft,
    /// Nobody picked up.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// The call could not be placed.
    Failed,
    /// It was turned away.
    Refused,
    /// Nobody came, or the time was up.
    Timeout,
    /// A fault on our side or at LiveKit.
    Error,
}

impl EndReason {
    /// Returns the reason as it stands in answers and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::CallerLeft => "caller-left",
            Self::NoAnswer => "no-answer",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Error => "error",
        }
    }
}

/// How far bringing in a human is, as far as the session is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escalating {
    /// Somebody is being sought.
    Begun,
    /// It is over, with or without them.
    Settled,
}

/// Something that happened to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A call is being placed.
    Ring,
    /// A caller is connected.
    Connect,
    /// A human is being brought in.
    Escalate,
    /// That is over, with or without them.
    Settle,
    /// The session ends.
    End(EndReason),
}

impl Status {
    /// Returns the state as it stands in answers and records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Ringing => "ringing",
            Self::Active => "active",
            Self::Escalating => "escalating",
            Self::Ended(_) => "ended",
        }
    }

    /// Returns the live state of that name.
    #[must_use]
    pub fn live(name: &str) -> Option<Self> {
        [Self::Created, Self::Ringing, Self::Active, Self::Escalating]
            .into_iter()
            .find(|status| status.name() == name)
    }

    /// Returns the state after `step`, or `None` when the step comes too late, twice or out of order and
    /// changes nothing.
    #[must_use]
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Ended(_), _) => None,
            (_, Step::End(reason)) => Some(Self::Ended(reason)),
            (Self::Created, Step::Ring) => Some(Self::Ringing),
            (Self::Created | Self::Ringing, Step::Connect) | (Self::Escalating, Step::Settle) => {
                Some(Self::Active)
            }
            // Somebody is called back: a human is sought before the caller is there.
            (Self::Created | Self::Active, Step::Escalate) => Some(Self::Escalating),
            (Self::Ringing | Self::Active | Self::Escalating, Step::Ring)
            | (Self::Active | Self::Escalating, Step::Connect)
            | (Self::Ringing | Self::Escalating, Step::Escalate)
            | (Self::Created | Self::Ringing | Self::Active, Step::Settle) => None,
        }
    }

    /// Tells whether the session is over.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Ended(_))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_call_goes_from_created_to_ended() {
        let mut status = Status::Created;

        for step in [
            Step::Ring,
            Step::Connect,
            Step::Escalate,
            Step::Settle,
            Step::End(EndReason::Completed),
        ] {
            status = status
                .after(step)
                .expect("each step follows the one before");
        }

        assert_eq!(status, Status::Ended(EndReason::Completed));
    }

    #[test]
    fn a_late_ringing_does_not_take_an_active_session_back() {
        assert_eq!(Status::Active.after(Step::Ring), None);
    }

    proptest! {
        #[test]
        fn steps_in_any_order_never_lead_backwards(steps in proptest::collection::vec(step(), 0..50)) {
            let mut status = Status::Created;

            for step in steps {
                let Some(next) = status.after(step) else { continue };

                prop_assert!(!status.is_over());
                prop_assert!(rank(next) >= rank(status));
                prop_assert_ne!(next, status);
                status = next;
            }
        }

        #[test]
        fn the_same_step_twice_changes_nothing_the_second_time(
            steps in proptest::collection::vec(step(), 0..20),
            repeated in step(),
        ) {
            let mut status = Status::Created;
            for step in steps.into_iter().chain([repeated]) {
                status = status.after(step).unwrap_or(status);
            }

            prop_assert_eq!(status.after(repeated), None);
        }
    }

    fn rank(status: Status) -> u8 {
        match status {
            Status::Created => 0,
            Status::Ringing => 1,
            Status::Active | Status::Escalating => 2,
            Status::Ended(_) => 3,
        }
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Ring),
            Just(Step::Connect),
            Just(Step::Escalate),
            Just(Step::Settle),
            reason().prop_map(Step::End),
        ]
    }

    fn reason() -> impl Strategy<Value = EndReason> {
        prop_oneof![
            Just(EndReason::Completed),
            Just(EndReason::CallerLeft),
            Just(EndReason::NoAnswer),
            Just(EndReason::Busy),
            Just(EndReason::Failed),
            Just(EndReason::Refused),
            Just(EndReason::Timeout),
            Just(EndReason::Error),
        ]
    }
}
