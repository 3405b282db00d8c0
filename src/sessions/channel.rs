//! Where a session began.

use serde::Serialize;
use utoipa::ToSchema;

/// The channel of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A phone line.
    Phone,
    /// `WhatsApp`, call or text.
    Whatsapp,
    /// A browser, or a program that asked for a room.
    Web,
    /// `ConversationRelay`.
    Relay,
    /// Slack.
    Slack,
    /// Discord.
    Discord,
    /// Teams.
    Teams,
}

impl Channel {
    /// Every channel, in the order in which answers list them.
    pub const ALL: [Self; 7] = [
        Self::Phone,
        Self::Whatsapp,
        Self::Web,
        Self::Relay,
        Self::Slack,
        Self::Discord,
        Self::Teams,
    ];

    /// Returns the channel of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// Returns the channel's name as it stands in ids, answers and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Whatsapp => "whatsapp",
            Self::Web => "web",
            Self::Relay => "relay",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Teams => "teams",
        }
    }
}
