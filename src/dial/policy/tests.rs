//! What is called and what is not, and why.

use super::*;

#[test]
fn nobody_is_called_where_nothing_is_said() {
    let refused = judge(&Policy::default(), "+41791234567", Tally::default());

    let country = "CH".to_owned();
    assert_eq!(refused, Err(Refusal::Country { country }));
}

#[test]
fn a_number_of_a_listed_country_is_called_unless_it_costs_more() {
    let policy = Policy {
        blocked_prefixes: vec!["+4179999".to_owned()],
        ..swiss()
    };
    let country = |name: &str| Refusal::Country {
        country: name.to_owned(),
    };
    for (number, verdict) in [
        ("+41791234567", Ok(())),
        ("+41900123456", Err(Refusal::Premium)),
        ("+41799991234", Err(Refusal::Blocked)),
        ("+41101234567", Err(Refusal::Unassigned)),
        ("+41443334455", Err(Refusal::Itself)),
        ("+18765551234", Err(country("JM"))),
        ("+881612345678", Err(country("no country"))),
    ] {
        assert_eq!(
            judge(&policy, number, Tally::default()),
            verdict,
            "{number}"
        );
    }
}

#[test]
fn an_open_prefix_is_called_wherever_it_is_but_not_above_the_caps() {
    let policy = Policy {
        open_prefixes: vec!["+1555".to_owned()],
        ..Policy::default()
    };
    let busy = Tally {
        at_once: 20,
        ..Tally::default()
    };

    assert_eq!(judge(&policy, "+15550001111", Tally::default()), Ok(()));
    assert!(matches!(
        judge(&policy, "+15550001111", busy),
        Err(Refusal::AtOnce { cap: 20, .. })
    ));
}

#[test]
fn each_cap_refuses_the_call_that_would_exceed_it() {
    let none = Tally::default();
    for (scope, tally) in [
        (
            Scope::Everybody,
            Tally {
                today: 1_000,
                ..none
            },
        ),
        (
            Scope::Tenant,
            Tally {
                today_of_tenant: 500,
                ..none
            },
        ),
        (
            Scope::Key,
            Tally {
                today_of_key: 200,
                ..none
            },
        ),
        (
            Scope::Number,
            Tally {
                today_to_number: 10,
                ..none
            },
        ),
        (
            Scope::Range,
            Tally {
                today_to_range: 50,
                ..none
            },
        ),
    ] {
        let refused = judge(&swiss(), "+41791234567", tally).unwrap_err();

        assert!(matches!(refused, Refusal::Daily { scope: of, .. } if of == scope));
    }
    let last = Tally {
        today_to_number: 9,
        ..none
    };
    assert_eq!(judge(&swiss(), "+41791234567", last), Ok(()));
}

#[test]
fn either_switch_stops_everything() {
    let off = Policy {
        enabled: false,
        ..swiss()
    };
    let switched = Tally {
        switched_off: true,
        ..Tally::default()
    };

    assert_eq!(
        judge(&off, "+41791234567", Tally::default()),
        Err(Refusal::SwitchedOff)
    );
    assert_eq!(
        judge(&swiss(), "+41791234567", switched),
        Err(Refusal::SwitchedOff)
    );
}

fn swiss() -> Policy {
    Policy {
        countries: vec!["CH".to_owned()],
        ..Policy::default()
    }
}

fn judge(policy: &Policy, to: &str, tally: Tally) -> Result<(), Refusal> {
    let to = Number::parse(to, None).unwrap();
    let from = Number::parse("+41443334455", None).unwrap();
    policy.judge(
        Ask {
            to: &to,
            from: &from,
        },
        &tally,
    )
}
