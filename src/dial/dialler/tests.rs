//! Against real databases and a carrier in memory: one call for each wish, and none too many.

use futures_util::future::join_all;
use sqlx::Connection;

use super::*;
use crate::dial::memory::{Luck, MemoryPlacer};
use crate::dial::{Caps, Ended, Keeping, Salt};
use crate::store::tests::desk::{Desk, Place, on_both};

const ADA: &str = "+41791234567";

on_both![
    fifty_requests_with_one_key_place_one_call,
    a_key_belongs_to_one_request,
    a_cap_holds_however_many_ask_at_once,
    a_switch_thrown_on_one_node_stops_the_others,
    what_policy_refuses_reaches_no_carrier_and_is_kept,
    a_call_that_the_carrier_refuses_may_be_tried_again,
    a_call_whose_answer_was_lost_is_found_and_not_placed_again,
    a_call_that_a_dead_process_left_behind_is_looked_up,
    a_call_that_the_carrier_does_not_know_is_given_up,
    news_in_any_order_leave_the_call_where_it_is,
    no_call_is_placed_before_its_row_is_written,
];

async fn fifty_requests_with_one_key_place_one_call(place: Place) {
    let house = House::at(place, swiss()).await;

    let asking = (0..50).map(|_| house.dialler.dial(request(ADA, Some("k"))));
    let answers = join_all(asking).await;

    let calls: Vec<_> = answers.into_iter().map(|one| one.unwrap().call).collect();
    assert!(calls.iter().all(|call| *call == calls[0]));
    assert_eq!(house.carrier.orders().len(), 1);
}

async fn a_key_belongs_to_one_request(place: Place) {
    let house = House::at(place, swiss()).await;
    house.dialler.dial(request(ADA, Some("k"))).await.unwrap();

    let other = DialRequest {
        digest: "other".to_owned(),
        ..request(ADA, Some("k"))
    };
    let other = house.dialler.dial(other).await;
    let stranger = DialRequest {
        caller: "stranger".to_owned(),
        ..request(ADA, Some("k"))
    };
    let stranger = house.dialler.dial(stranger).await;

    assert!(matches!(other, Err(DialError::KeyReused)));
    assert!(stranger.is_ok());
}

async fn a_cap_holds_however_many_ask_at_once(place: Place) {
    let caps = Caps {
        at_once: 15,
        ..swiss().caps
    };
    let policy = Policy { caps, ..swiss() };
    let house = House::at(place, policy).await;

    let asking = (0..30).map(|_| house.dialler.dial(request(ADA, None)));
    let answers = join_all(asking).await;
    let placed: Vec<_> = answers.iter().flatten().cloned().collect();
    house.hears(&placed[0].call, Progress::Ended(Ended::Completed));
    house.desk.store.settled().await;
    let once_one_has_ended = house.dialler.dial(request(ADA, None)).await;

    assert_eq!(placed.len(), 15);
    assert_eq!(house.carrier.orders().len(), 16);
    assert!(once_one_has_ended.is_ok());
    assert!(answers.iter().flat_map(|one| one.as_ref().err()).all(
        |error| matches!(error, DialError::Refused(refusal) if refusal.name() == "too_many_at_once")
    ));
}

async fn a_switch_thrown_on_one_node_stops_the_others(place: Place) {
    let house = House::at(place, swiss()).await;
    let (other_node, _) = Store::open(&house.desk.place.database).await.unwrap();

    other_node.switch_dialling(false).await.unwrap();
    let off = house.dialler.dial(request(ADA, Some("k"))).await;
    other_node.switch_dialling(true).await.unwrap();
    let on = house.dialler.dial(request(ADA, Some("k"))).await;

    assert!(matches!(off, Err(DialError::Refused(Refusal::SwitchedOff))));
    assert!(on.is_ok());
    assert_eq!(house.carrier.orders().len(), 1);
}

async fn what_policy_refuses_reaches_no_carrier_and_is_kept(place: Place) {
    let house = House::at(place, swiss()).await;

    let refused = house.dialler.dial(request("+18765551234", None)).await;

    let text = refused.unwrap_err().to_string();
    assert!(text.contains("calls to JM are not allowed"), "{text}");
    assert_eq!(house.carrier.orders().len(), 0);
    assert_eq!(house.desk.store.open_intents().await.unwrap(), []);
}

async fn a_call_that_the_carrier_refuses_may_be_tried_again(place: Place) {
    let house = House::at(place, swiss()).await;
    house.carrier.next(Luck::Refused("21211".to_owned()));

    let refused = house.dialler.dial(request(ADA, Some("k"))).await;
    house.desk.store.settled().await;
    let again = house.dialler.dial(request(ADA, Some("k"))).await;

    assert!(matches!(refused, Err(DialError::Carrier { code, .. }) if code == "21211"));
    assert!(again.is_ok());
}

async fn a_call_whose_answer_was_lost_is_found_and_not_placed_again(place: Place) {
    let house = House::at(place, swiss()).await;
    house.carrier.next(Luck::AnswerLost);

    let unknown = house.dialler.dial(request(ADA, Some("k"))).await;
    let open = house.dialler.look_up().await.unwrap();
    house.desk.store.settled().await;
    let again = house.dialler.dial(request(ADA, Some("k"))).await.unwrap();

    assert!(matches!(unknown, Err(DialError::Unanswered)));
    assert!(!open);
    assert_eq!(again.call, house.carrier.calls()[0].sid);
    assert_eq!(house.carrier.orders().len(), 1);
}

