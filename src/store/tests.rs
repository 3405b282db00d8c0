//! Against real databases: what is recorded is there, in order, also when the database is locked for a while.

mod callbacks;
pub(crate) mod desk;
mod diary;
mod escalations;
mod faults;
mod nodes;

use agent_session::Journal;
use sqlx::Connection;

use super::*;
use crate::config::{ApiKey, RecordSettings, Scope};
use crate::dial::{CallSid, Number};
use crate::sessions::{CallId, EndReason, Status};
use desk::{Desk, Place, on_both, said, turn};

on_both![
    a_call_is_kept_from_its_beginning_to_its_end_and_does_not_go_back,
    a_conversation_is_continued_in_order_by_the_next_process,
    a_locked_database_makes_records_wait_and_loses_none,
    a_record_that_is_not_accepted_does_not_hold_up_the_others,
    calls_come_in_pages_and_by_filter,
    figures_cover_channels_reasons_and_latency,
    a_key_is_found_by_its_digest_until_it_is_revoked,
    a_line_tells_who_called_whom_as_much_as_is_kept,
    calls_of_a_number_are_found_by_it_and_erased_with_all_that_was_said,
    a_call_is_deleted_once_its_time_is_over,
];

async fn a_call_is_kept_from_its_beginning_to_its_end_and_does_not_go_back(place: Place) {
    let desk = Desk::at(place).await;

    let call = desk.begin("a", 1_000);
    desk.advance(&call, Status::Active, 2_000);
    desk.advance(&call, Status::Ended(EndReason::CallerLeft), 9_000);
    desk.advance(&call, Status::Active, 10_000);
    desk.store.settled().await;

    let kept = desk.store.call("web-a").await.unwrap().unwrap();
    assert_eq!(
        (kept.status.as_str(), kept.reason.as_deref()),
        ("ended", Some("caller-left"))
    );
    assert_eq!(
        (kept.answered_at, kept.ended_at),
        (Some(Moment(2_000)), Some(Moment(9_000)))
    );
    assert_eq!(desk.store.unended_calls().await.unwrap(), []);
}

async fn a_conversation_is_continued_in_order_by_the_next_process(place: Place) {
    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    let journal = CallJournal::new(desk.store.clone(), call.clone());
    let told = [said("hello"), turn(1, 300), said("goodbye")];

    for record in told.clone() {
        journal.keep(record).await.unwrap();
    }
    let desk = Desk::at(desk.stop().await).await;

    let journal = CallJournal::inherited(desk.store.clone(), call);
    assert_eq!(journal.so_far().await.unwrap(), told);
    journal.keep(said("again")).await.unwrap();
    assert_eq!(journal.so_far().await.unwrap().len(), 4);
}

async fn a_locked_database_makes_records_wait_and_loses_none(place: Place) {
    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    desk.store.settled().await;
    let journal = CallJournal::new(desk.store.clone(), call.clone());

    let lock = desk.lock().await;
    for number in 0..1_000 {
        journal.keep(said(&number.to_string())).await.unwrap();
    }
    let while_locked = desk.store.messages(&call, 10).await.unwrap().len();
    lock.close().await.unwrap();
    desk.store.settled().await;

    assert_eq!(while_locked, 0);
    let kept = desk.store.messages(&call, 2_000).await.unwrap();
    let words: Vec<_> = kept.into_iter().map(|message| message.entry).collect();
    let expected: Vec<_> = (0..1_000)
        .map(|number| said(&number.to_string()).entry)
        .collect();
    assert_eq!(words, expected);
}

async fn a_record_that_is_not_accepted_does_not_hold_up_the_others(place: Place) {
    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    let nobodys = CallJournal::new(desk.store.clone(), CallId::from_store("nobody".to_owned()));
    let somebodys = CallJournal::new(desk.store.clone(), call.clone());

    nobodys.keep(said("lost")).await.unwrap();
    somebodys.keep(said("kept")).await.unwrap();
    desk.store.settled().await;

    assert_eq!(desk.store.messages(&call, 10).await.unwrap().len(), 1);
}

