//! Who hears whom: participants hear whoever shares their circle, and nobody else.
//!
//! One attribute names the circle that somebody is in. The server moves people by changing it
//! ([`Rooms::set_attributes`](crate::Rooms::set_attributes)); each participant obeys it for what
//! they listen to, and for whom they [let hear](crate::Room::let_hear) what they publish.

mod neighbours;

use std::collections::BTreeSet;

pub use self::neighbours::{Change, Neighbours};
use crate::{Attributes, Identity};

/// The attribute that names the circle somebody is in; absent or empty is the main one.
pub const CIRCLE: &str = "patchbay.circle";

/// Returns the circle that somebody with these attributes is in; `None` is the main one.
#[must_use]
pub fn circle(attributes: &Attributes) -> Option<&str> {
    let named = attributes.get(CIRCLE).map(String::as_str);
    named.filter(|name| !name.is_empty())
}

/// Returns whether these two hear each other.
#[must_use]
pub fn hears(one: &Attributes, other: &Attributes) -> bool {
    circle(one) == circle(other)
}

/// Returns the attributes to set so that somebody is in that circle.
#[must_use]
pub fn moved_to(circle: Option<&str>) -> Attributes {
    Attributes::from([(CIRCLE.to_owned(), circle.unwrap_or_default().to_owned())])
}

/// Who may hear what somebody publishes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Listeners {
    /// Whoever listens.
    #[default]
    Everybody,
    /// These only, also when they come later or come back.
    Only(BTreeSet<Identity>),
}

impl Listeners {
    /// Returns whether somebody may hear.
    #[must_use]
    pub fn include(&self, who: &Identity) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(few) => few.contains(who),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(name: &str) -> Attributes {
        moved_to(Some(name))
    }

    #[test]
    fn without_a_name_one_is_in_the_main_circle() {
        assert_eq!(circle(&Attributes::new()), None);
        assert_eq!(circle(&within("")), None);
        assert_eq!(circle(&within("briefing")), Some("briefing"));
    }

    #[test]
    fn those_of_one_circle_hear_each_other_and_nobody_else() {
        assert!(hears(&Attributes::new(), &within("")));
        assert!(hears(&within("a"), &within("a")));
        assert!(!hears(&within("a"), &within("b")));
        assert!(!hears(&within("a"), &Attributes::new()));
    }
}
