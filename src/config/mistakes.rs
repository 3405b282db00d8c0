//! What is wrong with a configuration, and the line that mends it.

use std::fmt;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong, and where.
    pub what: String,
    /// The line to write instead.
    pub fix: String,
}

/// All mistakes of one configuration.
#[derive(Debug, Default, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Adds one.
    pub fn add(&mut self, what: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Mistake {
            what: what.into(),
            fix: fix.into(),
        });
    }

    /// Adds those of another list.
    pub fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns them in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.0.len() == 1 {
            "mistake"
        } else {
            "mistakes"
        };
        writeln!(
            f,
            "{} {noun} in the configuration, nothing was started:",
            self.0.len()
        )?;
        for (number, mistake) in self.0.iter().enumerate() {
            writeln!(f, "\n{:>3}. {}", number + 1, mistake.what)?;
            writeln!(f, "     fix: {}", mistake.fix)?;
        }
        Ok(())
    }
}
