//! Who may use the API.

use sha2::{Digest, Sha256};
use url::Url;

use super::reader::{Found, Reader, Setting};
use super::{Listen, Mode};

const ADMIN_KEY: Setting = Setting::secret(&["PATCHBAY_API_KEY"]);

/// Shorter keys can be guessed; allowed, but said at start.
const SHORT_KEY: usize = 16;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Create, join and end rooms, and tell agents in them what to do.
    Rooms,
    /// Place and end calls.
    Calls,
    /// Send messages.
    Messages,
    /// Look at rooms, sessions, history and metrics.
    Read,
    /// Everything.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::Rooms,
        Self::Calls,
        Self::Messages,
        Self::Read,
        Self::Admin,
    ];

    /// Returns the scope's name in files, answers and documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rooms => "rooms",
            Self::Calls => "calls",
            Self::Messages => "messages",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }

    /// Returns the scope of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// One API key. The key itself is not kept, only its SHA-256.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Says in logs who it was.
    pub name: String,
    /// SHA-256 of the key.
    pub digest: [u8; 32],
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Who may hold it.
    pub kind: KeyKind,
}

/// Who may hold a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// A server or a person; it stays secret.
    Secret,
    /// Everybody who opens a page of these origins. It lets visitors into rooms of their own and nothing else.
    Publishable {
        /// Such as `https://www.example.com`.
        origins: Vec<String>,
    },
}

impl KeyKind {
    /// Returns the kind's name in files and in the store.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Publishable { .. } => "publishable",
        }
    }

    /// Returns the origins that the key is bound to.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        match self {
            Self::Secret => &[],
            Self::Publishable { origins } => origins,
        }
    }

    /// Tells whether a page of this origin may use the key. A secret key does not belong in any page.
    #[must_use]
    pub fn admits(&self, origin: &str) -> bool {
        self.origins()
            .iter()
            .any(|own| own.eq_ignore_ascii_case(origin))
    }

    pub(crate) fn read(kind: &str, origins: Vec<String>) -> Self {
        if kind == "publishable" {
            Self::Publishable { origins }
        } else {
            Self::Secret
        }
    }

    /// Checks an origin and writes it as browsers do.
    pub(crate) fn origin(text: &str) -> Option<String> {
        let url = Url::parse(text).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let web = matches!(url.scheme(), "https" | "http") && url.username().is_empty();
        (bare && web).then(|| url.origin().ascii_serialization())
    }
}

impl ApiKey {
    /// Makes the entry for a key.
    #[must_use]
    pub fn new(name: impl Into<String>, key: &str, scopes: &[Scope]) -> Self {
        Self {
            name: name.into(),
            digest: Self::digest(key),
            scopes: scopes.to_vec(),
            kind: KeyKind::Secret,
        }
    }

    /// Tells whether it opens what needs this scope. A publishable key opens nothing of the kind.
    #[must_use]
    pub fn opens(&self, scope: Scope) -> bool {
        self.kind == KeyKind::Secret
            && (self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin))
    }

    /// Returns what is kept of a key.
    #[must_use]
    pub fn digest(key: &str) -> [u8; 32] {
        Sha256::digest(key.as_bytes()).into()
    }

    /// Reads a digest in hexadecimal digits.
    #[must_use]
    pub fn parse_digest(text: &str) -> Option<[u8; 32]> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut digest = [0; 32];
        for (index, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
        }
        Some(digest)
    }
}

/// Who is let in.
#[derive(Debug, Clone)]
pub enum Access {
    /// Everybody on this machine: dev mode on loopback without a key.
    Loopback,
    /// Holders of one of these keys.
    Keys(Vec<ApiKey>),
}

impl Access {
    pub(super) fn read(reader: &mut Reader<'_>, mode: Mode, listen: &Listen) -> Self {
        let mut keys = keys_of_file(reader);
        if let Some(Found { value, place, .. }) = reader.find(&ADMIN_KEY) {
            if value.len() < SHORT_KEY {
                reader.warn(format!("{place} is shorter than {SHORT_KEY} characters"));
            }
            keys.push(ApiKey::new("admin", &value, &[Scope::Admin]));
        }

        if keys.is_empty() && mode == Mode::Dev && listen.is_loopback() {
            return Self::Loopback;
        }
        if keys.is_empty() {
            let what = match mode {
                Mode::Serve => "no API key is set: nobody could use the API".to_owned(),
                Mode::Dev => format!("{listen} is open to others, and no API key is set"),
            };
            reader.mistake(
                what,
                "PATCHBAY_API_KEY=<32 random characters: openssl rand -hex 16>",
            );
        }
        Self::Keys(keys)
    }
}

/// Reads `[[keys]]`: `name`, `scopes`, and `sha256` of the key, so that the file holds no secret; `origins` make it a
/// publishable one.
fn keys_of_file(reader: &mut Reader<'_>) -> Vec<ApiKey> {
    let mut keys = Vec::new();
    for index in 0.. {
        let prefix = format!("keys.{index}");
        if !reader.file().has(&prefix) {
            break;
        }
        keys.extend(key_of_file(reader, &prefix));
    }
    keys
}

fn key_of_file(reader: &mut Reader<'_>, prefix: &str) -> Option<ApiKey> {
    let name = reader.file().take(&format!("{prefix}.name"));
    let digest = reader.file().take(&format!("{prefix}.sha256"));
    let kind = match origins_of_file(reader, prefix) {
        Some(origins) => KeyKind::Publishable { origins },
        None => KeyKind::Secret,
    };
    let scopes = match kind {
        KeyKind::Secret => scopes_of_file(reader, prefix),
        KeyKind::Publishable { .. } => Vec::new(),
    };

    if name.is_none() {
        reader.mistake(format!("{prefix} has no name"), "name = \"dashboard\"");
    }
    let parsed = digest
        .as_ref()
        .and_then(|(text, _)| ApiKey::parse_digest(text));
    if parsed.is_none() {
        reader.mistake(
            format!("{prefix}.sha256 is not the SHA-256 of a key in hexadecimal digits"),
            "sha256 = \"<printf %s \"$KEY\" | sha256sum>\"",
        );
    }
    Some(ApiKey {
        name: name?.0,
        digest: parsed?,
        scopes,
        kind,
    })
}

/// Returns the origins of a publishable key; `None` when it names none and so is a secret one.
fn origins_of_file(reader: &mut Reader<'_>, prefix: &str) -> Option<Vec<String>> {
    let texts = reader.file().take_list(&format!("{prefix}.origins"));
    if texts.is_empty() {
        return None;
    }
    let mut origins = Vec::new();
    for text in texts {
        match KeyKind::origin(&text) {
            Some(origin) => origins.push(origin),
            None => reader.mistake(
                format!("{prefix}.origins names `{text}`, which is no origin"),
                "origins = [\"https://www.example.com\"]",
            ),
        }
    }
    Some(origins)
}

fn scopes_of_file(reader: &mut Reader<'_>, prefix: &str) -> Vec<Scope> {
    let names = reader.file().take_list(&format!("{prefix}.scopes"));
    if names.is_empty() {
        reader.mistake(
            format!("{prefix} has no scopes"),
            "scopes = [\"rooms\", \"read\"]",
        );
    }
    let mut scopes = Vec::new();
    for name in names {
        match Scope::named(&name) {
            Some(scope) => scopes.push(scope),
            None => reader.mistake(
                format!("{prefix}.scopes names `{name}`, which does not exist"),
                "scopes = [\"rooms\", \"calls\", \"messages\", \"read\", \"admin\"]",
            ),
        }
    }
    scopes
}
