//! Which language is spoken.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// A language tag as of BCP 47, in lower case but for the region: `en`, `fr`, `en-GB`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(Arc<str>);

impl Language {
    /// Returns English.
    #[must_use]
    pub fn english() -> Self {
        Self("en".into())
    }

    /// Returns the whole tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first part: `en` of `en-GB`.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl FromStr for Language {
    type Err = InvalidLanguage;

    fn from_str(tag: &str) -> Result<Self, InvalidLanguage> {
        let mut parts = tag.split('-');
        let primary = parts.next().unwrap_or_default();
        let is_primary =
            (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
        let mut rest = parts.clone();
        let fits = rest.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        if !is_primary || !fits || tag.len() > 35 {
            return Err(InvalidLanguage);
        }
        let mut canonical = primary.to_ascii_lowercase();
        for part in parts {
            canonical.push('-');
            let is_region = part.len() == 2;
            canonical.push_str(&if is_region {
                part.to_ascii_uppercase()
            } else {
                part.to_ascii_lowercase()
            });
        }
        Ok(Self(canonical.into()))
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidLanguage;

    fn try_from(tag: String) -> Result<Self, InvalidLanguage> {
        tag.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.as_str().to_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A language tag that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language tag: write `en`, `fr` or `en-GB`")]
pub struct InvalidLanguage;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_made_canonical() {
        let language: Language = "EN-gb".parse().expect("a tag");

        assert_eq!(language.as_str(), "en-GB");
        assert_eq!(language.primary(), "en");
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for tag in ["", "e", "english", "en_US", "en-", "12"] {
            assert_eq!(tag.parse::<Language>(), Err(InvalidLanguage), "{tag}");
        }
    }
}
