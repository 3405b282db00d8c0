//! Errors say what to do next.

use std::time::Duration;

use connectors_twilio::{
    rest::{Cure, Instructions, NewCall, RestClient, RestError},
    sid::CallSid,
};
use tokio::net::TcpListener;
use url::Url;

use crate::server::{Answer, Server, client};

fn call() -> CallSid {
    CallSid::new("CA00000000000000000000000000000001").unwrap()
}

async fn place(client: &RestClient) -> RestError {
    let twiml = Instructions::Twiml("<Response/>".into());
    let new = NewCall::new("+14158675309", "+14158675308", twiml);
    client.create_call(&new).await.unwrap_err()
}

async fn refused(status: u16, code: u32) -> RestError {
    let server = Server::start([Answer::error(status, code)]).await;
    place(&server.client()).await
}

#[tokio::test]
async fn each_refusal_says_who_can_do_something() {
    for (status, code, cure, advice) in [
        (400, 21_211, Cure::AnotherNumber, "needs the country's code"),
        (400, 21_215, Cure::Account, "Voice Geographic Permissions"),
        (401, 20_003, Cure::Configuration, "TWILIO_AUTH_TOKEN"),
        (400, 20_005, Cure::Account, "add funds"),
        (400, 21_212, Cure::Configuration, "TWILIO_PHONE_NUMBER"),
        (404, 20_404, Cure::AlreadyOver, "has ended"),
        (400, 99_999, Cure::Request, "Twilio's page"),
        (403, 99_999, Cure::Configuration, "TWILIO_ACCOUNT_SID"),
    ] {
        let RestError::Refused(refusal) = refused(status, code).await else {
            panic!("{code} is not refused");
        };

        assert_eq!((refusal.cure(), refusal.code()), (cure, Some(code)));
        let text = refusal.to_string();
        assert!(text.contains(advice) && text.contains("RQ0123"), "{text}");
        assert!(!text.contains("4158675309"), "{text}");
    }
}

#[tokio::test]
async fn too_much_to_do_is_passing() {
    let busy = Answer::Body(429, "Retry-After: 7\r\n", r#"{"code":20429}"#.into());
    let server =
        Server::start([busy, Answer::error(503, 20_503), Answer::error(400, 10_004)]).await;
    let client = server.client();

    let after = RestError::Unavailable {
        retry_after: Some(Duration::from_secs(7)),
    };
    assert_eq!(place(&client).await, after);
    let later = RestError::Unavailable { retry_after: None };
    assert_eq!(place(&client).await, later);
    assert_eq!(place(&client).await, later);
}

#[tokio::test]
async fn a_call_that_may_have_been_placed_is_told_apart() {
    for answer in [
        Answer::Nothing,
        Answer::HangUp,
        Answer::Half,
        Answer::Body(201, "", "{}".into()),
        Answer::error(500, 20_500),
    ] {
        let server = Server::start([answer.clone()]).await;

        assert_eq!(
            place(&server.client()).await,
            RestError::OutcomeUnknown,
            "{answer:?}"
        );
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn what_may_be_repeated_is_only_unavailable() {
    for answer in [
        Answer::Nothing,
        Answer::HangUp,
        Answer::Half,
        Answer::error(500, 20_500),
    ] {
        let server = Server::start([answer.clone(), answer.clone()]).await;
        let client = server.client();
        let unavailable = RestError::Unavailable { retry_after: None };

        assert_eq!(
            client.call(&call()).await.unwrap_err(),
            unavailable,
            "{answer:?}"
        );
        assert_eq!(
            client.end_call(&call()).await.unwrap_err(),
            unavailable,
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn nothing_was_done_where_nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);

    let error = place(&client(Url::parse(&url).unwrap())).await;

    assert_eq!(error, RestError::Unavailable { retry_after: None });
}

#[tokio::test]
async fn ending_what_has_ended_is_told_apart() {
    let server = Server::start([
        Answer::error(404, 20_404),
        Answer::error(400, 21_220),
        Answer::error(400, 21_211),
    ])
    .await;
    let client = server.client();

    for over in [true, true, false] {
        assert_eq!(client.end_call(&call()).await.unwrap_err().is_over(), over);
    }
}

#[tokio::test]
async fn a_strangers_answer_makes_no_sense() {
    let page = |status, headers| Answer::Body(status, headers, "<html>".into());
    let server = Server::start([
        page(200, ""),
        page(302, "Location: http://127.0.0.1:1/\r\n"),
    ])
    .await;
    let client = server.client();

    assert_eq!(client.call(&call()).await.unwrap_err(), RestError::Garbled);
    assert_eq!(client.call(&call()).await.unwrap_err(), RestError::Garbled);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let server = Server::start([Answer::Body(200, "", " ".repeat(3 << 20))]).await;

    let error = server.client().call(&call()).await.unwrap_err();

    assert_eq!(error, RestError::Unavailable { retry_after: None });
}
