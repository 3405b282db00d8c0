//! What is said during an escalation, in the language of the conversation. Pure.

pub(crate) mod offers;
pub(crate) mod recall;

use self::offers::{Absence, Offers};
use super::machine::{Farewell, Line};
use crate::phone::Tongue;

/// Why a contact is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// Somebody waits.
    #[default]
    Waiting,
    /// Somebody had asked to be called back.
    CallBack,
}

/// What a contact is told of whoever waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Matter {
    /// Where the caller comes from: a telephone, the website.
    pub(crate) channel: &'static str,
    /// Why the contact is called.
    pub(crate) occasion: Occasion,
    /// What they are called, where it is known.
    pub(crate) caller: Option<String>,
    /// Why they want a human.
    pub(crate) reason: Option<String>,
    /// What was said so far.
    pub(crate) summary: Option<String>,
}

/// Returns what the agent tells the callers; `name` is the contact's.
pub(crate) fn line(tongue: Tongue, line: Line, name: &str) -> String {
    match tongue {
        Tongue::English => match line {
            Line::Calling(_) => format!("I am calling {name} for you. One moment, please."),
            Line::StillTrying => "I am still trying. Thank you for waiting.".to_owned(),
            Line::Next(_) => format!("That was not successful. I am trying {name} now."),
            Line::VisitorIsThere => "Hello, you are connected on the telephone. Please hold on.".to_owned(),
            Line::VisitorUnreachable => {
                "I could not reach you on the telephone. Please stay here, I will connect you here.".to_owned()
            }
            Line::Connected(_) => format!("{name} is with us now."),
            Line::Unreachable => offers::unreachable(tongue, Absence::Missed, Offers::default()),
            Line::CalledOff => "All right, I have stopped calling. How else can I help you?".to_owned(),
            Line::HumanLeft(_) => format!("{name} has left the call. Is there anything else I can do for you?"),
            Line::CallingBack => "Thank you. I am calling them now, please hold on.".to_owned(),
            Line::CalledBack(_) => recall::called_back(tongue, None, name),
            Line::VisitorAway => "They cannot be reached right now. Thank you, and goodbye.".to_owned(),
        },
        Tongue::French => match line {
            Line::Calling(_) => format!("J'appelle {name} pour vous. Un instant, s'il vous plaît."),
            Line::StillTrying => "J'essaie toujours. Merci de patienter.".to_owned(),
            Line::Next(_) => format!("Cela n'a pas abouti. J'essaie maintenant de joindre {name}."),
            Line::VisitorIsThere => "Bonjour, vous êtes en ligne au téléphone. Merci de patienter.".to_owned(),
            Line::VisitorUnreachable => {
                "Je n'ai pas pu vous joindre au téléphone. Restez ici, je vous mets en relation ici.".to_owned()
            }
            Line::Connected(_) => format!("{name} est maintenant avec nous."),
            Line::Unreachable => offers::unreachable(tongue, Absence::Missed, Offers::default()),
            Line::CalledOff => "D'accord, j'arrête d'appeler. Que puis-je faire d'autre pour vous ?".to_owned(),
            Line::HumanLeft(_) => format!("{name} a quitté l'appel. Puis-je encore faire quelque chose pour vous ?"),
            Line::CallingBack => "Merci. J'appelle maintenant, restez en ligne s'il vous plaît.".to_owned(),
            Line::CalledBack(_) => recall::called_back(tongue, None, name),
            Line::VisitorAway => "La personne n'est pas joignable pour le moment. Merci, et au revoir.".to_owned(),
        },
    }
}

/// Returns what a contact is told in private before they decide.
pub(crate) fn briefing(tongue: Tongue, name: &str, matter: &Matter) -> String {
    if matter.occasion == Occasion::CallBack {
        return recall::briefing(tongue, name, matter);
    }
    let mut text = match (tongue, &matter.caller) {
        (Tongue::English, Some(caller)) => {
            format!(
                "Hello {name}. {caller} would like to talk to you, {}.",
                origin(tongue, matter)
            )
        }
        (Tongue::English, None) => {
            format!(
                "Hello {name}. Somebody would like to talk to you, {}.",
                origin(tongue, matter)
            )
        }
        (Tongue::French, Some(caller)) => {
            format!(
                "Bonjour {name}. {caller} souhaite vous parler, {}.",
                origin(tongue, matter)
            )
        }
        (Tongue::French, None) => {
            format!(
                "Bonjour {name}. Quelqu'un souhaite vous parler, {}.",
                origin(tongue, matter)
            )
        }
    };
    text.push_str(&details(tongue, matter));
    text.push(' ');
    text.push_str(choice(tongue, Occasion::Waiting));
    text
}

