//! The tools of one agent: finds them, checks the arguments, keeps the deadline, cuts the answer.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use jsonschema::Validator;
use tokio::time::{Instant, timeout};

use super::{
    ANSWER_LIMIT, Effect, Tool, ToolAnswer, ToolCall, ToolContext, ToolError, ToolSpec, arguments,
};

/// Some services refuse longer ones.
const LONGEST_NAME: usize = 64;

/// The tools that a thinker may call. Cheap to clone.
#[derive(Clone, Default)]
pub struct Toolbox {
    entries: Arc<[Arc<Entry>]>,
    specs: Arc<[ToolSpec]>,
}

struct Entry {
    tool: Arc<dyn Tool>,
    schema: Validator,
}

impl Toolbox {
    /// Puts tools into a box.
    ///
    /// # Errors
    /// [`ToolboxError`] names the first tool that cannot be offered.
    pub fn new(tools: Vec<Arc<dyn Tool>>) -> Result<Self, ToolboxError> {
        let mut names = HashSet::new();
        let mut entries = Vec::with_capacity(tools.len());
        for tool in tools {
            let entry = Entry::new(tool)?;
            if !names.insert(entry.name().to_owned()) {
                return Err(ToolboxError::Twice(entry.name().to_owned()));
            }
            entries.push(Arc::new(entry));
        }
        Ok(Self::of(entries))
    }

    /// Returns these tools and further ones, of which those are left out that cannot be offered, or whose name is
    /// taken.
    #[must_use]
    pub fn with(&self, further: impl IntoIterator<Item = Arc<dyn Tool>>) -> Self {
        let mut entries = self.entries.to_vec();
        for tool in further {
            let is_taken = |entry: &Arc<Entry>| entry.name() == tool.spec().name;
            if entries.iter().any(is_taken) {
                continue;
            }
            entries.extend(Entry::new(tool).ok().map(Arc::new));
        }
        Self::of(entries)
    }

    fn of(entries: Vec<Arc<Entry>>) -> Self {
        let specs = entries.iter().map(|entry| entry.tool.spec().clone());
        Self {
            specs: specs.collect(),
            entries: entries.into(),
        }
    }

    /// Returns what a thinker is offered.
    #[must_use]
    pub fn specs(&self) -> Arc<[ToolSpec]> {
        Arc::clone(&self.specs)
    }

    /// Does what a thinker asked for. There is an answer for it in every case.
    pub async fn call(&self, call: &ToolCall, context: ToolContext) -> ToolOutcome {
        let begun = Instant::now();
        let answered = match self.find(&call.name) {
            None => Err(ToolError::Unknown),
            Some(entry) => entry.call(&call.arguments, context).await,
        };
        let (answer, failure) = match answered {
            Ok(answer) => (answer, None),
            Err(error) => (
                ToolAnswer::text(cut(error.for_thinker(), ANSWER_LIMIT)),
                Some(error),
            ),
        };
        ToolOutcome {
            text: answer.text,
            effect: answer.effect,
            failure,
            took: begun.elapsed(),
        }
    }

    fn find(&self, name: &str) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|entry| entry.name() == name)
    }
}

impl fmt::Debug for Toolbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.specs.iter().map(|spec| &spec.name))
            .finish()
    }
}

impl Entry {
    fn new(tool: Arc<dyn Tool>) -> Result<Self, ToolboxError> {
        let ToolSpec {
            name, parameters, ..
        } = tool.spec();
        let fits = (1..=LONGEST_NAME).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !fits {
            return Err(ToolboxError::Name(name.clone()));
        }
        let schema = jsonschema::validator_for(parameters)
            .ok()
            .filter(|_| parameters.is_object())
            .ok_or_else(|| ToolboxError::Schema(name.clone()))?;
        Ok(Self { tool, schema })
    }

    fn name(&self) -> &str {
        &self.tool.spec().name
    }

    async fn call(&self, text: &str, context: ToolContext) -> Result<ToolAnswer, ToolError> {
        let arguments = arguments::read(text, &self.schema)?;
        let waited = self.tool.deadline();
        let mut answer = timeout(waited, self.tool.call(arguments, context))
            .await
            .map_err(|_| ToolError::Late { waited })??;
        answer.text = cut(answer.text, self.tool.answer_limit());
        Ok(answer)
    }
}

/// What came of a call.
#[derive(Debug)]
pub struct ToolOutcome {
    /// For the thinker, within the tool's limit.
    pub text: String,
    /// What the session does because of it.
    pub effect: Option<Effect>,
    /// Why there is no real answer, for the log and the records.
    pub failure: Option<ToolError>,
    /// How long it took.
    pub took: Duration,
}

/// Why tools cannot be offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToolboxError {
    /// Choose another name.
    #[error("`{0}` is no name for a tool: use 1 to 64 letters, digits and `_`")]
    Name(String),
    /// Rename one of them.
    #[error("there are two tools called `{0}`")]
    Twice(String),
    /// Correct the schema.
    #[error("the parameters of the tool `{0}` are no JSON Schema object")]
    Schema(String),
}

/// Shortens a text to so many characters and says that it did.
fn cut(mut text: String, limit: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(limit) {
        text.truncate(end);
        text.push_str(" … (the rest was left out)");
    }
    text
}

#[cfg(test)]
mod tests;
