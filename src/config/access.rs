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
    pub