/// Returns what it is about, as further sentences.
fn details(tongue: Tongue, matter: &Matter) -> String {
    let mut text = String::new();
    for (what, english, french) in [
        (&matter.reason, "It is about", "C'est au sujet de"),
        (&matter.summary, "So far", "Jusqu'ici"),
    ] {
        let Some(what) = what
            .as_deref()
            .map(str::trim)
            .filter(|what| !what.is_empty())
        else {
            continue;
        };
        let introduction = match tongue {
            Tongue::English => english,
            Tongue::French => french,
        };
        text.push_str(&format!(" {introduction}: {}.", what.trim_end_matches('.')));
    }
    text
}

/// Returns what a contact may do.
pub(crate) fn choice(tongue: Tongue, occasion: Occasion) -> &'static str {
    if occasion == Occasion::CallBack {
        return recall::choice(tongue);
    }
    match tongue {
        Tongue::English => "Press 1 or say yes to take the call. Press 2 or say no to decline.",
        Tongue::French => {
            "Appuyez sur 1 ou dites oui pour prendre l'appel, sur 2 ou dites non pour refuser."
        }
    }
}

/// Returns what a contact is told who accepts.
pub(crate) fn accepted(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::English => "Thank you.",
        Tongue::French => "Merci.",
    }
}

/// Returns what a contact is told who is not needed.
pub(crate) fn farewell(tongue: Tongue, why: Farewell) -> &'static str {
    match (tongue, why) {
        (Tongue::English, Farewell::Taken) => "Thank you, somebody else has taken the call.",
        (Tongue::English, Farewell::VisitorAway) => "They cannot be reached right now. Thank you.",
        (Tongue::French, Farewell::VisitorAway) => {
            "La personne n'est pas joignable pour le moment. Merci."
        }
        (Tongue::English, Farewell::CallerLeft) => "The caller has left. Thank you.",
        (Tongue::English, Farewell::Declined) => "All right, I will tell them.",
        (Tongue::English, Farewell::Undecided) => {
            "I have not heard you, so I will not connect you."
        }
        (Tongue::English, Farewell::CalledOff) => "It is not needed any more. Thank you.",
        (Tongue::French, Farewell::Taken) => "Merci, quelqu'un d'autre a pris l'appel.",
        (Tongue::French, Farewell::CallerLeft) => "La personne a raccroché. Merci.",
        (Tongue::French, Farewell::Declined) => "D'accord, je transmets.",
        (Tongue::French, Farewell::Undecided) => {
            "Je ne vous ai pas entendu, je ne vous mets donc pas en relation."
        }
        (Tongue::French, Farewell::CalledOff) => "Ce n'est plus nécessaire. Merci.",
    }
}

/// Returns the message that brings a contact a link.
pub(crate) fn invitation(tongue: Tongue, name: &str, url: &str) -> String {
    match tongue {
        Tongue::English => format!("{name}, somebody would like to talk to you. Join here: {url}"),
        Tongue::French => format!("{name}, quelqu'un souhaite vous parler. Rejoignez ici : {url}"),
    }
}

/// Returns the message to a contact who could not be reached.
pub(crate) fn missed(tongue: Tongue, name: &str, matter: &Matter) -> String {
    let text = briefing(tongue, name, matter);
    let text = text.trim_end_matches(choice(tongue, matter.occasion));
    let text = text.trim_end();
    match tongue {
        Tongue::English => format!("{text} You could not be reached."),
        Tongue::French => format!("{text} Vous n'étiez pas joignable."),
    }
}

fn origin(tongue: Tongue, matter: &Matter) -> &'static str {
    match (tongue, matter.channel) {
        (Tongue::English, "phone") => "on the telephone",
        (Tongue::English, "web") => "from the website",
        (Tongue::English, _) => "in a conversation",
        (Tongue::French, "phone") => "au téléphone",
        (Tongue::French, "web") => "depuis le site",
        (Tongue::French, _) => "dans une conversation",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_briefing_says_who_why_and_what_so_far_and_asks() {
        let matter = Matter {
            channel: "web",
            occasion: Occasion::Waiting,
            caller: Some("Anna".to_owned()),
            reason: Some("an invoice.".to_owned()),
            summary: Some("she has paid twice".to_owned()),
        };

        let text = briefing(Tongue::English, "Thomas", &matter);

        assert_eq!(
            text,
            "Hello Thomas. Anna would like to talk to you, from the website. It is about: an invoice. \
             So far: she has paid twice. Press 1 or say yes to take the call. Press 2 or say no to decline."
        );
    }

    #[test]
    fn a_missed_call_is_told_without_the_choice() {
        let matter = Matter {
            channel: "phone",
            ..Matter::default()
        };

        let text = missed(Tongue::English, "Thomas", &matter);

        assert_eq!(
            text,
            "Hello Thomas. Somebody would like to talk to you, on the telephone. You could not be reached."
        );
    }
}
