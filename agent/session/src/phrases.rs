//! What the agent says without thinking, in English and French. Pure.

use agent_contract::Language;

use crate::{Phrasing, Profile};

/// The fixed phrases of one agent in one language.
#[derive(Debug, Clone)]
pub(crate) struct Phrases {
    own: Phrasing,
    builtin: &'static Builtin,
}

#[derive(Debug)]
struct Builtin {
    filler: &'static str,
    idle: &'static str,
    still_idle: &'static str,
    not_understood: &'static str,
    goodbye: &'static str,
    apology: &'static str,
    continuation: &'static str,
    as_i_was_saying: &'static str,
    wants_human: &'static str,
}

static ENGLISH: Builtin = Builtin {
    filler: "One moment, please.",
    idle: "Are you still there?",
    still_idle: "I cannot hear you. Is anybody there?",
    not_understood: "Sorry, I did not understand that. Could you say it again?",
    goodbye: "Goodbye.",
    apology: "I am sorry, something went wrong. Could you say that again?",
    continuation: "Sorry, I was away for a moment. Please go on.",
    as_i_was_saying: "As I was saying:",
    wants_human: "I want to speak with a human.",
};

static FRENCH: Builtin = Builtin {
    filler: "Un instant, s'il vous plaît.",
    idle: "Vous êtes toujours là ?",
    still_idle: "Je ne vous entends pas. Il y a quelqu'un ?",
    not_understood: "Pardon, je n'ai pas compris. Pouvez-vous répéter ?",
    goodbye: "Au revoir.",
    apology: "Je suis désolé, quelque chose n'a pas fonctionné. Pouvez-vous répéter ?",
    continuation: "Pardon, j'étais absent un instant. Je vous écoute.",
    as_i_was_saying: "Comme je le disais :",
    wants_human: "Je voudrais parler à quelqu'un.",
};

impl Phrases {
    pub(crate) fn new(profile: &Profile, language: &Language) -> Self {
        let own = profile
            .phrases
            .get(language.as_str())
            .or_else(|| profile.phrases.get(language.primary()));
        Self {
            own: own.cloned().unwrap_or_default(),
            builtin: if language.primary() == "fr" {
                &FRENCH
            } else {
                &ENGLISH
            },
        }
    }

    pub(crate) fn filler(&self) -> String {
        said(self.own.filler.as_ref(), self.builtin.filler)
    }

    /// Asks whether somebody is there; counts from 1.
    pub(crate) fn idle(&self, count: u32) -> String {
        let builtin = if count > 1 {
            self.builtin.still_idle
        } else {
            self.builtin.idle
        };
        said(self.own.idle.as_ref(), builtin)
    }

    pub(crate) fn not_understood(&self) -> String {
        said(
            self.own.not_understood.as_ref(),
            self.builtin.not_understood,
        )
    }

    pub(crate) fn goodbye(&self) -> String {
        said(self.own.goodbye.as_ref(), self.builtin.goodbye)
    }

    pub(crate) fn apology(&self) -> String {
        said(self.own.apology.as_ref(), self.builtin.apology)
    }

    /// Returns what somebody means who presses the key for a human.
    pub(crate) fn wants_human(&self) -> String {
        said(self.own.wants_human.as_ref(), self.builtin.wants_human)
    }

    /// Takes up a conversation that broke off, after what the agent said last.
    pub(crate) fn continuation(&self, last_said: Option<&str>) -> String {
        match (&self.own.continuation, last_said.and_then(last_sentence)) {
            (Some(own), _) => own.clone(),
            (None, Some(sentence)) => format!("{} {sentence}", self.builtin.as_i_was_saying),
            (None, None) => self.builtin.continuation.to_owned(),
        }
    }
}

fn said(own: Option<&String>, builtin: &str) -> String {
    own.map_or(builtin, String::as_str).to_owned()
}

fn last_sentence(text: &str) -> Option<&str> {
    let text = text.trim();
    let body = text.trim_end_matches(['.', '!', '?', '…']);
    let start = body.rfind(['.', '!', '?', '…', ':']).map_or(0, |at| {
        at + body[at..].chars().next().map_or(0, char::len_utf8)
    });
    let sentence = text[start..].trim();
    (!sentence.is_empty()).then_some(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(language: &str) -> Phrases {
        Phrases::new(&Profile::default(), &language.parse().expect("a tag"))
    }

    #[test]
    fn french_is_spoken_to_the_french() {
        assert_eq!(phrases("fr-CA").goodbye(), "Au revoir.");
        assert_eq!(phrases("de").goodbye(), "Goodbye.");
    }

    #[test]
    fn a_profile_has_phrases_of_its_own() {
        let own = Phrasing {
            goodbye: Some("Bye bye!".to_owned()),
            ..Phrasing::default()
        };
        let mut profile = Profile::default();
        profile.phrases.insert("en".to_owned(), own);

        let phrases = Phrases::new(&profile, &Language::english());

        assert_eq!(phrases.goodbye(), "Bye bye!");
        assert_eq!(phrases.filler(), "One moment, please.");
    }

    #[test]
    fn a_conversation_is_taken_up_at_its_last_sentence() {
        let phrases = phrases("en");

        assert_eq!(
            phrases.continuation(Some("Yes. We open at nine.")),
            "As I was saying: We open at nine."
        );
        assert_eq!(
            phrases.continuation(None),
            "Sorry, I was away for a moment. Please go on."
        );
    }
}
