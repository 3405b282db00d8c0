//! Agent profiles: who an agent is, what it knows, and who hears, thinks and speaks for it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use agent_session::Profile;
use serde::{Deserialize, Serialize};

use super::providers::{ProviderSettings, Role};
use super::reader::{Reader, Setting};
use super::{Mistakes, Section, ToolSettings};

const DEFAULT: Setting = Setting::new("default_profile").environment(&["PATCHBAY_PROFILE"]);

/// Bytes of one knowledge file: a thick handbook.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// The keys of a profile that say who plays, not how.
const CAST_KEYS: [&str; 7] = [
    "agent",
    "transcribers",
    "thinkers",
    "speakers",
    "tools",
    "knowledge",
    "knowledge_text",
];

/// All profiles, and the one for who names none.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    /// By name.
    pub all: BTreeMap<String, AgentProfile>,
    /// The name of the one for who names none; nothing when there are none.
    pub default: Option<String>,
}

/// One agent.
#[derive(Debug, Clone)]
pub struct AgentProfile {
    /// How it talks.
    pub talk: Arc<Profile>,
    /// Who plays.
    pub cast: Cast,
    /// What the offline thinker's script is made of.
    pub receptionist: Section,
    /// Texts to search, by where they come from.
    pub knowledge: Vec<KnowledgeText>,
}

/// A text to search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeText {
    /// The file's name, or the profile's.
    pub source: String,
    /// The text.
    pub text: String,
}

/// Who hears, thinks and speaks, each list in the order of preference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cast {
    /// What sort of agent it is.
    pub agent: AgentKind,
    /// Who hears.
    pub transcribers: Vec<String>,
    /// Who thinks.
    pub thinkers: Vec<String>,
    /// Who speaks.
    pub speakers: Vec<String>,
    /// What it may use.
    pub tools: Vec<String>,
    /// Files to search.
    pub knowledge: Vec<PathBuf>,
    /// A text to search.
    pub knowledge_text: String,
}

/// What sort of agent a profile makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentKind {
    /// It converses.
    #[default]
    Conversation,
    /// It says the last three seconds back, to try lines out.
    Echo,
}

impl Default for Cast {
    fn default() -> Self {
        let offline = || vec!["offline".to_owned()];
        Self {
            agent: AgentKind::default(),
            transcribers: offline(),
            thinkers: offline(),
            speakers: offline(),
            tools: vec!["end_call".to_owned()],
            knowledge: Vec::new(),
            knowledge_text: String::new(),
        }
    }
}

impl Cast {
    /// Returns the providers of a role.
    #[must_use]
    pub fn of(&self, role: Role) -> &[String] {
        match role {
            Role::Transcriber => &self.transcribers,
            Role::Thinker => &self.thinkers,
            Role::Speaker => &self.speakers,
        }
    }
}

impl Profiles {
    /// Returns the profile of that name, or the one for who names none.
    #[must_use]
    pub fn get(&self, name: Option<&str>) -> Option<(&str, &AgentProfile)> {
        let name = name.or(self.default.as_deref())?;
        self.all
            .get_key_value(name)
            .map(|(name, profile)| (name.as_str(), profile))
    }

    pub(super) fn read(
        reader: &mut Reader<'_>,
        providers: &BTreeMap<String, ProviderSettings>,
        tools: &BTreeMap<String, ToolSettings>,
    ) -> Self {
        let mut all = BTreeMap::new();
        for name in reader.names_below("profiles") {
            let section = reader.section(&format!("profiles.{name}"));
            let mut mistakes = Mistakes::default();
            let folder = reader.file().folder();
            let profile =
                AgentProfile::read(section, &folder, &mut mistakes, |cast, own, found| {
                    check_cast(cast, own, (providers, tools), found);
                });
            reader.add_mistakes(mistakes);
            all.insert(name, profile);
        }
        let default = default_of(reader, &all);
        Self { all, default }
    }
}

fn default_of(reader: &mut Reader<'_>, all: &BTreeMap<String, AgentProfile>) -> Option<String> {
    let only = all.keys().next().cloned();
    match reader.find(&DEFAULT) {
        Some(found) if all.contains_key(&found.value) => Some(found.value),
        Some(found) => {
            reader.mistake(
                format!(
                    "{} names `{}`, which is no profile",
                    found.place, found.value
                ),
                format!(
                    "default_profile = \"{}\"",
                    only.as_deref().unwrap_or("<name of a [profiles.<name>]>")
                ),
            );
            only
        }
        None if all.len() > 1 => {
            reader.mistake(
                "there are several profiles, and none is the default",
                format!(
                    "default_profile = \"{}\"",
                    only.as_deref().unwrap_or_default()
                ),
            );
            only
        }
        None => only,
    }
}

