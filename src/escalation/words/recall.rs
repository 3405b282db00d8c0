//! What is said about callbacks, in the language of the conversation. Pure.

use super::{Matter, details};
use crate::phone::Tongue;

/// Returns what both hear as soon as the caller is there.
pub(crate) fn called_back(tongue: Tongue, caller: Option<&str>, contact: &str) -> String {
    match (tongue, caller) {
        (Tongue::English, Some(caller)) => {
            format!("Hello {caller}, you had asked to be called back. {contact} is on the line.")
        }
        (Tongue::English, None) => {
            format!("Hello, you had asked to be called back. {contact} is on the line.")
        }
        (Tongue::French, Some(caller)) => {
            format!("Bonjour {caller}, vous aviez demandé à être rappelé. {contact} est en ligne.")
        }
        (Tongue::French, None) => {
            format!("Bonjour, vous aviez demandé à être rappelé. {contact} est en ligne.")
        }
    }
}

/// Returns what a contact is told in private before they decide.
pub(super) fn briefing(tongue: Tongue, name: &str, matter: &Matter) -> String {
    let mut text = wanted(tongue, name, matter);
    text.push(' ');
    text.push_str(choice(tongue));
    text
}

/// Returns what a contact may do.
pub(super) fn choice(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::English => "Press 1 or say yes, and we call them. Press 2 or say no to decline.",
        Tongue::French => {
            "Appuyez sur 1 ou dites oui, et nous les appelons, sur 2 ou dites non pour refuser."
        }
    }
}

/// Returns the message to a contact once nobody tries any more.
pub(crate) fn given_up(tongue: Tongue, name: &str, matter: &Matter) -> String {
    let text = wanted(tongue, name, matter);
    match tongue {
        Tongue::English => format!("{text} That has not come about."),
        Tongue::French => format!("{text} Cela n'a pas abouti."),
    }
}

/// Returns what the agent has to know.
pub(crate) fn context(matter: &Matter) -> String {
    let who = matter.caller.as_deref().unwrap_or("Somebody");
    let mut text =
        format!("{who} had asked to be called back, together with a human. Both are being called.");
    text.push_str(&details(Tongue::English, matter));
    text
}

fn wanted(tongue: Tongue, name: &str, matter: &Matter) -> String {
    let who = matter.caller.as_deref();
    let text = match tongue {
        Tongue::English => {
            let who = who.unwrap_or("Somebody");
            format!("Hello {name}. {who} had asked to be called back.")
        }
        Tongue::French => {
            let who = who.unwrap_or("Quelqu'un");
            format!("Bonjour {name}. {who} avait demandé à être rappelé.")
        }
    };
    text + &details(tongue, matter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escalation::words::Occasion;

    fn matter() -> Matter {
        Matter {
            channel: "phone",
            occasion: Occasion::CallBack,
            caller: Some("Ann".to_owned()),
            reason: Some("an invoice.".to_owned()),
            summary: None,
        }
    }

    #[test]
    fn a_contact_is_told_who_wants_a_callback_and_what_about() {
        let text = briefing(Tongue::English, "Thomas", &matter());

        assert_eq!(
            text,
            "Hello Thomas. Ann had asked to be called back. It is about: an invoice. Press 1 or say yes, and we call \
             them. Press 2 or say no to decline."
        );
    }

    #[test]
    fn what_has_not_come_about_is_told_without_the_choice() {
        let text = given_up(Tongue::English, "Thomas", &matter());

        assert_eq!(
            text,
            "Hello Thomas. Ann had asked to be called back. It is about: an invoice. That has not come about."
        );
    }
}
