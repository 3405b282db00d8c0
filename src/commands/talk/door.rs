//! Asks Patchbay to be let into a room.

use anyhow::Context;
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::line::TalkLine;
use crate::commands::terminal::client;

/// The way into a room.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Way {
    pub(super) token: String,
    pub(super) livekit_url: String,
    pub(super) room_name: String,
}

/// Joins the room of the command line, or creates it.
pub(super) async fn knock(line: &TalkLine) -> anyhow::Result<Way> {
    let identity = format!("terminal-{:08x}", getrandom::u32()?);
    if let Some(room) = &line.room {
        let body = json!({
            "roomName": room,
            "participantIdentity": identity,
            "participantName": line.name,
        });
        let answer = client::post(&line.server, "room/join", &body).await?;
        if answer.status() != StatusCode::NOT_FOUND {
            return read(answer).await;
        }
    }
    let mut body = json!({"hostIdentity": identity, "hostName": line.name});
    for (field, value) in [("roomName", &line.room), ("profile", &line.profile)] {
        if let Some(value) = value {
            body[field] = Value::from(value.as_str());
        }
    }
    read(client::post(&line.server, "room/create", &body).await?).await
}

async fn read(answer: Response) -> anyhow::Result<Way> {
    let answer = client::accepted(answer, "rooms").await?;
    answer
        .json()
        .await
        .context("Patchbay's answer makes no sense")
}