async fn calls_come_in_pages_and_by_filter(place: Place) {
    let desk = Desk::at(place).await;
    for number in 0..5 {
        // Two of the same millisecond: the id decides between them.
        let call = desk.begin(&format!("c{number}"), 1_000 + number / 2);
        if number == 0 {
            desk.advance(&call, Status::Ended(EndReason::Completed), 5_000);
        }
    }
    desk.store.settled().await;

    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let filter = CallFilter::default();
        let page = desk.store.calls(&filter, after.as_ref(), 2).await.unwrap();
        seen.extend(page.calls.into_iter().map(|call| call.id.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let ended = CallFilter {
        status: Some("ended".to_owned()),
        ..CallFilter::default()
    };
    let ended = desk.store.calls(&ended, None, 10).await.unwrap();

    assert_eq!(seen, ["c4", "c3", "c2", "c1", "c0"]);
    assert_eq!(ended.calls.len(), 1);
}

async fn figures_cover_channels_reasons_and_latency(place: Place) {
    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    desk.begin("b", 2_000);
    desk.advance(&call, Status::Ended(EndReason::Completed), 4_000);
    let journal = CallJournal::new(desk.store.clone(), call);
    for (number, took) in [(1, 100), (2, 300), (3, 200)] {
        journal.keep(turn(number, took)).await.unwrap();
    }
    desk.store.settled().await;

    let period = Period {
        from: Moment(0),
        to: Moment(10_000),
    };
    let stats = desk.store.stats(period).await.unwrap();

    assert_eq!((stats.total, stats.live, stats.lasted_ms), (2, 1, 3_000));
    assert_eq!(stats.by_channel["web"], 2);
    assert_eq!(stats.by_reason["completed"], 1);
    assert_eq!(
        stats.latency,
        Some(Latency {
            turns: 3,
            p50: 200,
            p95: 300
        })
    );
}

async fn a_key_is_found_by_its_digest_until_it_is_revoked(place: Place) {
    let desk = Desk::at(place).await;
    let new = NewKey {
        id: "key-1".to_owned(),
        key: ApiKey::new("dashboard", "s3cret", &[Scope::Read]),
    };

    desk.store.keep_key(&new).await.unwrap();
    let digest = ApiKey::digest("s3cret");
    let found = desk.store.key_with(&digest).await.unwrap().unwrap();
    let twice = desk
        .store
        .keep_key(&NewKey {
            id: "key-2".to_owned(),
            ..new
        })
        .await;
    let revoked = desk.store.revoke_key("key-1").await.unwrap();

    assert_eq!(
        (found.name.as_str(), found.scopes.as_slice()),
        ("dashboard", &[Scope::Read][..])
    );
    assert!(matches!(twice, Err(StoreError::Exists)));
    assert!(revoked && desk.store.key_with(&digest).await.unwrap().is_none());
}

async fn a_line_tells_who_called_whom_as_much_as_is_kept(place: Place) {
    let desk = Desk::at(place).await;
    for (id, numbers) in [
        ("full", Keeping::Full),
        ("redacted", Keeping::Redacted),
        ("none", Keeping::None),
    ] {
        desk.begin(id, 1_000);
        let settings = RecordSettings {
            numbers,
            ..RecordSettings::default()
        };
        let store = desk.store.clone().with(settings);
        let session = format!("web-{id}");
        store.tell_line(&session, inbound("CA1", Some("+41791234567")));
        store.tell_line(&session, LineNews::AnsweredBy("human".to_owned()));
        for reason in ["completed", "failed"] {
            let reason = reason.to_owned();
            let seconds = Some(7);
            store.tell_line(&session, LineNews::Over { reason, seconds });
        }
    }
    desk.store.settled().await;

    for (id, from) in [
        ("full", Some("+41791234567")),
        ("redacted", Some("+41…67")),
        ("none", None),
    ] {
        let line = desk.store.call(id).await.unwrap().unwrap().line.unwrap();

        assert_eq!(line.from.as_deref(), from, "{id}");
        assert_eq!(
            (line.direction.as_str(), line.call_sid.as_deref()),
            ("inbound", Some("CA1"))
        );
        assert_eq!(
            (
                line.answered_by.as_deref(),
                line.reason.as_deref(),
                line.seconds
            ),
            (Some("human"), Some("completed"), Some(7))
        );
    }
}

async fn calls_of_a_number_are_found_by_it_and_erased_with_all_that_was_said(place: Place) {
    let desk = Desk::at(place).await;
    let ada = Number::parse("+41791234567", None).unwrap();
    for (id, from) in [("ada", "+41791234567"), ("bob", "+41797654321")] {
        let call = desk.begin(id, 1_000);
        let session = format!("web-{id}");
        desk.store.tell_line(&session, inbound(id, Some(from)));
        let journal = CallJournal::new(desk.store.clone(), call);
        journal.keep(said("hello")).await.unwrap();
        journal.keep(turn(1, 100)).await.unwrap();
    }
    desk.store.settled().await;
    let of_ada = CallFilter {
        number: Some(ada.digest(desk.store.salt())),
        direction: Some("inbound".to_owned()),
        ..CallFilter::default()
    };

    let before = desk.store.calls(&of_ada, None, 10).await.unwrap().calls;
    let erased = desk.store.erase_number(&ada).await.unwrap();
    let after = desk.store.calls(&of_ada, None, 10).await.unwrap().calls;

    assert_eq!((before.len(), erased, after.len()), (1, 1, 0));
    let story = async |id: &str| {
        let call = CallId::from_store(id.to_owned());
        desk.store.conversation(&call).await.unwrap().len()
    };
    assert_eq!((story("ada").await, story("bob").await), (0, 2));
    let bare = desk.store.call("ada").await.unwrap().unwrap();
    assert_eq!(bare.line.unwrap().from, None);
}

async fn a_call_is_deleted_once_its_time_is_over(place: Place) {
    let desk = Desk::at(place).await;
    let day = 24 * 3600 * 1000;
    for (id, ended) in [("old", Some(1)), ("new", Some(2 * day)), ("live", None)] {
        let call = desk.begin(id, 0);
        let journal = CallJournal::new(desk.store.clone(), call.clone());
        journal.keep(said("hello")).await.unwrap();
        if let Some(at) = ended {
            desk.advance(&call, Status::Ended(EndReason::Completed), at);
        }
    }
    desk.store.settled().await;

    let keep = std::time::Duration::from_secs(24 * 3600);
    let deleted = desk.store.delete_old(Moment(2 * day), keep).await.unwrap();

    let left = desk.store.calls(&CallFilter::default(), None, 10).await;
    let mut left: Vec<_> = left
        .unwrap()
        .calls
        .into_iter()
        .map(|call| call.room)
        .collect();
    left.sort();
    assert_eq!(
        (deleted, left),
        (1, vec!["live".to_owned(), "new".to_owned()])
    );
}

fn inbound(call: &str, from: Option<&str>) -> LineNews {
    LineNews::Began {
        direction: Direction::Inbound,
        from: from.map(|text| Number::parse(text, None).unwrap()),
        to: Number::parse("+41443334455", None).ok(),
        call: CallSid::new(call),
    }
}
