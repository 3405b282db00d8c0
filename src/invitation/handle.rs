//! The handle on invitations: issues them, and answers for the contact.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use room_contract::Identity;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use url::Url;

use super::register::Register;
use super::{Acceptance, Invitation, Invited, Response};
use crate::clock::now;
use crate::random;
use crate::ticket::Ticket;

/// What one invitation has to tell: that it was opened, and the answer. There is always room for both.
const RESPONSES: usize = 2;

/// How long a contact waits at the door until whoever invited them says something.
const WELCOME_WITHIN: Duration = Duration::from_secs(5);

/// Invitations into rooms. Cheap to clone.
#[derive(Clone)]
pub struct Invitations {
    register: Arc<Mutex<Register<Letter>>>,
    /// Where contacts find this server.
    server: Url,
}

/// An invitation and who hears of it.
struct Letter {
    invitation: Invitation,
    opened: bool,
    tell: mpsc::Sender<Response>,
}

/// A contact who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guest {
    /// Who they are in the room.
    pub(crate) identity: Identity,
    /// What they were invited to.
    pub(crate) invitation: Invitation,
}

/// Why a contact does not get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotWelcome {
    /// The invitation was used, taken back, or is too old: ask for another one.
    #[error("there is no such invitation")]
    Unknown,
    /// Somebody else was faster, or nobody waits any more.
    #[error("nobody waits for the contact any more")]
    TooLate,
}

impl Invitations {
    /// Makes the invitations of a server that contacts find at this address.
    #[must_use]
    pub fn new(server: Url) -> Self {
        Self {
            register: Arc::default(),
            server,
        }
    }

    /// Invites a contact: once, and for ten minutes.
    #[must_use]
    pub fn issue(&self, invitation: Invitation) -> Invited {
        let (tell, responses) = mpsc::channel(RESPONSES);
        let letter = Letter {
            invitation,
            opened: false,
            tell,
        };
        let (ticket, until) = self.lock().issue(now(), letter);
        let mut url = self.server.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("join").push(ticket.expose());
        }
        Invited {
            url: url.into(),
            until,
            responses,
        }
    }

    /// Reads an invitation; it stays good.
    pub(crate) fn read(&self, ticket: &Ticket) -> Option<Invitation> {
        let mut register = self.lock();
        let letter = register.find(now(), ticket)?;
        if letter.tell.is_closed() {
            return None;
        }
        if !letter.opened {
            letter.opened = true;
            // There is room for it.
            let _ = letter.tell.try_send(Response::Opened);
        }
        Some(letter.invitation.clone())
    }

    /// Uses an invitation to come, and waits to be let in.
    pub(crate) async fn accept(&self, ticket: &Ticket) -> Result<Guest, NotWelcome> {
        let letter = self.redeem(ticket).ok_or(NotWelcome::Unknown)?;
        let identity = random_identity();
        let (welcome, welcomed) = oneshot::channel();
        let acceptance = Acceptance {
            identity: identity.clone(),
            welcome,
        };
        let told = letter.tell.try_send(Response::Accepted(acceptance));
        told.map_err(|_| NotWelcome::Unknown)?;
        match timeout(WELCOME_WITHIN, welcomed).await {
            Ok(Ok(())) => Ok(Guest {
                identity,
                invitation: letter.invitation,
            }),
            Ok(Err(_)) | Err(_) => Err(NotWelcome::TooLate),
        }
    }

    /// Uses an invitation not to come; returns whether there was one.
    pub(crate) fn decline(&self, ticket: &Ticket) -> bool {
        let letter = self.redeem(ticket);
        letter.is_some_and(|letter| letter.tell.try_send(Response::Declined).is_ok())
    }

    fn redeem(&self, ticket: &Ticket) -> Option<Letter> {
        self.lock().redeem(now(), ticket)
    }

    fn lock(&self) -> MutexGuard<'_, Register<Letter>> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Invitations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitations").finish_non_exhaustive()
    }
}

fn random_identity() -> Identity {
    Identity::new(random::id("contact-")).expect("short and printable")
}

#[cfg(test)]
mod tests {
    use room_contract::RoomName;

    use super::*;
    use crate::invitation::Briefing;

    #[tokio::test(start_paused = true)]
    async fn a_contact_who_reads_and_accepts_is_let_in() {
        let invitations = invitations();
        let mut invited = invitations.issue(invitation());
        let ticket = ticket(&invited);

        let read = invitations.read(&ticket).unwrap();
        let (guest, identity) = tokio::join!(invitations.accept(&ticket), async {
            assert!(matches!(invited.response().await, Response::Opened));
            let Response::Accepted(acceptance) = invited.response().await else {
                panic!("the contact has accepted");
            };
            let identity = acceptance.identity().clone();
            assert!(acceptance.welcome());
            identity
        });

        assert_eq!(read, invitation());
        assert_eq!(guest.unwrap().identity, identity);
        assert_eq!(
            invitations.accept(&ticket).await,
            Err(NotWelcome::Unknown),
            "it is good once"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_contact_who_comes_too_late_is_turned_away() {
        let invitations = invitations();
        let mut invited = invitations.issue(invitation());
        let ticket = ticket(&invited);

        let (guest, ()) = tokio::join!(invitations.accept(&ticket), async {
            drop(invited.response().await);
        });

        assert_eq!(guest, Err(NotWelcome::TooLate));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_at_the_door_waits_for_ever() {
        let invitations = invitations();
        let invited = invitations.issue(invitation());

        let guest = invitations.accept(&ticket(&invited)).await;

        assert_eq!(guest, Err(NotWelcome::TooLate));
    }

    #[tokio::test(start_paused = true)]
    async fn who_invited_hears_a_refusal_and_the_end_of_the_time() {
        let invitations = invitations();
        let (mut first, mut second) = (
            invitations.issue(invitation()),
            invitations.issue(invitation()),
        );

        assert!(invitations.decline(&ticket(&first)));

        assert!(matches!(first.response().await, Response::Declined));
        assert!(matches!(first.response().await, Response::Expired));
        assert!(matches!(second.response().await, Response::Expired));
        assert!(invitations.read(&ticket(&second)).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_invitation_that_was_taken_back_opens_nothing() {
        let invitations = invitations();
        let invited = invitations.issue(invitation());
        let ticket = ticket(&invited);
        drop(invited);

        assert!(invitations.read(&ticket).is_none());
        assert!(!invitations.decline(&ticket));
    }

    fn invitations() -> Invitations {
        Invitations::new("https://voice.example/base/".parse().unwrap())
    }

    fn invitation() -> Invitation {
        Invitation {
            room: RoomName::new("web-a").unwrap(),
            contact: "Thomas".to_owned(),
            briefing: Briefing {
                caller: Some("Ann".to_owned()),
                ..Briefing::default()
            },
        }
    }

    fn ticket(invited: &Invited) -> Ticket {
        let text = invited
            .url()
            .strip_prefix("https://voice.example/base/join/");
        Ticket::brought(text.unwrap())
    }
}
