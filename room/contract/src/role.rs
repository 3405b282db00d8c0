//! What somebody is there for, told from who they are.

use crate::{Identity, ParticipantKind};

/// The attribute of the agent that says where an escalation stands: `{"state":"dialling","contact":"Thomas"}`.
pub const ESCALATION: &str = "patchbay.escalation";

/// The attribute that says why somebody was called in.
pub const ROLE: &str = "patchbay.role";

/// A human who was called in to help.
pub const CONTACT: &str = "contact";

/// How the identity of a session's agent begins.
pub const AGENT: &str = "agent-";

/// How the identity of a contact begins who comes by a link.
pub const INVITED: &str = "contact-";

/// How the identity of one who briefs begins.
pub const BRIEFER: &str = "briefer-";

/// How the identity of one who plays music begins.
pub const MUSIC: &str = "music-";

/// How the identity of somebody at a telephone begins.
pub const PHONE: &str = "phone-";

/// The beginnings that nobody may choose for themselves.
pub const RESERVED: [&str; 5] = [AGENT, BRIEFER, INVITED, MUSIC, PHONE];

/// What somebody is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Somebody to talk with.
    Person,
    /// The AI that the session is about.
    Agent,
    /// An AI that tells a contact in private what a call is about.
    Briefer,
    /// Music for those who wait.
    Music,
    /// A recorder: it hears all and says nothing.
    Recorder,
}

/// Returns what somebody is there for. A program of ours is of kind Agent, so that a person
/// cannot pass for one by the choice of a name.
#[must_use]
pub fn role(kind: ParticipantKind, identity: &Identity) -> Role {
    match kind {
        ParticipantKind::Standard
        | ParticipantKind::Sip
        | ParticipantKind::Ingress
        | ParticipantKind::Connector => Role::Person,
        ParticipantKind::Egress => Role::Recorder,
        ParticipantKind::Agent if identity.as_str().starts_with(BRIEFER) => Role::Briefer,
        ParticipantKind::Agent if identity.as_str().starts_with(MUSIC) => Role::Music,
        ParticipantKind::Agent => Role::Agent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: ParticipantKind, identity: &str) -> Role {
        role(kind, &Identity::new(identity).expect("a name"))
    }

    #[test]
    fn programs_are_told_apart_by_their_identities() {
        assert_eq!(of(ParticipantKind::Agent, "agent-1"), Role::Agent);
        assert_eq!(of(ParticipantKind::Agent, "alice"), Role::Agent);
        assert_eq!(of(ParticipantKind::Agent, "briefer-1"), Role::Briefer);
        assert_eq!(of(ParticipantKind::Agent, "music-1"), Role::Music);
    }

    #[test]
    fn a_person_is_a_person_by_any_name() {
        assert_eq!(of(ParticipantKind::Standard, "music-1"), Role::Person);
        assert_eq!(of(ParticipantKind::Sip, "phone-1"), Role::Person);
        assert_eq!(of(ParticipantKind::Egress, "agent-1"), Role::Recorder);
    }
}
