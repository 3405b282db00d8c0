//! Tells a contact in private what a call is about, in the voice of the session's agent.

use std::sync::Arc;
use std::time::Duration;

use agent_contract::{Language, Toolbox};
use agent_session::{
    Conversation, Entrance, KeyAction, Keys, MemoryJournal, Phrasing, Profile, Providers, Setup,
};
use agent_turn::{AnswerWhen, TurnSettings};
use async_trait::async_trait;
use room_contract::role::BRIEFER;
use room_contract::{BoxError, Identity};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Part, Script, Troupe};
use crate::escalation::{Briefers, Briefing, BriefingMind};
use crate::random;

/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(10);

#[async_trait]
impl Briefers for Troupe {
    async fn brief(&self, briefing: Briefing) -> Result<(), BoxError> {
        let Some(Part::Conversation(script)) = self.part(briefing.profile.as_deref()) else {
            return Err("the agent of this session has no voice".into());
        };
        let setup = setup(script, &briefing)?;
        let leave = briefing.leave;
        let conversation = tokio::select! {
            () = leave.cancelled() => return Ok(()),
            entered = Conversation::enter(&*self.rooms, setup) => entered?,
        };
        let handle = conversation.handle();
        let stop = CancellationToken::new();
        let mut running = std::pin::pin!(conversation.run(stop.clone()));
        let last_words = tokio::select! {
            _ = &mut running => return Ok(()),
            () = leave.cancelled() => None,
            last_words = briefing.farewell => last_words.ok(),
        };
        if let Some(last_words) = last_words {
            let said = handle.say(last_words).and_then(|()| handle.hang_up());
            if said.is_ok() && timeout(FAREWELL, &mut running).await.is_ok() {
                return Ok(());
            }
        }
        stop.cancel();
        running.await;
        Ok(())
    }
}

fn setup(script: &Script, briefing: &Briefing) -> Result<Setup, BoxError> {
    let identity = Identity::new(random::id(BRIEFER))?;
    let mind = BriefingMind::new(
        briefing.tongue,
        (briefing.text.clone(), briefing.choice),
        briefing.verdicts.clone(),
    );
    Ok(Setup {
        room: briefing.room.clone(),
        identity,
        profile: Arc::new(profile(&script.profile, briefing)),
        providers: Providers {
            thinker: Arc::new(mind),
            ..script.providers()
        },
        session: briefing.session.as_str().into(),
        tools: Toolbox::default(),
        // What a contact is told in private stays there.
        journal: Arc::new(MemoryJournal::default()),
        entrance: Entrance::Greeting,
        circle: Some(briefing.circle.clone()),
        bell: None,
    })
}

/// The voice is the agent's; what it says and how it listens is the briefing's.
fn profile(agent: &Profile, briefing: &Briefing) -> Profile {
    let tag = briefing.tongue.tag();
    let silent = Phrasing {
        idle: Some(briefing.choice.to_owned()),
        ..Phrasing::default()
    };
    let mut phrases = agent.phrases.clone();
    for phrasing in phrases.values_mut() {
        phrasing.idle.clone_from(&silent.idle);
    }
    let primary = tag.split('-').next().unwrap_or(tag);
    phrases.entry(primary.to_owned()).or_insert(silent);
    Profile {
        persona: String::new(),
        greeting: briefing.text.clone(),
        languages: language(agent, primary),
        keywords: ["yes", "no"].map(str::to_owned).to_vec(),
        turn: TurnSettings {
            answer_when: AnswerWhen::Always,
            idle_prompt_after_ms: 6_000,
            idle_prompts: 10,
            filler_after_ms: 0,
            ..agent.turn.clone()
        },
        phrases,
        listen_while_off: false,
        keys: Keys::from([('1', KeyAction::Digit), ('2', KeyAction::Digit)]),
        ..agent.clone()
    }
}

/// The agent's own way of naming the language, where it speaks it.
fn language(agent: &Profile, primary: &str) -> Vec<Language> {
    let own = agent.languages.iter();
    let own = own.filter(|language| language.as_str().split('-').next() == Some(primary));
    let found: Vec<Language> = own.cloned().collect();
    if found.is_empty() {
        vec![agent.language()]
    } else {
        found
    }
}
