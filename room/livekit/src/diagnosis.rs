//! Finds out why, where the server or the SDK does not say.

use livekit_api::{
    access_token::{AccessToken, Claims, VideoGrants},
    services::room::RoomClient,
};
use livekit_net::{Header, HttpClientExt};
use room_contract::Token;
use secrecy::ExposeSecret;

use crate::{config::LiveKitConfig, failure::within, join::DIAGNOSIS, participants};

/// Asks whether the server refuses our keys. It does so in plain text, which the API client takes
/// for garbage without telling the status.
pub(crate) async fn refuses_keys(config: &LiveKitConfig) -> bool {
    let asked = within(DIAGNOSIS, status(config)).await;
    matches!(asked, Ok(Some(401 | 403)))
}

async fn status(config: &LiveKitConfig) -> Option<u16> {
    let grants = VideoGrants {
        room_list: true,
        ..VideoGrants::default()
    };
    let token = AccessToken::with_api_key(&config.api_key, config.api_secret.expose_secret());
    let token = token.with_grants(grants).to_jwt().ok()?;
    // `ws` becomes `http`, `wss` becomes `https`.
    let base = config.url.trim_end_matches('/').replacen(
        "ws",
        "http",
        usize::from(config.url.starts_with("ws")),
    );
    let url = format!("{base}/twirp/livekit.RoomService/ListRooms");
    let headers = [
        ("authorization", format!("Bearer {token}")),
        ("content-type", "application/json".to_owned()),
    ];
    let headers = headers.into_iter().map(|(name, value)| Header {
        name: name.to_owned(),
        value,
    });
    let answer = livekit_net::http_client()?
        .post(url, headers.collect(), b"{}".to_vec())
        .await;
    answer.ok().map(|answer| answer.status)
}

/// Asks whether a token's room takes nobody more. A full room ends the joining without a word.
pub(crate) async fn is_full(client: &RoomClient, token: &Token) -> bool {
    let Ok(claims) = Claims::from_unverified(token.expose()) else {
        return false;
    };
    // Agents are not counted, and so never one too many.
    if claims.kind == "agent" {
        return false;
    }
    let full = within(DIAGNOSIS, takes_nobody_more(client, &claims.video.room)).await;
    matches!(full, Ok(Some(true)))
}

async fn takes_nobody_more(client: &RoomClient, name: &str) -> Option<bool> {
    let rooms = client.list_rooms(vec![name.to_owned()]).await.ok()?;
    let limit = rooms.first()?.max_participants;
    let inside = client.list_participants(name).await.ok()?;
    let counted = inside
        .iter()
        .filter(|participant| participants::kind_on_the_wire(participant.kind).keeps_room_open());
    Some(limit > 0 && counted.count() >= usize::try_from(limit).ok()?)
}
