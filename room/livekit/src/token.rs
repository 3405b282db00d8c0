//! Access tokens: an admission, signed.

use livekit_api::access_token::{AccessToken, AccessTokenError, VideoGrants};
use room_contract::{Admission, ParticipantKind, Token};
use secrecy::ExposeSecret;

use crate::config::LiveKitConfig;

/// Signs an admission.
pub(crate) fn mint(
    config: &LiveKitConfig,
    admission: &Admission,
) -> Result<Token, AccessTokenError> {
    let grants = VideoGrants {
        room_join: true,
        room: admission.room.as_str().to_owned(),
        can_publish: Some(admission.grants.publish),
        can_subscribe: Some(admission.grants.subscribe),
        can_publish_data: Some(admission.grants.publish_data),
        can_update_own_metadata: Some(admission.grants.update_own_metadata),
        hidden: admission.grants.hidden,
        // Without it the server takes an agent's token for a person's.
        agent: admission.kind == ParticipantKind::Agent,
        ..VideoGrants::default()
    };
    let token = AccessToken::with_api_key(&config.api_key, config.api_secret.expose_secret())
        .with_ttl(admission.time_to_join)
        .with_identity(admission.identity.as_str())
        .with_name(&admission.name)
        .with_kind(kind(admission.kind))
        .with_metadata(&admission.metadata)
        .with_attributes(&admission.attributes)
        .with_grants(grants);
    token.to_jwt().map(Token::new)
}

/// Returns the claim's value; a person has none.
fn kind(kind: ParticipantKind) -> &'static str {
    match kind {
        ParticipantKind::Agent => "agent",
        ParticipantKind::Sip => "sip",
        ParticipantKind::Ingress => "ingress",
        ParticipantKind::Egress => "egress",
        ParticipantKind::Connector => "connector",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use livekit_api::access_token::{Claims, TokenVerifier};
    use room_contract::{Attributes, Grants, Identity, RoomName};
    use secrecy::SecretString;

    use super::*;

    fn claims(admission: &Admission) -> Claims {
        let config = LiveKitConfig {
            url: "ws://127.0.0.1:7880".to_owned(),
            public_url: None,
            api_key: "devkey".to_owned(),
            api_secret: SecretString::from("secret"),
        };
        let token = mint(&config, admission).expect("signed");
        TokenVerifier::with_api_key("devkey", "secret")
            .verify(token.expose())
            .expect("valid")
    }

    fn person() -> Admission {
        let room = RoomName::new("demo").expect("a name");
        Admission::person(room, Identity::new("ann").expect("a name"))
    }

    #[test]
    fn a_person_gets_what_was_granted_and_nothing_else() {
        let grants = Grants {
            publish: false,
            ..Grants::default()
        };
        let attributes = Attributes::from([("channel".to_owned(), "web".to_owned())]);

        let claims = claims(&Admission {
            grants,
            attributes,
            name: "Ann".to_owned(),
            ..person()
        });

        assert_eq!(
            (
                claims.sub.as_str(),
                claims.name.as_str(),
                claims.kind.as_str()
            ),
            ("ann", "Ann", "")
        );
        assert_eq!(claims.attributes["channel"], "web");
        let video = claims.video;
        assert!(video.room_join && video.room == "demo");
        assert_eq!(
            (video.can_publish, video.can_subscribe),
            (Some(false), Some(true))
        );
        assert!(!video.room_admin && !video.room_create && !video.agent && !video.hidden);
    }

    #[test]
    fn an_agent_is_an_agent_twice() {
        let claims = claims(&Admission {
            kind: ParticipantKind::Agent,
            ..person()
        });

        assert_eq!(claims.kind, "agent");
        assert!(claims.video.agent);
    }

    #[test]
    fn a_token_ends_with_the_time_to_join() {
        let claims = claims(&Admission {
            time_to_join: Duration::from_secs(90),
            ..person()
        });

        assert!(
            (89..=91).contains(&(claims.exp - claims.nbf)),
            "{} s",
            claims.exp - claims.nbf
        );
    }
}
