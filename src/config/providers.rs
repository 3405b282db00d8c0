//! The providers that profiles may choose from.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::livekit::is_near;
use super::reader::Reader;
use super::{Mistakes, Section, parse};

/// A provider, as the operator set it up.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// What profiles, logs and records call it.
    pub name: String,
    /// Which protocol it speaks.
    pub kind: ProviderKind,
    /// Where it is, when not at its vendor's.
    pub base_url: Option<Url>,
    /// The model that thinks, when not the adapter's own choice.
    pub model: Option<String>,
    /// The voice that speaks, when neither the profile nor the adapter chooses.
    pub voice: Option<String>,
    /// What opens it.
    pub key: Option<SecretString>,
    /// Whatever else its transcriber takes.
    pub transcriber: Section,
    /// Whatever else its thinker takes.
    pub thinker: Section,
    /// Whatever else its speaker takes.
    pub speaker: Section,
}

/// The protocol that a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// Engines on this machine: no account, no network.
    Offline,
    /// `OpenAI` and every server that speaks like it.
    OpenAi,
    /// Deepgram.
    Deepgram,
    /// `ElevenLabs`.
    ElevenLabs,
}

/// One of the three things that a provider may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Speech to text.
    Transcriber,
    /// Text to text.
    Thinker,
    /// Text to speech.
    Speaker,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Transcriber, Self::Thinker, Self::Speaker];

    /// Returns the key that lists its providers in a profile.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Transcriber => "transcribers",
            Self::Thinker => "thinkers",
            Self::Speaker => "speakers",
        }
    }
}

impl ProviderKind {
    const ALL: [Self; 4] = [
        Self::Offline,
        Self::OpenAi,
        Self::Deepgram,
        Self::ElevenLabs,
    ];

    /// Returns the name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::OpenAi => "openai",
            Self::Deepgram => "deepgram",
            Self::ElevenLabs => "elevenlabs",
        }
    }

    /// Tells whether it can play a role.
    #[must_use]
    pub const fn plays(self, role: Role) -> bool {
        match self {
            Self::Offline | Self::OpenAi => true,
            Self::Deepgram => matches!(role, Role::Transcriber),
            Self::ElevenLabs => matches!(role, Role::Speaker),
        }
    }

    /// The environment names of its key and its address.
    const fn environment(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Offline => None,
            Self::OpenAi => Some(("OPENAI_API_KEY", "OPENAI_BASE_URL")),
            Self::Deepgram => Some(("DEEPGRAM_API_KEY", "DEEPGRAM_BASE_URL")),
            Self::ElevenLabs => Some(("ELEVENLABS_API_KEY", "ELEVENLABS_BASE_URL")),
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl ProviderSettings {
    fn plain(kind: ProviderKind) -> Self {
        Self {
            name: kind.name().to_owned(),
            kind,
            base_url: None,
            model: None,
            voice: None,
            key: None,
            transcriber: Section::default(),
            thinker: Section::default(),
            speaker: Section::default(),
        }
    }

    /// Tells whether it lacks the key that its vendor asks for. Servers of one's own need none.
    #[must_use]
    pub fn lacks_key(&self) -> bool {
        self.kind != ProviderKind::Offline && self.base_url.is_none() && self.key.is_none()
    }

    /// Returns the line that gives it its key.
    pub(super) fn key_line(&self) -> String {
        let name = self.kind.environment().map_or("KEY", |(key, _)| key);
        format!("{name}=<a key of your account there>")
    }
}

/// What stands in `[providers.<name>]` besides the tables of its roles.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entries {
    kind: Option<ProviderKind>,
    base_url: Option<String>,
    model: Option<String>,
    voice: Option<String>,
    key_env: Option<String>,
}

/// Reads `[providers.<name>]`, and adds those that need no more than a key.
pub(super) fn read(reader: &mut Reader<'_>) -> BTreeMap<String, ProviderSettings> {
    let mut providers: BTreeMap<_, _> = ProviderKind::ALL
        .into_iter()
        .map(|kind| (kind.name().to_owned(), ProviderSettings::plain(kind)))
        .collect();
    for name in reader.names_below("providers") {
        let section = reader.section(&format!("providers.{name}"));
        if let Some(provider) = of_section(reader, &name, section) {
            providers.insert(name, provider);
        }
    }
    for provider in providers.values_mut() {
        complete(reader, provider);
    }
    providers
}

fn of_section(
    reader: &mut Reader<'_>,
    name: &str,
    mut section: Section,
) -> Option<ProviderSettings> {
    let mut mistakes = Mistakes::default();
    let (transcriber, thinker, speaker) = (
        section.part("transcriber"),
        section.part("thinker"),
        section.part("speaker"),
    );
    let entries: Entries = section.read(&mut mistakes);
    let kind = entries.kind.or_else(|| ProviderKind::named(name));
    if kind.is_none() && mistakes.is_empty() {
        let what = "is missing: which protocol does it speak?";
        section.mistake("kind", what, "\"openai\"", &mut mistakes);
    }
    let base_url = entries.base_url.and_then(|text| {
        let url = parse::service_url(&text).ok();
        if url.is_none() {
            let what = format!("is `{text}`, not an http(s) or ws(s) address");
            section.mistake("base_url", &what, "\"https://…\"", &mut mistakes);
        }
        url
    });
    reader.add_mistakes(mistakes);
    Some(ProviderSettings {
        base_url,
        model: entries.model,
        voice: entries.voice,
        key: entries
            .key_env
            .and_then(|name| reader.secret(&name))
            .map(SecretString::from),
        name: name.to_owned(),
        transcriber,
        thinker,
        speaker,
        ..ProviderSettings::plain(kind?)
    })
}

/// Adds what the environment says, and looks at the way there.
fn complete(reader: &mut Reader<'_>, provider: &mut ProviderSettings) {
    if let Some((key, base_url)) = provider.kind.environment() {
        // The variables are those of the vendor. A provider under another name, at an address of its own, is
        // somebody else: the vendor's key must not be sent there.
        let is_the_vendors = provider.name == provider.kind.name() || provider.base_url.is_none();
        if is_the_vendors && provider.key.is_none() {
            provider.key = reader.secret(key).map(SecretString::from);
        }
        if is_the_vendors && let Some(text) = reader.secret(base_url) {
            match parse::service_url(&text) {
                Ok(url) => provider.base_url = Some(url),
                Err(expected) => reader.mistake(
                    format!("{base_url} is `{text}`, not {}", expected.what),
                    format!("{base_url}={}", expected.example),
                ),
            }
        }
    }
    if let Some(url) = &provider.base_url
        && matches!(url.scheme(), "http" | "ws")
        && !is_near(url)
    {
        reader.warn(format!(
            "the provider `{}` is unencrypted and leaves the private network: use https://",
            provider.name
        ));
    }
}
