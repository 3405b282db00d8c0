//! Who may use the API.

use sha2::{Digest, Sha256};

use super::reader::{Found, Reader, Setting};
use super::{Listen, Mode};

const ADMIN_KEY: Setting = Setting::secret(&["PATCHBAY_API_KEY"]);

/// Shorter keys can be guessed; allowed, but said at start.
const SHORT_KEY: usize = 16;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Create, join and end rooms.
    Rooms,
    /// Look at rooms, sessions and metrics.
    Read,
    /// Everything.
    Admin,
}

impl Scope {
    const ALL: [Self; 3] = [Self::Rooms, Self::Read, Self::Admin];

    /// Returns the scope's name in files, answers and documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rooms => "rooms",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }

    fn named(name: &str) -> Option<Self> {
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
}

impl ApiKey {
    /// Makes the entry for a key.
    #[must_use]
    pub fn new(name: impl Into<String>, key: &str, scopes: &[Scope]) -> Self {
        Self {
            name: name.into(),
            digest: Self::digest(key),
            scopes: scopes.to_vec(),
        }
    }

    /// Returns what is kept of a key.
    #[must_use]
    pub fn digest(key: &str) -> [u8; 32] {
        Sha256::digest(key.as_bytes()).into()
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

/// Reads `[[api_keys]]`: `name`, `scopes`, and `sha256` of the key, so that the file holds no secret.
fn keys_of_file(reader: &mut Reader<'_>) -> Vec<ApiKey> {
    let mut keys = Vec::new();
    for index in 0.. {
        let prefix = format!("api_keys.{index}");
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
    let scopes = scopes_of_file(reader, prefix);

    if name.is_none() {
        reader.mistake(format!("{prefix} has no name"), "name = \"dashboard\"");
    }
    let parsed = digest.as_ref().and_then(|(text, _)| parse_digest(text));
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
    })
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
                "scopes = [\"rooms\", \"read\", \"admin\"]",
            ),
        }
    }
    scopes
}

fn parse_digest(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut digest = [0; 32];
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(digest)
}
