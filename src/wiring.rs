//! The one place that names the concrete parts.

mod demo;
mod echo;
mod hiring;
mod tools;
pub(crate) mod twilio;
pub(crate) mod web;

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_contract::{ProviderName, Speaker, Toolbox};
use agent_providers_offline::OfflineSpeaker;
use room_contract::Rooms;
use room_livekit::{LiveKitConfig, LiveKitRooms};
use secrecy::SecretString;

use crate::appointments::Appointments;
use crate::callback::Callbacks;
use crate::config::{AgentKind, AgentProfile, Config, LiveKit, Mistakes, Mode, Role};
use crate::escalation::{Escalations, Staff};
use crate::message::Messages;
use crate::metrics::Metrics;
use crate::sessions::Agent;
use crate::trial::Trial;
use crate::troupe::{Part, Parts, Script, Troupe};
use echo::EchoAgent;
use hiring::Hiring;
use tools::Toolshed;

/// Returns the rooms of a LiveKit server.
///
/// # Errors
///
/// The server's address or credentials cannot be used at all.
pub fn rooms(livekit: &LiveKit) -> anyhow::Result<Arc<dyn Rooms>> {
    let rooms = LiveKitRooms::new(LiveKitConfig {
        url: livekit.url.to_string(),
        public_url: livekit.public_url.as_ref().map(ToString::to_string),
        api_key: livekit.api_key.clone(),
        api_secret: livekit.api_secret.clone(),
    })?;
    Ok(Arc::new(if livekit.hidden_listeners {
        rooms.with_hidden_listeners()
    } else {
        rooms
    }))
}

/// Returns the rooms of a LiveKit server as a guest sees them, who brings a token.
///
/// # Errors
///
/// The server's address cannot be used at all.
pub fn guest(url: &str) -> anyhow::Result<Arc<dyn Rooms>> {
    let rooms = LiveKitRooms::new(LiveKitConfig {
        url: url.to_owned(),
        public_url: None,
        // The keys are for those who let others in.
        api_key: "guest".to_owned(),
        api_secret: SecretString::from("guest"),
    })?;
    Ok(Arc::new(rooms))
}

/// Returns a voice of this machine, which needs no account.
#[must_use]
pub fn local_voice() -> Arc<dyn Speaker> {
    Arc::new(OfflineSpeaker::new(ProviderName::new("local voice")))
}

/// Gets the parts of every profile ready. Belongs into a tokio runtime.
///
/// # Errors
///
/// All that is wrong with what providers and tools were told.
pub fn parts(config: &Config) -> Result<Parts, Mistakes> {
    let metrics = Metrics::default();
    let mut profiles = config.profiles.clone();
    if config.mode == Mode::Dev {
        demo::add(&mut profiles);
    }
    let (escalations, callbacks) = (Escalations::default(), Callbacks::default());
    let (appointments, messages) = (Appointments::default(), Messages::default());
    let mut hiring = Hiring::new(config);
    let mut shed = Toolshed::new(config, &escalations, &callbacks, &appointments, &messages);
    let mut by_profile = BTreeMap::new();
    for (name, profile) in &profiles.all {
        let part = match profile.cast.agent {
            AgentKind::Echo => Some(Part::Echo),
            AgentKind::Conversation => {
                let tools = shed.toolbox(name, profile);
                conversation(&mut hiring, profile, tools, &metrics)
            }
        };
        by_profile.extend(part.map(|part| (name.clone(), part)));
    }
    let mut mistakes = hiring.finish();
    mistakes.append(shed.finish());
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(Parts {
        profiles: Arc::new(profiles),
        by_profile,
        metrics,
        escalations,
        appointments,
        callbacks,
        messages,
    })
}

/// Returns every provider that some profile uses, in each of its roles. Belongs into a tokio runtime.
///
/// # Errors
///
/// All that is wrong with what they were told.
pub fn trials(config: &Config) -> Result<Vec<Trial>, Mistakes> {
    let mut hiring = Hiring::new(config);
    let mut trials: Vec<Trial> = Vec::new();
    let talking = config
        .profiles
        .all
        .values()
        .filter(|profile| profile.converses());
    for profile in talking {
        let cast = Role::ALL
            .into_iter()
            .flat_map(|role| hiring.try_out(profile, role));
        for trial in cast.collect::<Vec<_>>() {
            let known = trials
                .iter()
                .any(|one| one.name() == trial.name() && one.port() == trial.port());
            if !known {
                trials.push(trial);
            }
        }
    }
    let mistakes = hiring.finish();
    if mistakes.is_empty() {
        Ok(trials)
    } else {
        Err(mistakes)
    }
}

/// Returns the agents of these parts, nobody when there are none, and who can be brought in besides.
#[must_use]
pub fn people(
    config: &Config,
    rooms: &Arc<dyn Rooms>,
    parts: &Parts,
) -> (Option<Arc<dyn Agent>>, Staff) {
    let staff = Staff::new(
        config.contacts.clone(),
        config.escalation,
        parts.escalations.clone(),
    )
    .met_by(parts.appointments.clone())
    .written_to(parts.messages.clone())
    .calling_back(parts.callbacks.clone(), config.callbacks.clone());
    if parts.by_profile.is_empty() {
        return (None, staff);
    }
    let echo = Arc::new(EchoAgent::new(Arc::clone(rooms)));
    let troupe = Arc::new(Troupe::new(Arc::clone(rooms), parts.clone(), echo));
    let staff = staff.briefed_by(Some(Arc::<Troupe>::clone(&troupe)));
    (Some(troupe), staff)
}

fn conversation(
    hiring: &mut Hiring<'_>,
    profile: &AgentProfile,
    tools: Toolbox,
    metrics: &Metrics,
) -> Option<Part> {
    let transcriber = Script::chain(hiring.transcribers(profile), metrics);
    let thinker = Script::chain(hiring.thinkers(profile), metrics);
    let speaker = Script::chain(hiring.speakers(profile), metrics);
    Some(Part::Conversation(Arc::new(Script {
        profile: Arc::clone(&profile.talk),
        transcriber: transcriber?,
        thinker: thinker?,
        speaker: speaker?,
        spare_speaker: Some(hiring.spare_speaker()),
        tools,
    })))
}
