//! Finds the providers that profiles name.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use agent_contract::{ProviderName, Speaker, Thinker, Transcriber};
use agent_providers_deepgram as deepgram;
use agent_providers_elevenlabs as elevenlabs;
use agent_providers_offline as offline;
use agent_providers_openai as openai;

use crate::config::{
    AgentProfile, Config, Mistakes, ProviderKind, ProviderSettings, Role, Section,
};
use crate::trial::Trial;

/// Makes each speaker and each decoder once, and gathers what is wrong.
pub(super) struct Hiring<'a> {
    config: &'a Config,
    decoders: BTreeMap<String, Arc<offline::Decoders>>,
    voices: BTreeMap<String, Arc<dyn Speaker>>,
    mistakes: Mistakes,
}

impl<'a> Hiring<'a> {
    pub(super) fn new(config: &'a Config) -> Self {
        Self {
            config,
            decoders: BTreeMap::new(),
            voices: BTreeMap::new(),
            mistakes: Mistakes::default(),
        }
    }

    /// Returns what was wrong with any of them.
    pub(super) fn finish(self) -> Mistakes {
        self.mistakes
    }

    pub(super) fn transcribers(&mut self, profile: &AgentProfile) -> Vec<Arc<dyn Transcriber>> {
        self.named(profile, Role::Transcriber)
            .filter_map(|provider| self.transcriber(provider, profile))
            .collect()
    }

    pub(super) fn thinkers(&mut self, profile: &AgentProfile) -> Vec<Arc<dyn Thinker>> {
        self.named(profile, Role::Thinker)
            .filter_map(|provider| self.thinker(provider, profile))
            .collect()
    }

    pub(super) fn speakers(&mut self, profile: &AgentProfile) -> Vec<Arc<dyn Speaker>> {
        self.named(profile, Role::Speaker)
            .filter_map(|provider| self.speaker(provider))
            .collect()
    }

    /// Returns the voice of this machine, which apologises when no other one speaks.
    pub(super) fn spare_speaker(&mut self) -> Arc<dyn Speaker> {
        self.local_voice(ProviderKind::Offline.name())
    }

    /// Returns those of one role, to be tried.
    pub(super) fn try_out(&mut self, profile: &AgentProfile, role: Role) -> Vec<Trial> {
        match role {
            Role::Transcriber => trials(self.transcribers(profile), Trial::Transcriber),
            Role::Thinker => trials(self.thinkers(profile), Trial::Thinker),
            Role::Speaker => trials(self.speakers(profile), Trial::Speaker),
        }
    }

