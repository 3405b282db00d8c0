//! Webhooks of LiveKit, verified and put in the contract's words.

use livekit_api::{
    access_token::TokenVerifier,
    webhooks::{WebhookError as Refusal, WebhookReceiver},
};
use livekit_protocol as proto;
use room_contract::{Identity, Occurrence, RoomName, TrackId, WebhookError, WebhookEvent};
use secrecy::ExposeSecret;

use crate::{config::LiveKitConfig, participants};

/// Checks signatures of one server.
pub(crate) struct Verifier {
    receiver: WebhookReceiver,
}

impl Verifier {
    pub(crate) fn new(config: &LiveKitConfig) -> Self {
        let secret = config.api_secret.expose_secret();
        let verifier = TokenVerifier::with_api_key(&config.api_key, secret);
        Self {
            receiver: WebhookReceiver::new(verifier),
        }
    }

    pub(crate) fn verify(
        &self,
        body: &[u8],
        authorization: &str,
    ) -> Result<WebhookEvent, WebhookError> {
        let body = str::from_utf8(body).map_err(|error| WebhookError::Unreadable(error.into()))?;
        match self.receiver.receive(body, authorization) {
            Ok(event) => translate(&event),
            Err(error @ Refusal::InvalidData(_)) => Err(WebhookError::Unreadable(error.into())),
            Err(error) => Err(WebhookError::Forged(error.into())),
        }
    }
}

fn translate(event: &proto::WebhookEvent) -> Result<WebhookEvent, WebhookError> {
    let room = event
        .room
        .as_ref()
        .map(|room| RoomName::new(room.name.as_str()))
        .transpose();
    let room = room.map_err(|error| WebhookError::Unreadable(error.into()))?;
    Ok(WebhookEvent {
        id: event.id.clone(),
        created_at: u64::try_from(event.created_at).unwrap_or(0),
        room,
        occurrence: occurrence(event)?,
    })
}

fn occurrence(event: &proto::WebhookEvent) -> Result<Occurrence, WebhookError> {
    Ok(match event.event.as_str() {
        "room_started" => Occurrence::RoomStarted,
        "room_finished" => Occurrence::RoomFinished,
        "participant_joined" => {
            let (identity, kind) = (who(event)?, kind(event));
            Occurrence::ParticipantJoined { identity, kind }
        }
        "participant_left" => {
            let (identity, kind) = (who(event)?, kind(event));
            Occurrence::ParticipantLeft { identity, kind }
        }
        "participant_connection_aborted" => Occurrence::ConnectionAborted {
            identity: who(event)?,
        },
        "track_published" => Occurrence::TrackPublished {
            identity: who(event)?,
            track: track(event)?,
        },
        "track_unpublished" => Occurrence::TrackUnpublished {
            identity: who(event)?,
            track: track(event)?,
        },
        other => Occurrence::Other(other.to_owned()),
    })
}

fn who(event: &proto::WebhookEvent) -> Result<Identity, WebhookError> {
    let participant = event.participant.as_ref();
    let identity = participant.map_or("", |participant| participant.identity.as_str());
    Identity::new(identity).map_err(|error| WebhookError::Unreadable(error.into()))
}

fn kind(event: &proto::WebhookEvent) -> room_contract::ParticipantKind {
    participants::kind_on_the_wire(
        event
            .participant
            .as_ref()
            .map_or(0, |participant| participant.kind),
    )
}

fn track(event: &proto::WebhookEvent) -> Result<TrackId, WebhookError> {
    let id = event.track.as_ref().map_or("", |track| track.sid.as_str());
    TrackId::new(id).map_err(|error| WebhookError::Unreadable(error.into()))
}

#[cfg(test)]
mod tests {
    use room_contract::ParticipantKind;
    use secrecy::SecretString;

    use super::*;

    const BODY: &str = r#"{"event":"room_started","room":{"sid":"RM_abc","name":"demo","emptyTimeout":300,"creationTime":"1700000000"},"id":"EV_1","createdAt":"1700000000"}"#;
    const SIGNED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJkZXZrZXkiLCJuYmYiOjE3MDAwMDAwMDAsImV4cCI6NDEwMjQ0NDgwMCwic2hhMjU2IjoiNkdvS283SWprUSt1aTRxRmN0TkpuNnprS1hLQ2NqclRaYWVISnZwTVkzWT0ifQ.3TLqQOJgBtX92D-Bo5Edbd-QIfKqImkdZayfdM1pulI";

    fn verifier(secret: &str) -> Verifier {
        Verifier::new(&LiveKitConfig {
            url: "ws://127.0.0.1:7880".to_owned(),
            public_url: None,
            api_key: "devkey".to_owned(),
            api_secret: SecretString::from(secret),
        })
    }

    #[test]
    fn a_signed_webhook_is_read() {
        let event = verifier("secret")
            .verify(BODY.as_bytes(), SIGNED)
            .expect("signed");

        assert_eq!(event.id, "EV_1");
        assert_eq!(event.created_at, 1_700_000_000);
        assert_eq!(event.room, Some(RoomName::new("demo").expect("a name")));
        assert_eq!(event.occurrence, Occurrence::RoomStarted);
    }

    #[test]
    fn another_body_another_secret_and_no_signature_are_forgeries() {
        let other = BODY.replace("demo", "evil");

        for (secret, body, signed) in [
            ("secret", other.as_str(), SIGNED),
            ("another", BODY, SIGNED),
            ("secret", BODY, ""),
            ("secret", BODY, "Bearer nonsense"),
        ] {
            let refused = verifier(secret).verify(body.as_bytes(), signed);
            assert!(
                matches!(refused, Err(WebhookError::Forged(_))),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn a_participants_event_names_who_and_what() {
        let event: proto::WebhookEvent = proto::WebhookEvent {
            event: "participant_joined".to_owned(),
            participant: Some(proto::ParticipantInfo {
                identity: "agent-1".to_owned(),
                kind: proto::participant_info::Kind::Agent as i32,
                ..Default::default()
            }),
            ..Default::default()
        };

        let identity = Identity::new("agent-1").expect("a name");
        let expected = Occurrence::ParticipantJoined {
            identity,
            kind: ParticipantKind::Agent,
        };
        assert_eq!(occurrence(&event).expect("readable"), expected);
    }

    #[test]
    fn an_event_without_its_participant_is_unreadable() {
        let event = proto::WebhookEvent {
            event: "participant_left".to_owned(),
            ..Default::default()
        };

        assert!(matches!(
            occurrence(&event),
            Err(WebhookError::Unreadable(_))
        ));
    }
}
