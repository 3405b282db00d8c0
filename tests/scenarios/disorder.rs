//! Webhooks come twice, late, in any order, or not at all: each call still has one end, and one record of it.

use std::time::Duration;

use connectors_twilio_twin::{Call, Knobs, Persona, What};
use fastrand::Rng;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

use crate::running::{soon, until};
use crate::telephone::{Telephone, room, session, started};

/// Each has calls of all kinds.
const SEEDS: u64 = 6;

/// Worlds at the same time.
const AT_ONCE: usize = 3;

/// Somebody in Berlin whom nobody has.
const THOMAS: &str = "+4930901820";

/// How a call comes about and ends.
#[derive(Debug, Clone, Copy)]
enum Story {
    CallerHangsUp,
    SessionIsEnded,
    AgentSaysGoodbye,
    CalledAndHangsUp,
    Busy,
    Unreachable,
}

impl Story {
    const ALL: [Self; 6] = [
        Self::CallerHangsUp,
        Self::SessionIsEnded,
        Self::AgentSaysGoodbye,
        Self::CalledAndHangsUp,
        Self::Busy,
        Self::Unreachable,
    ];

    /// Returns why the session is over then.
    fn reason(self) -> &'static str {
        match self {
            Self::CallerHangsUp | Self::CalledAndHangsUp => "caller-left",
            Self::SessionIsEnded | Self::AgentSaysGoodbye => "completed",
            Self::Busy => "busy",
            Self::Unreachable => "failed",
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_in_disorder_have_one_effect_each() {
    stream::iter(0..SEEDS)
        .for_each_concurrent(AT_ONCE, |seed| async move {
            let phone = Telephone::with_agent().await;
            let mut random = Rng::with_seed(seed);
            let knobs = disorder(&mut random);
            phone.twin.set_knobs(knobs.clone());
            let mut stories = Story::ALL;
            random.shuffle(&mut stories);

            let mut calls = Vec::new();
            for story in stories {
                let told = format!("seed {seed}, {story:?}, {knobs:?}");
                calls.push(tell(&phone, story).await);
                has_one_record(&phone, &calls, story, &told).await;
            }
            // What is under way still comes to a call that is over.
            for call in &calls {
                until(async || has_told_everything(call, &knobs)).await;
            }
            let sessions = phone.world.get("/sessions").await.json();
            assert_eq!(sessions["total"], 0, "seed {seed}, {knobs:?}: {sessions}");
        })
        .await;
}

fn disorder(random: &mut Rng) -> Knobs {
    Knobs {
        callback_copies: random.u32(0..3),
        callback_delay: Duration::from_millis(random.u64(0..400)),
        callback_spread: Duration::from_millis(random.u64(0..2_000)),
        webhook_copies: random.u32(0..3),
        ..Knobs::default()
    }
}

/// Has a call come about and end.
async fn tell(phone: &Telephone, story: Story) -> Call {
    match story {
        Story::CallerHangsUp => {
            let call = talks(phone, phone.rings()).await;
            call.hang_up();
            call
        }
        Story::SessionIsEnded => {
            let call = talks(phone, phone.rings()).await;
            let path = format!("/room/{}", room(&call));
            phone.world.delete(&path).await.expecting(204);
            call
        }
        Story::AgentSaysGoodbye => {
            let call = talks(phone, phone.rings()).await;
            let path = format!("/room/{}/say", room(&call));
            until(async || {
                let said = phone.world.post(&path, &json!({ "text": "goodbye" })).await;
                said.status.is_success()
            })
            .await;
            call
        }
        Story::CalledAndHangsUp => {
            phone.twin.phone(THOMAS, Persona::human());
            let call = talks(phone, calls(phone).await).await;
            call.hang_up();
            call
        }
        Story::Busy => {
            phone.twin.phone(THOMAS, Persona::Busy);
            calls(phone).await
        }
        Story::Unreachable => {
            phone.twin.phone(THOMAS, Persona::Unreachable);
            calls(phone).await
        }
    }
}

/// The server calls somebody.
async fn calls(phone: &Telephone) -> Call {
    let body = json!({ "to": THOMAS });
    phone.world.post("/phone/call", &body).await.expecting(201);
    soon(phone.twin.next_call()).await.unwrap()
}

async fn talks(phone: &Telephone, call: Call) -> Call {
    started(&call, 1).await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;
    call
}

/// The latest call has ended as its story says, and each call has one record.
async fn has_one_record(phone: &Telephone, calls: &[Call], story: Story, told: &str) {
    let call = calls.last().unwrap();
    soon(call.ended()).await;
    until(async || phone.world.status(&session(call)).await.is_none()).await;
    until(async || !record(phone, call).await["reason"].is_null()).await;
    let record = record(phone, call).await;
    assert_eq!(record["reason"], story.reason(), "{told}: {record:#}");
    assert_eq!(record["status"], "ended", "{told}");
    let history = phone.world.get("/api/v1/calls").await.json();
    let kept = history["calls"].as_array().unwrap().len();
    assert_eq!(kept, calls.len(), "{told}: {history:#}");
}

fn has_told_everything(call: &Call, knobs: &Knobs) -> bool {
    let events = call.events();
    let count = |fits: fn(&What) -> bool| events.iter().filter(|one| fits(&one.what)).count();
    let sent = count(|what| matches!(what, What::CallbackSent { .. }));
    let answered = count(|what| matches!(what, What::CallbackAnswered { .. }));
    answered == sent * (knobs.callback_copies as usize + 1)
}

async fn record(phone: &Telephone, call: &Call) -> Value {
    let path = format!("/api/v1/calls/{}", session(call));
    phone.world.get(&path).await.json()
}
