//! Who is there in dev mode without a file: a receptionist that needs no account, and an echo.

use std::sync::Arc;

use agent_providers_offline::Script;
use agent_session::Profile;

use crate::config::{AgentKind, AgentProfile, Cast, KnowledgeText, Profiles, Section};

/// The demo's name.
const DEMO: &str = "demo";
const ECHO: &str = "echo";

const GREETING: &str =
    "Hello, this is the automatic receptionist of Harbour Street Barbers. How can I help you?";

/// Adds them where the file has none of their names, and makes the demo the default where the file names none.
pub(super) fn add(profiles: &mut Profiles) {
    profiles.all.entry(ECHO.to_owned()).or_insert_with(echo);
    profiles
        .all
        .entry(DEMO.to_owned())
        .or_insert_with(receptionist);
    profiles.default.get_or_insert_with(|| DEMO.to_owned());
}

fn receptionist() -> AgentProfile {
    let talk = Profile {
        name: "Receptionist".to_owned(),
        greeting: GREETING.to_owned(),
        ..Profile::default()
    };
    let tools = [
        "search_knowledge",
        "send_message",
        "transfer_to_human",
        "request_callback",
        "leave_message",
        "check_availability",
        "book_appointment",
        "end_call",
    ];
    AgentProfile {
        cast: Cast {
            tools: tools.map(str::to_owned).to_vec(),
            ..Cast::default()
        },
        talk: Arc::new(talk),
        receptionist: Section::built_in("profiles.demo.receptionist", Script::DEMO),
        knowledge: vec![KnowledgeText {
            source: "shop.md".to_owned(),
            text: Script::DEMO_KNOWLEDGE.to_owned(),
        }],
    }
}

fn echo() -> AgentProfile {
    AgentProfile {
        cast: Cast {
            agent: AgentKind::Echo,
            ..Cast::default()
        },
        talk: Arc::default(),
        receptionist: Section::default(),
        knowledge: Vec::new(),
    }
}