async fn a_call_that_a_dead_process_left_behind_is_looked_up(place: Place) {
    let house = House::at(place, swiss()).await;
    let asked = Moment(Moment::now().0 - 60_000);
    let intent = house.leaves_behind(asked).await;
    house.carrier.knows(FoundCall {
        sid: CallSid::new("CA7"),
        to: number(ADA),
        at: asked.into(),
        ended: Some(Ended::NoAnswer),
    });

    let open = house.dialler.look_up().await.unwrap();

    let record = house.record(&intent).await;
    assert!(!open);
    assert_eq!(record.call, Some(CallSid::new("CA7")));
    assert_eq!(
        (record.state, record.reason.as_deref()),
        (IntentState::Ended, Some("no-answer"))
    );
}

async fn a_call_that_the_carrier_does_not_know_is_given_up(place: Place) {
    let house = House::at(place, swiss()).await;
    let recent = house.leaves_behind(Moment(Moment::now().0 - 60_000)).await;
    let old = house.leaves_behind(Moment(Moment::now().0 - 200_000)).await;

    let open = house.dialler.look_up().await.unwrap();

    let (recent, old) = (house.record(&recent).await, house.record(&old).await);
    assert!(open);
    assert_eq!(recent.state, IntentState::Pending);
    assert_eq!(
        (old.state, old.reason.as_deref(), old.ended_at.is_some()),
        (IntentState::Unknown, Some("lost"), true)
    );
    assert_eq!(house.carrier.orders().len(), 0);
}

async fn news_in_any_order_leave_the_call_where_it_is(place: Place) {
    let house = House::at(place, swiss()).await;
    let intent = house.leaves_behind(Moment::now()).await;
    let which = IntentRef::Id(intent.clone());

    for progress in [
        Progress::Answered,
        Progress::Ringing,
        Progress::Placed(CallSid::new("CA1")),
        Progress::Ended(Ended::Completed),
        Progress::Answered,
        Progress::Ended(Ended::Busy),
    ] {
        house.dialler.heard(which.clone(), progress);
    }

    let record = house.record(&intent).await;
    assert_eq!(
        (record.state, record.reason.as_deref(), record.call),
        (
            IntentState::Ended,
            Some("completed"),
            Some(CallSid::new("CA1"))
        )
    );
}

async fn no_call_is_placed_before_its_row_is_written(place: Place) {
    let house = House::at(place, swiss()).await;
    let lock = house.desk.lock().await;

    let dialler = house.dialler.clone();
    let dialling = tokio::spawn(async move { dialler.dial(request(ADA, None)).await });
    // Reads go on while nobody may write.
    let open = house.desk.store.open_intents().await.unwrap();
    let while_locked = house.carrier.orders().len();
    lock.close().await.unwrap();
    let dialled = dialling.await.unwrap();

    assert_eq!((open.len(), while_locked), (0, 0));
    assert!(dialled.is_ok());
}

/// A dialler, its records and its carrier.
struct House {
    dialler: Dialler,
    desk: Desk,
    carrier: MemoryPlacer,
}

impl House {
    async fn at(place: Place, policy: Policy) -> Self {
        let desk = Desk::at(place).await;
        let carrier = MemoryPlacer::default();
        let placer = Arc::new(carrier.clone());
        let dialler = Dialler::new(policy, desk.store.clone(), placer);
        Self {
            dialler,
            desk,
            carrier,
        }
    }

    /// Writes the row of a request, and nothing else.
    async fn leaves_behind(&self, at: Moment) -> IntentId {
        let id = IntentId::random();
        let new = NewIntent {
            at,
            ..self.dialler.row(&id, &request(ADA, None))
        };
        let claimed = self.desk.store.claim_intent(&new, |_| Ok(())).await;
        assert_eq!(claimed.unwrap(), Claimed::New);
        id
    }

    fn hears(&self, call: &CallSid, progress: Progress) {
        self.dialler.heard(IntentRef::Call(call.clone()), progress);
    }

    async fn record(&self, intent: &IntentId) -> IntentRecord {
        self.desk.store.settled().await;
        let which = IntentRef::Id(intent.clone());
        self.desk.store.intent(&which).await.unwrap().unwrap()
    }
}

#[test]
fn what_is_kept_of_a_request_does_not_tell_its_number() {
    let salt = Salt::new("salt");

    let kept = [
        number(ADA).digest(&salt),
        number(ADA).kept(Keeping::Redacted).unwrap(),
        format!("{:?}", request(ADA, None)),
    ];

    assert!(
        kept.iter().all(|text| !text.contains("79123456")),
        "{kept:?}"
    );
}

fn swiss() -> Policy {
    Policy {
        countries: vec!["CH".to_owned()],
        caps: Caps {
            at_once: 100,
            at_once_per_key: 100,
            per_day_and_number: 100,
            ..Caps::default()
        },
        ..Policy::default()
    }
}

fn request(to: &str, key: Option<&str>) -> DialRequest {
    DialRequest {
        tenant: "default".to_owned(),
        caller: "admin".to_owned(),
        key: key.map(str::to_owned),
        digest: "request".to_owned(),
        to: number(to),
        from: number("+41443334455"),
        session: "phone-1".to_owned(),
        carried: Vec::new(),
        paths: Paths {
            voice: "/voice",
            status: "/status",
            answered: "/answered",
        },
    }
}

fn number(text: &str) -> Number {
    Number::parse(text, None).unwrap()
}
