//! Calls between participants.

use std::{sync::Arc, time::Duration};

use super::stage::{Stage, identity, soon};
use crate::{Method, Rooms, RpcCall, RpcError, RpcFailure, rpc::MAX_PAYLOAD};

/// A text goes over, a text comes back.
pub async fn a_call_is_answered(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, bob) = stage.two().await;
    let mut requests = bob.room.serve(Method::new("greet"));

    let answering = async {
        let request = requests.next().await.expect("a call");
        let caller = request.caller.clone();
        let answer = format!("hello {}", request.payload);
        request.answer(Ok(answer));
        caller
    };
    let calling = ann.room.call(call("bob", "greet", "bob"));
    let (answer, caller) = soon("the answer", async { tokio::join!(calling, answering) }).await;

    assert_eq!(answer.expect("answered"), "hello bob");
    assert_eq!(caller, identity("ann"));
}

/// A method's own error reaches the caller unchanged.
pub async fn an_error_arrives_as_it_was_answered(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, bob) = stage.two().await;
    let mut requests = bob.room.serve(Method::new("book"));
    let error = RpcError {
        code: 4_090,
        message: "taken".to_owned(),
        data: Some(r#"{"next":"10:30"}"#.to_owned()),
    };

    let sent = error.clone();
    let answering = async { requests.next().await.expect("a call").answer(Err(sent)) };
    let calling = ann.room.call(call("bob", "book", "10:00"));
    let (answer, ()) = soon("the answer", async { tokio::join!(calling, answering) }).await;

    assert!(
        matches!(&answer, Err(RpcFailure::Answered(got)) if *got == error),
        "{answer:?}"
    );
}

/// Calling what nobody serves is answered at once.
pub async fn a_method_that_is_not_served_is_no_method(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, _bob) = stage.two().await;

    let answer = soon("the answer", ann.room.call(call("bob", "nothing", ""))).await;

    assert!(
        matches!(answer, Err(RpcFailure::NoSuchMethod)),
        "{answer:?}"
    );
}

/// Dropping the queue takes the offer back.
pub async fn a_withdrawn_method_is_no_method(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, bob) = stage.two().await;
    let requests = bob.room.serve(Method::new("greet"));

    drop(requests);
    let answer = soon("the answer", ann.room.call(call("bob", "greet", ""))).await;

    assert!(
        matches!(answer, Err(RpcFailure::NoSuchMethod)),
        "{answer:?}"
    );
}

/// One need not wait for somebody who is not there.
pub async fn one_who_is_not_there_cannot_be_called(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let ann = stage.enter("ann").await;

    let answer = soon("the answer", ann.room.call(call("nobody", "greet", ""))).await;

    assert!(matches!(answer, Err(RpcFailure::NotThere)), "{answer:?}");
}

/// A caller waits as long as it said.
pub async fn an_answer_that_never_comes_times_out(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, bob) = stage.two().await;
    let mut requests = bob.room.serve(Method::new("ponder"));

    let timeout = Duration::from_millis(1_500);
    let calling = ann.room.call(RpcCall {
        timeout,
        ..call("bob", "ponder", "")
    });
    let (answer, _unanswered) = soon("the time-out", async {
        tokio::join!(calling, requests.next())
    })
    .await;

    assert!(matches!(answer, Err(RpcFailure::TimedOut)), "{answer:?}");
}

/// A request that is dropped is an answer, too.
pub async fn a_call_that_is_dropped_has_failed(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, bob) = stage.two().await;
    let mut requests = bob.room.serve(Method::new("forget"));

    let dropping = async { drop(requests.next().await) };
    let calling = ann.room.call(call("bob", "forget", ""));
    let (answer, ()) = soon("the failure", async { tokio::join!(calling, dropping) }).await;

    assert!(matches!(answer, Err(RpcFailure::Failed)), "{answer:?}");
}

/// The caller of one who leaves does not wait for the time-out.
pub async fn one_who_leaves_does_not_answer(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, bob) = stage.two().await;
    let mut requests = bob.room.serve(Method::new("greet"));

    let leaving = async {
        let request = requests.next().await;
        bob.room.leave().await;
        request
    };
    let calling = ann.room.call(call("bob", "greet", ""));
    let (answer, _held) = soon("the failure", async { tokio::join!(calling, leaving) }).await;

    assert!(matches!(answer, Err(RpcFailure::NotThere)), "{answer:?}");
}

/// Longer things go by stream.
pub async fn a_call_that_is_too_long_is_not_made(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, bob) = stage.two().await;
    let mut requests = bob.room.serve(Method::new("long"));
    let long = "x".repeat(MAX_PAYLOAD + 1);

    let call_too_long = ann.room.call(call("bob", "long", &long)).await;
    let answering = async {
        requests
            .next()
            .await
            .expect("a call")
            .answer(Ok(long.clone()))
    };
    let calling = ann.room.call(call("bob", "long", ""));
    let (answer_too_long, ()) =
        soon("the failure", async { tokio::join!(calling, answering) }).await;

    assert!(
        matches!(call_too_long, Err(RpcFailure::TooLong)),
        "{call_too_long:?}"
    );
    assert!(matches!(answer_too_long, Err(RpcFailure::TooLong)));
}

fn call(to: &str, method: &str, payload: &str) -> RpcCall {
    RpcCall {
        to: identity(to),
        method: Method::new(method),
        payload: payload.to_owned(),
        timeout: Duration::from_secs(10),
    }
}
