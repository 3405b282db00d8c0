//! What callers are told whom nobody can talk to, and what they are offered instead. Pure.

use crate::phone::Tongue;

/// What can be done for callers whom nobody can talk to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Offers {
    /// They can be called back.
    pub(crate) callback: bool,
    /// They can make an appointment.
    pub(crate) appointment: bool,
    /// A contact gets a message about them.
    pub(crate) message: bool,
}

/// Why nobody can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// Nobody has taken the call.
    Missed,
    /// Nobody may be called at this hour.
    Closed,
}

/// Returns what the agent tells callers whom nobody can talk to.
pub(crate) fn unreachable(tongue: Tongue, absence: Absence, offers: Offers) -> String {
    let message = if offers.message { told(tongue) } else { "" };
    let parts = [sorry(tongue, absence), message, offered(tongue, offers)];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(" ")
}

fn sorry(tongue: Tongue, absence: Absence) -> &'static str {
    match (tongue, absence) {
        (Tongue::English, Absence::Missed) => "I am sorry, nobody can take your call right now.",
        (Tongue::English, Absence::Closed) => "I am sorry, nobody can be reached at this hour.",
        (Tongue::French, Absence::Missed) => {
            "Je suis désolé, personne ne peut prendre votre appel pour le moment."
        }
        (Tongue::French, Absence::Closed) => {
            "Je suis désolé, personne n'est joignable à cette heure."
        }
    }
}

fn told(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::English => "They will read that you called.",
        Tongue::French => "On lira que vous avez appelé.",
    }
}

fn offered(tongue: Tongue, offers: Offers) -> &'static str {
    match (tongue, offers.callback, offers.appointment) {
        (Tongue::English, true, true) => {
            "We can call you back later, or make an appointment. Which would you prefer?"
        }
        (Tongue::English, true, false) => "Would you like us to call you back later?",
        (Tongue::English, false, true) => "Would you like to make an appointment?",
        (Tongue::English, false, false) => "What else can I do for you?",
        (Tongue::French, true, true) => {
            "Nous pouvons vous rappeler plus tard, ou convenir d'un rendez-vous. Que préférez-vous ?"
        }
        (Tongue::French, true, false) => "Voulez-vous que nous vous rappelions plus tard ?",
        (Tongue::French, false, true) => "Voulez-vous prendre rendez-vous ?",
        (Tongue::French, false, false) => "Que puis-je faire d'autre pour vous ?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(
        tongue: Tongue,
        absence: Absence,
        [callback, appointment, message]: [bool; 3],
    ) -> String {
        let offers = Offers {
            callback,
            appointment,
            message,
        };
        unreachable(tongue, absence, offers)
    }

    #[test]
    fn only_what_can_be_done_is_offered() {
        let english = |offers| said(Tongue::English, Absence::Missed, offers);

        assert_eq!(
            english([false, false, true]),
            "I am sorry, nobody can take your call right now. They will read that you called. What else can I do for \
             you?"
        );
        assert_eq!(
            english([true, false, false]),
            "I am sorry, nobody can take your call right now. Would you like us to call you back later?"
        );
        assert!(english([false, true, true]).ends_with("Would you like to make an appointment?"));
        assert!(
            english([true, true, true]).contains("call you back later, or make an appointment")
        );
    }

    #[test]
    fn at_an_hour_when_nobody_may_be_called_it_says_so() {
        let french = said(Tongue::French, Absence::Closed, [true, true, false]);

        assert_eq!(
            french,
            "Je suis désolé, personne n'est joignable à cette heure. Nous pouvons vous rappeler plus tard, ou convenir \
             d'un rendez-vous. Que préférez-vous ?"
        );
    }
}
