//! Who is called for a wish, in which order. Pure.

use std::time::Duration;

use jiff::Timestamp;

use super::contact::{Contact, Way};
use super::machine::Candidate;

/// What is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted<'a> {
    /// A contact by id or name, or something that somebody has to know.
    pub(crate) who: Option<&'a str>,
    /// The language of the conversation, by its tag.
    pub(crate) language: &'a str,
    /// How long a telephone rings.
    pub(crate) ring: Duration,
    /// How long a link may lie before somebody opens it.
    pub(crate) link: Duration,
}

/// Returns who is called, group by group: nobody, when nobody may be called now.
///
/// The one who was asked for comes first and alone, then who knows about it, then the others in their order; in each
/// group those who speak the language before those who do not.
pub(crate) fn plan(
    contacts: &[Contact],
    wanted: &Wanted<'_>,
    at: Timestamp,
) -> Vec<Vec<Candidate>> {
    let mut open: Vec<(Rank, usize)> = contacts
        .iter()
        .enumerate()
        .filter(|(_, contact)| !contact.ways.is_empty() && contact.is_open(at))
        .map(|(index, contact)| (rank(contact, wanted), index))
        .collect();
    open.sort_by_key(|(rank, _)| *rank);
    let groups = open.chunk_by(|(one, _), (next, _)| one == next);
    groups
        .map(|group| {
            let group = group.iter().map(|(_, index)| {
                let ways = contacts[*index].ways.iter().map(|way| match way {
                    Way::Phone(_) => wanted.ring,
                    Way::Link(_) => wanted.link,
                });
                Candidate {
                    contact: *index,
                    ways: ways.collect(),
                }
            });
            group.collect()
        })
        .collect()
}

/// Returns who would be called first at an hour when all may be called.
pub(crate) fn called_first(
    contacts: &[Contact],
    who: Option<&str>,
    language: &str,
) -> Option<usize> {
    let wanted = Wanted {
        who,
        language,
        ..Wanted::default()
    };
    let reachable = contacts
        .iter()
        .enumerate()
        .filter(|(_, contact)| !contact.ways.is_empty());
    let first = reachable.min_by_key(|(_, contact)| rank(contact, &wanted));
    first.map(|(index, _)| index)
}

/// Returns who may be met by appointment, whoever fits best first: the one who was asked for, or else those who know about
/// it, or else anybody.
pub(crate) fn meetable<'a>(
    contacts: &'a [Contact],
    who: Option<&str>,
    language: &str,
) -> Vec<&'a Contact> {
    let wanted = Wanted {
        who,
        language,
        ..Wanted::default()
    };
    let takes_some = contacts.iter().filter(|one| one.appointment.is_some());
    let mut ranked: Vec<(Rank, &Contact)> = takes_some
        .map(|contact| (rank(contact, &wanted), contact))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let best = ranked
        .first()
        .map(|((is_not_meant, knows_not, ..), _)| (*is_not_meant, *knows_not));
    ranked.retain(|((is_not_meant, knows_not, ..), _)| Some((*is_not_meant, *knows_not)) == best);
    ranked.into_iter().map(|(_, contact)| contact).collect()
}

/// The lower, the sooner.
type Rank = (bool, bool, u32, bool);

fn rank(contact: &Contact, wanted: &Wanted<'_>) -> Rank {
    let is_meant = wanted.who.is_some_and(|who| contact.is_called(who));
    let knows = wanted.who.is_some_and(|who| contact.knows(who));
    let speaks = contact.speaks(wanted.language);
    (!is_meant, !knows, contact.order, !speaks)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::dial::Number;
    use crate::escalation::contact::Way;

    fn contact(id: &str, order: u32) -> Contact {
        let number = Number::parse("+15005550010", None).expect("it is one");
        Contact {
            id: id.to_owned(),
            name: id.to_owned(),
            ways: vec![Way::Phone(number)],
            languages: Vec::new(),
            skills: Vec::new(),
            hours: Vec::new(),
            zone: TimeZone::UTC,
            order,
            appointment: None,
        }
    }

    fn order(contacts: &[Contact], who: Option<&str>, language: &str) -> Vec<Vec<usize>> {
        let at = Timestamp::UNIX_EPOCH;
        let wanted = Wanted {
            who,
            language,
            ..Wanted::default()
        };
        let groups = plan(contacts, &wanted, at);
        let contacts = |group: Vec<Candidate>| group.iter().map(|one| one.contact).collect();
        groups.into_iter().map(contacts).collect()
    }

    #[test]
    fn those_of_one_order_are_called_at_once_and_the_others_after_them() {
        let contacts = [contact("a", 1), contact("b", 0), contact("c", 1)];

        assert_eq!(order(&contacts, None, "en"), [vec![1], vec![0, 2]]);
    }

    #[test]
    fn who_was_asked_for_comes_first_and_alone() {
        let contacts = [contact("a", 0), contact("b", 0)];

        assert_eq!(order(&contacts, Some("B"), "en"), [vec![1], vec![0]]);
    }

    #[test]
    fn who_knows_about_it_comes_before_the_others() {
        let mut contacts = [contact("a", 0), contact("b", 5)];
        contacts[1].skills = vec!["law".to_owned()];

        assert_eq!(order(&contacts, Some("law"), "en"), [vec![1], vec![0]]);
    }

    #[test]
    fn who_speaks_the_language_comes_before_who_does_not() {
        let mut contacts = [contact("a", 0), contact("b", 0)];
        contacts[0].languages = vec!["de".to_owned()];

        assert_eq!(order(&contacts, None, "fr-CH"), [vec![1], vec![0]]);
    }

    #[test]
    fn who_would_be_called_first_is_known_outside_their_hours_too() {
        let mut contacts = [contact("a", 0), contact("b", 1), contact("c", 2)];
        contacts[0].ways.clear();
        contacts[1].hours = vec!["sun 09:00-10:00".parse().expect("they are hours")];

        assert_eq!(called_first(&contacts, None, "en"), Some(1));
        assert_eq!(called_first(&contacts, Some("C"), "en"), Some(2));
        assert_eq!(called_first(&contacts[..1], None, "en"), None);
    }

    #[test]
    fn nobody_is_called_outside_their_hours_or_without_a_way() {
        let mut contacts = [contact("a", 0), contact("b", 0)];
        contacts[0].hours = vec!["sun 09:00-10:00".parse().expect("they are hours")];
        contacts[1].ways.clear();

        assert_eq!(order(&contacts, None, "en"), Vec::<Vec<usize>>::new());
    }
}
