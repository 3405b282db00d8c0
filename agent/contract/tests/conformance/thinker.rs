//! The stub thinker.

use std::sync::Arc;

use agent_contract::{
    conformance::{ThinkerSubject, thinker::errand},
    stub::StubThinker,
};

agent_contract::thinker_conformance!(subject());

mod with_tools {
    agent_contract::thinker_conformance!(super::with_a_tool());
}

fn subject() -> ThinkerSubject {
    let stub = Arc::new(StubThinker::new("stub").saying("From nine to five."));
    let open = Arc::clone(&stub);
    ThinkerSubject {
        open: Some(Arc::new(move || open.open())),
        ..ThinkerSubject::new(stub, "When are you open?")
    }
}

fn with_a_tool() -> ThinkerSubject {
    let stub = StubThinker::new("stub").answering("Look it up!", "look_up", r#"{"what":"it"}"#);
    ThinkerSubject {
        errand: Some(errand("Look it up!", "look_up")),
        ..ThinkerSubject::new(Arc::new(stub), "When are you open?")
    }
}
