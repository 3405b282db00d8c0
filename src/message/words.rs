//! How a message reads that somebody left, in English and French. Pure.

use crate::phone::Tongue;

/// Who left it, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sender<'a> {
    /// What they are called.
    pub(super) name: Option<&'a str>,
    /// The number that they call from.
    pub(super) number: Option<&'a str>,
}

/// Returns what a contact reads.
pub(super) fn left(tongue: Tongue, contact: &str, sender: Sender<'_>, text: &str) -> String {
    let somebody = match tongue {
        Tongue::English => "somebody",
        Tongue::French => "quelqu'un",
    };
    let name = sender.name.unwrap_or(somebody);
    let number = sender.number.map(|number| format!(" ({number})"));
    let number = number.unwrap_or_default();
    match tongue {
        Tongue::English => format!("{contact}, {name}{number} has left a message: {text}"),
        Tongue::French => format!("{contact}, {name}{number} a laissé un message : {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_who_left_it_as_far_as_that_is_known() {
        let ann = Sender {
            name: Some("Ann"),
            number: Some("+15005550021"),
        };

        assert_eq!(
            left(Tongue::English, "Thomas", ann, "The key is under the mat."),
            "Thomas, Ann (+15005550021) has left a message: The key is under the mat."
        );
        assert_eq!(
            left(Tongue::French, "Thomas", Sender::default(), "À demain."),
            "Thomas, quelqu'un a laissé un message : À demain."
        );
    }
}
