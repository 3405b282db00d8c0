//! What callers are told whom nobody can talk to, and what they are offered instead. Pure.

use crate::phone::Tongue;

/// What can be done for callers whom nobody can talk to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Offers {
    /// They can be called back.
    pub(crate) callback: bool,
    /// They can make an appointment.
    pub(crate) appointment: bool,
    /// They can leave a message in their own words.
    pub(crate) message: bool,
    /// A contact reads that they called.
    pub(crate) notice: bool,
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
    let notice = if offers.notice { told(tongue) } else { "" };
    let offered = offered(tongue, offers);
    let parts = [sorry(tongue, absence), notice, &offered];
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

fn offered(tongue: Tongue, offers: Offers) -> String {
    let (questions, deeds, [we_can, or, which], nothing) = match tongue {
        Tongue::English => (
            [
                "Would you like us to call you back later?",
                "Would you like to make an appointment?",
                "Would you like to leave a message?",
            ],
            [
                "call you back later",
                "make an appointment",
                "take a message",
            ],
            ["We can", "or", "Which would you prefer?"],
            "What else can I do for you?",
        ),
        Tongue::French => (
            [
                "Voulez-vous que nous vous rappelions plus tard ?",
                "Voulez-vous prendre rendez-vous ?",
                "Voulez-vous laisser un message ?",
            ],
            [
                "vous rappeler plus tard",
                "convenir d'un rendez-vous",
                "prendre un message",
            ],
            ["Nous pouvons", "ou", "Que préférez-vous ?"],
            "Que puis-je faire d'autre pour vous ?",
        ),
    };
    let able = [offers.callback, offers.appointment, offers.message];
    let places: Vec<usize> = (0..able.len()).filter(|place| able[*place]).collect();
    match places.as_slice() {
        [] => nothing.to_owned(),
        [one] => questions[*one].to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(|place| deeds[*place]).collect();
            let (first, last) = (first.join(", "), deeds[*last]);
            format!("{we_can} {first}, {or} {last}. {which}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(
        tongue: Tongue,
        absence: Absence,
        [callback, appointment, notice]: [bool; 3],
    ) -> String {
        let offers = Offers {
            callback,
            appointment,
            message: false,
            notice,
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

    #[test]
    fn a_message_is_offered_like_the_others() {
        let offers = |callback, appointment| Offers {
            callback,
            appointment,
            message: true,
            notice: false,
        };
        let english = |offers| unreachable(Tongue::English, Absence::Missed, offers);

        assert!(english(offers(false, false)).ends_with("Would you like to leave a message?"));
        assert!(english(offers(true, true)).ends_with(
            "We can call you back later, make an appointment, or take a message. Which would you prefer?"
        ));
        assert!(
            unreachable(Tongue::French, Absence::Missed, offers(true, false)).ends_with(
                "Nous pouvons vous rappeler plus tard, ou prendre un message. Que préférez-vous ?"
            )
        );
    }
}
