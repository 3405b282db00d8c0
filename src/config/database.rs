//! Where records are kept.

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

use super::parse;
use super::reader::{Reader, Setting};

const DATABASE: Setting = Setting::new("").environment(&["DATABASE_URL"]);

/// The database. Its text tells where it is, and no password.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// An `SQLite` file.
    File(PathBuf),
    /// A database of a `PostgreSQL` server, which several nodes may share.
    Postgres(Url),
}

impl Database {
    /// Reads the area; a file in the data folder when nothing is said.
    pub(super) fn read(reader: &mut Reader<'_>, data_dir: &Path) -> Self {
        let usual = Self::File(data_dir.join("patchbay.db"));
        let Some(named) = reader.secret("DATABASE_URL") else {
            return usual;
        };
        if !named.starts_with("postgres") {
            let file = reader.parsed(&DATABASE, parse::sqlite_file);
            return file.map_or(usual, Self::File);
        }
        match parse::postgres_url(&named) {
            Some(url) => Self::Postgres(url),
            None => {
                // The value may hold a password: it is not repeated.
                reader.mistake(
                    "DATABASE_URL is not the address of a PostgreSQL database",
                    "DATABASE_URL=postgres://user:password@host/database",
                );
                usual
            }
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => {
                let host = url.host_str().unwrap_or("this machine");
                write!(
                    f,
                    "{} of PostgreSQL at {host}",
                    url.path().trim_start_matches('/')
                )
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_text_of_a_database_tells_its_password() {
        let database = parse::postgres_url("postgres://ada:s3cret@db.example/patchbay").unwrap();
        let database = Database::Postgres(database);

        let texts = [database.to_string(), format!("{database:?}")];

        assert_eq!(texts[0], "patchbay of PostgreSQL at db.example");
        assert!(
            texts.iter().all(|text| !text.contains("s3cret")),
            "{texts:?}"
        );
    }
}
