use super::*;
use crate::core::Method;

const LOUD: [u8; FRAME] = [0x00; FRAME];
const QUIET: [u8; FRAME] = [ulaw::SILENCE; FRAME];

fn conference() -> Conference {
    Conference::new("CF1".into(), "talk".into(), false)
}

fn guest(call_sid: &str) -> Guest {
    Guest::new("talk", call_sid)
}

fn told(events: &[&str]) -> Telling {
    Telling {
        url: "https://app.test/conference".into(),
        method: Method::Post,
        events: events.iter().map(|&event| event.to_owned()).collect(),
    }
}

/// Returns what everybody heard in the last 20 ms.
fn heard(conference: &mut Conference) -> Vec<(String, bool)> {
    conference.handle_tick();
    let mut heard = Vec::new();
    while let Some(news) = conference.poll_news() {
        if let News::Heard { call_sid, frame } = news {
            heard.push((call_sid, frame != QUIET));
        }
    }
    heard
}

fn expected(heard: &[(&str, bool)]) -> Vec<(String, bool)> {
    heard
        .iter()
        .map(|(call, sound)| ((*call).to_owned(), *sound))
        .collect()
}

fn events(conference: &mut Conference) -> Vec<String> {
    let mut events = Vec::new();
    while let Some(news) = conference.poll_news() {
        if let News::Tell { parameters, .. } = news {
            let event = parameters
                .into_iter()
                .find(|(name, _)| name == "StatusCallbackEvent");
            events.extend(event.map(|(_, value)| value));
        }
    }
    events
}

#[test]
fn everybody_hears_the_others_and_not_themselves() {
    let mut conference = conference();
    for call in ["a", "b", "c"] {
        conference.join(guest(call)).unwrap();
    }

    conference.put("a", LOUD);

    assert_eq!(
        heard(&mut conference),
        expected(&[("a", false), ("b", true), ("c", true)])
    );
}

#[test]
fn the_muted_are_not_heard_and_those_on_hold_hear_nothing() {
    let mut conference = conference();
    conference
        .join(Guest {
            muted: true,
            ..guest("a")
        })
        .unwrap();
    conference.join(guest("b")).unwrap();
    conference
        .join(Guest {
            hold: true,
            ..guest("c")
        })
        .unwrap();

    conference.put("a", LOUD);
    assert!(heard(&mut conference).iter().all(|(_, sound)| !sound));
    conference.put("b", LOUD);

    assert_eq!(
        heard(&mut conference),
        expected(&[("a", true), ("b", false), ("c", false)])
    );
}

#[test]
fn a_coach_is_heard_by_one_alone() {
    let mut conference = conference();
    conference.join(guest("a")).unwrap();
    conference.join(guest("b")).unwrap();
    conference
        .join(Guest {
            coaches: Some("a".into()),
            ..guest("c")
        })
        .unwrap();

    conference.put("c", LOUD);

    assert_eq!(
        heard(&mut conference),
        expected(&[("a", true), ("b", false), ("c", false)])
    );
}

#[test]
fn it_begins_with_two_of_whom_one_may_begin_it() {
    let mut conference = conference();
    let waiting = Guest {
        start_on_enter: false,
        telling: Some(told(&["start", "join"])),
        ..guest("a")
    };
    conference.join(waiting).unwrap();
    conference
        .join(Guest {
            start_on_enter: false,
            ..guest("b")
        })
        .unwrap();
    assert_eq!(conference.state, State::Init);

    conference.join(guest("c")).unwrap();

    assert_eq!(conference.state, State::InProgress);
    assert_eq!(
        events(&mut conference),
        [
            "participant-join",
            "participant-join",
            "participant-join",
            "conference-start"
        ],
    );
}

#[test]
fn whoever_may_end_it_ends_it_for_all() {
    let mut conference = conference();
    let host = Guest {
        end_on_exit: true,
        telling: Some(told(&["end", "leave"])),
        ..guest("a")
    };
    conference.join(host).unwrap();
    conference.join(guest("b")).unwrap();

    conference.leave("a", false);

    let reason = "participant-with-end-conference-on-exit-left";
    assert_eq!(conference.ended, Some((reason, Some("a".into()))));
    assert!(conference.news.contains(&News::Out {
        call_sid: "b".into()
    }));
    assert_eq!(
        events(&mut conference),
        ["participant-leave", "participant-leave", "conference-end"]
    );
    assert_eq!(conference.join(guest("c")), Err(Full::Completed));
}

#[test]
fn it_ends_when_the_last_one_leaves_or_is_put_out() {
    let mut left = conference();
    left.join(guest("a")).unwrap();
    left.leave("a", false);
    let mut kicked = conference();
    kicked.join(guest("a")).unwrap();
    kicked.leave("a", true);

    assert_eq!(left.ended.unwrap().0, "last-participant-left");
    assert_eq!(kicked.ended.unwrap().0, "last-participant-kicked");
}

#[test]
fn labels_are_unique() {
    let mut conference = conference();
    conference
        .join(Guest {
            label: Some("host".into()),
            ..guest("a")
        })
        .unwrap();

    let second = conference.join(Guest {
        label: Some("host".into()),
        ..guest("b")
    });

    assert_eq!(second, Err(Full::LabelTaken));
    assert_eq!(conference.find("host").unwrap().call_sid, "a");
}

#[test]
fn changes_are_told() {
    let mut conference = conference();
    conference
        .join(Guest {
            telling: Some(told(&["mute", "hold"])),
            ..guest("a")
        })
        .unwrap();

    conference.change(
        "a",
        &Change {
            muted: Some(true),
            hold: Some(true),
            ..Change::default()
        },
    );
    conference.change(
        "a",
        &Change {
            muted: Some(false),
            hold: Some(true),
            ..Change::default()
        },
    );

    let told = ["participant-mute", "participant-hold", "participant-unmute"];
    assert_eq!(events(&mut conference), told);
}

#[test]
fn an_announcement_reaches_everybody() {
    let mut conference = conference();
    conference.join(guest("a")).unwrap();
    conference.join(guest("b")).unwrap();

    conference.announce(&LOUD);

    assert_eq!(
        heard(&mut conference),
        expected(&[("a", true), ("b", true)])
    );
    assert_eq!(
        heard(&mut conference),
        expected(&[("a", false), ("b", false)])
    );
}

#[test]
fn whoever_waits_hears_what_was_asked_for_until_it_begins() {
    let mut conference = conference();
    let document = WaitDocument {
        url: "https://app.test/hold".into(),
        method: Method::Post,
    };
    let waiting = Guest {
        wait: Some(document),
        ..guest("a")
    };
    conference.join(waiting).unwrap();
    let wanted = |conference: &mut Conference| {
        conference.handle_tick();
        let news = std::iter::from_fn(|| conference.poll_news());
        news.filter(|news| matches!(news, News::Waits { .. }))
            .count()
    };
    assert_eq!(wanted(&mut conference), 1);
    assert_eq!(wanted(&mut conference), 0, "once");

    conference.handle_wait_sound("a", LOUD.repeat(2), None);
    assert_eq!(heard(&mut conference), expected(&[("a", true)]));
    assert_eq!(heard(&mut conference), expected(&[("a", true)]));
    assert_eq!(wanted(&mut conference), 1, "again, once it was played");
    conference.handle_wait_sound("a", LOUD.repeat(2), None);
    conference.join(guest("b")).unwrap();

    let silence = expected(&[("a", false), ("b", false)]);
    assert_eq!(heard(&mut conference), silence);
}
