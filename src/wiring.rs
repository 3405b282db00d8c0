//! The one place that names the concrete parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_contract::{ProviderName, Speaker, Thinker, Toolbox, Transcriber};
use agent_echo::Echo;
use agent_providers_offline::OfflineSpeaker;
use agent_providers_openai as openai;
use async_trait::async_trait;
use room_contract::{BoxError, Ended, Identity, Rooms};
use room_livekit::{LiveKitConfig, LiveKitRooms};
use secrecy::SecretString;

use crate::config::{
    AgentKind, AgentProfile, Cast, Config, LiveKit, Mistakes, Mode, Profiles, ProviderKind,
    ProviderSettings, Role, Section,
};
use crate::sessions::{Agent, Attending, Departure};
use crate::troupe::{Part, Parts, Script, Troupe};

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
    Ok(Arc::new(rooms))
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

/// Gets the parts of every profile ready.
///
/// # Errors
///
/// All that is wrong with what providers and tools were told.
pub fn parts(config: &Config) -> Result<Parts, Mistakes> {
    let mut mistakes = Mistakes::default();
    let mut profiles = config.profiles.clone();
    if config.mode == Mode::Dev {
        add_demo(&mut profiles);
    }
    let mut by_profile = BTreeMap::new();
    for (name, profile) in &profiles.all {
        let part = match profile.cast.agent {
            AgentKind::Echo => Some(Part::Echo),
            AgentKind::Conversation => conversation(config, profile, &mut mistakes),
        };
        by_profile.extend(part.map(|part| (name.clone(), part)));
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(Parts {
        profiles: Arc::new(profiles),
        by_profile,
    })
}

/// Returns the agents of these parts; nobody when there are none.
#[must_use]
pub fn agents(rooms: &Arc<dyn Rooms>, parts: Parts) -> Option<Arc<dyn Agent>> {
    if parts.by_profile.is_empty() {
        return None;
    }
    let echo = echo(rooms);
    Some(Arc::new(Troupe::new(Arc::clone(rooms), parts, echo)))
}

/// What dev mode has without a file.
fn add_demo(profiles: &mut Profiles) {
    let echo = AgentProfile {
        cast: Cast {
            agent: AgentKind::Echo,
            ..Cast::default()
        },
        talk: Arc::default(),
        receptionist: Section::default(),
        knowledge: Vec::new(),
    };
    profiles.all.entry("echo".to_owned()).or_insert(echo);
    profiles.default.get_or_insert_with(|| "echo".to_owned());
}

fn conversation(
    config: &Config,
    profile: &AgentProfile,
    mistakes: &mut Mistakes,
) -> Option<Part> {
    let hire = |role| {
        let names = profile.cast.of(role).iter();
        names.filter_map(|name| config.providers.get(name))
    };
    let transcribers = hire(Role::Transcriber).filter_map(|one| transcriber(one, mistakes));
    let transcribers = Script::chain(transcribers.collect());
    let thinkers = hire(Role::Thinker).filter_map(|one| thinker(one, mistakes));
    let thinkers = Script::chain(thinkers.collect());
    let speakers = hire(Role::Speaker).filter_map(|one| speaker(one, mistakes));
    let speakers = Script::chain(speakers.collect());
    Some(Part::Conversation(Arc::new(Script {
        profile: Arc::clone(&profile.talk),
        transcriber: transcribers?,
        thinker: thinkers?,
        speaker: speakers?,
        spare_speaker: None,
        tools: Toolbox::default(),
    })))
}

fn transcriber(
    provider: &ProviderSettings,
    mistakes: &mut Mistakes,
) -> Option<Arc<dyn Transcriber>> {
    let name = ProviderName::new(&provider.name);
    let section = told(provider, &provider.transcriber, None);
    match provider.kind {
        ProviderKind::OpenAi => {
            let settings = openai::TranscriberSettings {
                key: provider.key.clone(),
                ..section.read_silent(mistakes)
            };
            let made = openai::OpenAiTranscriber::new(name, settings);
            usable(provider, made, mistakes).map(|one| Arc::new(one) as _)
        }
        ProviderKind::Offline | ProviderKind::Deepgram | ProviderKind::ElevenLabs => {
            absent(provider, mistakes)
        }
    }
}

fn thinker(provider: &ProviderSettings, mistakes: &mut Mistakes) -> Option<Arc<dyn Thinker>> {
    let name = ProviderName::new(&provider.name);
    let section = told(provider, &provider.thinker, Some(("model", &provider.model)));
    match provider.kind {
        ProviderKind::OpenAi => {
            let settings = openai::ThinkerSettings {
                key: provider.key.clone(),
                ..section.read_silent(mistakes)
            };
            let made = openai::OpenAiThinker::new(name, settings);
            usable(provider, made, mistakes).map(|one| Arc::new(one) as _)
        }
        ProviderKind::Offline | ProviderKind::Deepgram | ProviderKind::ElevenLabs => {
            absent(provider, mistakes)
        }
    }
}

fn speaker(provider: &ProviderSettings, mistakes: &mut Mistakes) -> Option<Arc<dyn Speaker>> {
    let name = ProviderName::new(&provider.name);
    let section = told(provider, &provider.speaker, Some(("voice", &provider.voice)));
    match provider.kind {
        ProviderKind::OpenAi => {
            let settings = openai::SpeakerSettings {
                key: provider.key.clone(),
                ..section.read_silent(mistakes)
            };
            let made = openai::OpenAiSpeaker::new(name, settings);
            usable(provider, made, mistakes).map(|one| Arc::new(one) as _)
        }
        ProviderKind::Offline | ProviderKind::Deepgram | ProviderKind::ElevenLabs => {
            absent(provider, mistakes)
        }
    }
}

/// What a provider is told for one role: what stands there, completed by what stands above.
fn told(
    provider: &ProviderSettings,
    role: &Section,
    also: Option<(&str, &Option<String>)>,
) -> Section {
    let mut section = role.clone();
    if let Some(base_url) = &provider.base_url {
        section.or_insert("base_url", base_url.as_str());
    }
    if let Some((key, Some(value))) = also {
        section.or_insert(key, value.as_str());
    }
    section
}

fn usable<T, E: std::error::Error>(
    provider: &ProviderSettings,
    made: Result<T, E>,
    mistakes: &mut Mistakes,
) -> Option<T> {
    made.inspect_err(|error| {
        mistakes.add(
            format!("the provider `{}` cannot be used: {error}", provider.name),
            format!("correct [providers.{}]", provider.name),
        );
    })
    .ok()
}

fn absent<T>(provider: &ProviderSettings, mistakes: &mut Mistakes) -> Option<T> {
    mistakes.add(
        format!(
            "the provider `{}` is of the kind `{}`, which this version does not have",
            provider.name,
            provider.kind.name()
        ),
        "kind = \"openai\"",
    );
    None
}

/// Returns the echo, which stands where the agent will.
#[must_use]
pub fn echo(rooms: &Arc<dyn Rooms>) -> Arc<dyn Agent> {
    Arc::new(EchoAgent(Arc::clone(rooms)))
}

struct EchoAgent(Arc<dyn Rooms>);

#[async_trait]
impl Agent for EchoAgent {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        let Attending { room, leave, .. } = attending;
        let echo = tokio::select! {
            () = leave.cancelled() => return Ok(Departure::Left),
            entered = Echo::enter(&*self.0, room, fresh_identity()?) => entered?,
        };
        match echo.run(leave).await {
            Ended::Left | Ended::RoomClosed | Ended::RoomDeleted => Ok(Departure::Left),
            unasked => Err(format!("the echo is out of the room: {unasked:?}").into()),
        }
    }
}

/// A new one each time: the echo that is leaving must not be thrown out by the one that enters.
fn fresh_identity() -> Result<Identity, BoxError> {
    Ok(Identity::new(format!(
        "agent-echo-{:08x}",
        getrandom::u32()?
    ))?)
}