impl AgentProfile {
    /// Tells whether its agent converses, and so needs providers.
    #[must_use]
    pub fn converses(&self) -> bool {
        self.cast.agent == AgentKind::Conversation
    }

    /// Reads a profile; `check` looks at who plays.
    pub(crate) fn read(
        mut section: Section,
        folder: &std::path::Path,
        mistakes: &mut Mistakes,
        check: impl FnOnce(&Cast, &Section, &mut Mistakes),
    ) -> Self {
        let receptionist = section.part("receptionist");
        let own = section.some(&CAST_KEYS);
        let cast: Cast = own.read(mistakes);
        let talk: Profile = section.read(mistakes);

        check(&cast, &own, mistakes);
        check_talk(&talk, &section, mistakes);
        let mut knowledge = Vec::new();
        for (index, file) in cast.knowledge.iter().enumerate() {
            match read_text(&folder.join(file)) {
                Ok(text) => knowledge.push(KnowledgeText {
                    source: file.display().to_string(),
                    text,
                }),
                Err(problem) => own.mistake(
                    &format!("knowledge.{index}"),
                    &format!("names {}, which {problem}", file.display()),
                    "[\"handbook.md\"]",
                    mistakes,
                ),
            }
        }
        if !cast.knowledge_text.is_empty() {
            knowledge.push(KnowledgeText {
                source: "profile".to_owned(),
                text: cast.knowledge_text.clone(),
            });
        }
        Self {
            talk: Arc::new(talk),
            cast,
            receptionist,
            knowledge,
        }
    }
}

fn check_talk(talk: &Profile, section: &Section, mistakes: &mut Mistakes) {
    if talk.languages.is_empty() {
        section.mistake("languages", "is empty", "[\"en\"]", mistakes);
    }
    if talk.turn.min_pause_ms > talk.turn.max_pause_ms {
        let what = "is longer than max_pause_ms";
        section.mistake("turn.min_pause_ms", what, "300", mistakes);
    }
}

fn check_cast(
    cast: &Cast,
    section: &Section,
    (providers, tools): (
        &BTreeMap<String, ProviderSettings>,
        &BTreeMap<String, ToolSettings>,
    ),
    mistakes: &mut Mistakes,
) {
    if cast.agent == AgentKind::Echo {
        return;
    }
    for role in Role::ALL {
        check_role(role, cast.of(role), section, providers, mistakes);
    }
    for tool in &cast.tools {
        if !BUILT_IN_TOOLS.contains(&tool.as_str()) && !tools.contains_key(tool) {
            let what = format!("names `{tool}`, which is neither built in nor in [tools.{tool}]");
            section.mistake("tools", &what, &quoted(&BUILT_IN_TOOLS), mistakes);
        }
    }
}

/// Tools that need no table of their own.
const BUILT_IN_TOOLS: [&str; 9] = [
    "search_knowledge",
    "send_message",
    "end_call",
    "transfer_to_human",
    "create_conference_call",
    "check_availability",
    "book_appointment",
    "request_callback",
    "leave_message",
];

fn check_role(
    role: Role,
    names: &[String],
    section: &Section,
    providers: &BTreeMap<String, ProviderSettings>,
    mistakes: &mut Mistakes,
) {
    let fitting: Vec<&str> = providers
        .values()
        .filter(|provider| provider.kind.plays(role))
        .map(|provider| provider.name.as_str())
        .collect();
    if names.is_empty() {
        section.mistake(role.key(), "is empty", &quoted(&fitting), mistakes);
    }
    for name in names {
        match providers.get(name) {
            Some(provider) if !provider.kind.plays(role) => {
                let what = format!("names `{name}`, which cannot do that");
                section.mistake(role.key(), &what, &quoted(&fitting), mistakes);
            }
            Some(provider) if provider.lacks_key() => {
                let what = format!("the provider `{name}` is used and has no key");
                mistakes.add(what, provider.key_line());
            }
            Some(_) => {}
            None => {
                let what = format!("names `{name}`, which is no provider");
                section.mistake(role.key(), &what, &quoted(&fitting), mistakes);
            }
        }
    }
}

fn read_text(path: &std::path::Path) -> Result<String, String> {
    let size = std::fs::metadata(path)
        .map_err(|error| format!("cannot be read: {error}"))?
        .len();
    if size > LARGEST_FILE {
        return Err(format!("is larger than {LARGEST_FILE} bytes"));
    }
    std::fs::read_to_string(path).map_err(|error| format!("cannot be read as text: {error}"))
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", names.join(", "))
}
