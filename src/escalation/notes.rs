//! What the agent is told of an escalation, so that it knows afterwards what was asked and who came. Pure.

use super::machine::Line;
use super::words::offers::{Absence, Offers};

/// Returns what the agent should know beside what it says, if there is something; `name` is the contact's.
///
/// Reasons and summaries are no part of it: notes weigh more with a thinker than what people say.
pub(crate) fn note(line: Line, name: &str) -> Option<String> {
    Some(match line {
        Line::Calling(_) => {
            format!("A human was asked for. {name} is being called and is not here yet.")
        }
        Line::Next(_) => {
            format!("Who was called could not be had. {name} is being called and is not here yet.")
        }
        Line::VisitorIsThere => {
            "The person has picked up their own telephone and is here by it.".to_owned()
        }
        Line::VisitorUnreachable => "The person's own telephone could not be reached.".to_owned(),
        Line::Connected(_) => {
            format!("{name} is here and talks to the person. Speak only when you are addressed.")
        }
        Line::Unreachable => unreachable(Absence::Missed, Offers::default()),
        Line::CalledOff => "Nobody is being called any more; nobody has come.".to_owned(),
        Line::HumanLeft(_) => {
            format!("{name} has left and is not here any more. You lead the conversation again.")
        }
        Line::CallingBack => {
            "A human is here and waits. The person who had asked to be called back is being called."
                .to_owned()
        }
        Line::CalledBack(_) => {
            format!("The person is here, and so is {name}. Speak only when you are addressed.")
        }
        Line::VisitorAway => "The person could not be reached; the human leaves.".to_owned(),
        Line::StillTrying => return None,
    })
}

/// Returns what the agent should know when nobody can be had: what the person was offered, and which tools do it.
pub(crate) fn unreachable(absence: Absence, offers: Offers) -> String {
    let mut text = match absence {
        Absence::Missed => "Nobody could be had; the person was told so.",
        Absence::Closed => "Nobody can be called at this hour; the person was told so.",
    }
    .to_owned();
    if offers.callback {
        text.push_str(
            " They were offered to be called back: if they want that, use `request_callback`.",
        );
    }
    if offers.appointment {
        text.push_str(
            " They were offered an appointment: if they want one, use `check_availability`, offer two or three of the \
             times, then use `book_appointment`.",
        );
    }
    if offers.message {
        text.push_str(
            " They were offered to leave a message: if they want to, ask for it, read it back, then use \
             `leave_message`.",
        );
    }
    if !offers.callback && !offers.appointment && !offers.message {
        text.push_str(" Offer what your tools can do instead.");
    }
    text.push_str(
        " Do not say that somebody is coming, and call somebody again only if you are asked to.",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_knows_which_tool_does_what_was_offered() {
        let all = Offers {
            callback: true,
            appointment: true,
            message: true,
            notice: false,
        };

        let told = unreachable(Absence::Closed, all);
        let nothing = unreachable(Absence::Missed, Offers::default());

        let tools = [
            "request_callback",
            "check_availability",
            "book_appointment",
            "leave_message",
        ];
        for tool in tools {
            assert!(told.contains(tool), "{told}");
            assert!(!nothing.contains(tool), "{nothing}");
        }
    }

    #[test]
    fn the_agent_knows_who_is_called_and_who_is_there() {
        let calling = note(Line::Calling(0), "Thomas");
        let connected = note(Line::Connected(0), "Thomas");

        assert!(calling.is_some_and(|note| note.contains("Thomas is being called")));
        assert!(connected.is_some_and(|note| note.contains("Thomas is here")));
    }

    #[test]
    fn a_word_to_those_who_wait_is_no_news() {
        assert_eq!(note(Line::StillTrying, ""), None);
    }
}
