//! What a tool answers: words for the thinker, and what should happen besides.

/// A tool's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolAnswer {
    /// For the thinker: JSON or text.
    pub text: String,
    /// What the session does because of it.
    pub effect: Option<Effect>,
}

impl ToolAnswer {
    /// Answers with words alone.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            effect: None,
        }
    }

    /// Adds what the session shall do.
    #[must_use]
    pub fn with(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }
}

/// What a tool cannot do by itself because the session has to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Ends the conversation once the present reply has been heard.
    EndCall,
    /// Writes to the room's chat.
    SendMessage(String),
}