    fn named<'b>(
        &self,
        profile: &'b AgentProfile,
        role: Role,
    ) -> impl Iterator<Item = &'a ProviderSettings> + use<'a, 'b> {
        let config = self.config;
        let names = profile.cast.of(role).iter();
        names.filter_map(move |name| config.providers.get(name))
    }

    fn transcriber(
        &mut self,
        provider: &ProviderSettings,
        profile: &AgentProfile,
    ) -> Option<Arc<dyn Transcriber>> {
        let name = ProviderName::new(&provider.name);
        let key = provider.key.clone();
        match provider.kind {
            ProviderKind::Offline => {
                let grammar = self.script(profile).grammar();
                let decoders = self.decoders(provider);
                let ear = offline::OfflineTranscriber::new(name, decoders, grammar);
                Some(Arc::new(ear))
            }
            ProviderKind::OpenAi => {
                let settings = self.told(provider, &provider.transcriber, None);
                let settings = openai::TranscriberSettings { key, ..settings };
                self.usable(provider, openai::OpenAiTranscriber::new(name, settings))
                    .map(|one| Arc::new(one) as _)
            }
            ProviderKind::Deepgram => {
                let settings = self.told(provider, &provider.transcriber, model(provider));
                let settings = deepgram::TranscriberSettings { key, ..settings };
                self.usable(provider, deepgram::DeepgramTranscriber::new(name, settings))
                    .map(|one| Arc::new(one) as _)
            }
            ProviderKind::ElevenLabs => None,
        }
    }

    fn thinker(
        &mut self,
        provider: &ProviderSettings,
        profile: &AgentProfile,
    ) -> Option<Arc<dyn Thinker>> {
        let name = ProviderName::new(&provider.name);
        match provider.kind {
            ProviderKind::Offline => {
                let script = Arc::new(self.script(profile));
                Some(Arc::new(offline::Receptionist::new(name, script)))
            }
            ProviderKind::OpenAi => {
                let settings = self.told(provider, &provider.thinker, model(provider));
                let settings = openai::ThinkerSettings {
                    key: provider.key.clone(),
                    ..settings
                };
                self.usable(provider, openai::OpenAiThinker::new(name, settings))
                    .map(|one| Arc::new(one) as _)
            }
            ProviderKind::Deepgram | ProviderKind::ElevenLabs => None,
        }
    }

    fn speaker(&mut self, provider: &ProviderSettings) -> Option<Arc<dyn Speaker>> {
        let name = ProviderName::new(&provider.name);
        let voice = provider
            .voice
            .as_ref()
            .map(|voice| ("voice", voice.as_str()));
        let key = provider.key.clone();
        match provider.kind {
            ProviderKind::Offline => Some(self.local_voice(&provider.name)),
            ProviderKind::OpenAi => {
                let settings = self.told(provider, &provider.speaker, voice);
                let settings = openai::SpeakerSettings { key, ..settings };
                self.usable(provider, openai::OpenAiSpeaker::new(name, settings))
                    .map(|one| Arc::new(one) as _)
            }
            ProviderKind::ElevenLabs => {
                let settings = self.told(provider, &provider.speaker, voice);
                let settings = elevenlabs::SpeakerSettings { key, ..settings };
                self.usable(provider, elevenlabs::ElevenLabsSpeaker::new(name, settings))
                    .map(|one| Arc::new(one) as _)
            }
            ProviderKind::Deepgram => None,
        }
    }

    fn script(&mut self, profile: &AgentProfile) -> offline::Script {
        profile.receptionist.read(&mut self.mistakes)
    }

    fn decoders(&mut self, provider: &ProviderSettings) -> Arc<offline::Decoders> {
        if let Some(decoders) = self.decoders.get(&provider.name) {
            return Arc::clone(decoders);
        }
        let settings = provider.transcriber.read(&mut self.mistakes);
        let decoders = offline::Decoders::start(&settings);
        self.decoders
            .insert(provider.name.clone(), Arc::clone(&decoders));
        decoders
    }

    fn local_voice(&mut self, name: &str) -> Arc<dyn Speaker> {
        let voice = self
            .voices
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(offline::OfflineSpeaker::new(ProviderName::new(name))));
        Arc::clone(voice)
    }

    /// What a provider is told for one role: what stands there, completed by what stands above.
    fn told<T: Default + serde::de::DeserializeOwned>(
        &mut self,
        provider: &ProviderSettings,
        role: &Section,
        also: Option<(&str, &str)>,
    ) -> T {
        let mut section = role.clone();
        if let Some(base_url) = &provider.base_url {
            section.or_insert("base_url", base_url.as_str());
        }
        if let Some((key, value)) = also {
            section.or_insert(key, value);
        }
        section.read_silent(&mut self.mistakes)
    }

    fn usable<T, E: Error>(
        &mut self,
        provider: &ProviderSettings,
        made: Result<T, E>,
    ) -> Option<T> {
        made.inspect_err(|error| {
            self.mistakes.add(
                format!("the provider `{}` cannot be used: {error}", provider.name),
                format!("correct [providers.{}]", provider.name),
            );
        })
        .ok()
    }
}

fn model(provider: &ProviderSettings) -> Option<(&str, &str)> {
    provider
        .model
        .as_ref()
        .map(|model| ("model", model.as_str()))
}

fn trials<P: ?Sized>(providers: Vec<Arc<P>>, trial: fn(Arc<P>) -> Trial) -> Vec<Trial> {
    providers.into_iter().map(trial).collect()
}
