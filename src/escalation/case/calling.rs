//! People are called, invited, briefed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tracing::warn;

use super::{Case, Told, now};
use crate::escalation::contact::Way;
use crate::escalation::line::Line;
use crate::escalation::machine::{Callee, Gone, LegId, News};
use crate::escalation::plan::called_first;
use crate::escalation::ports::{Briefing, Called, Guest, GuestNews};
use crate::escalation::verdict::Verdict;
use crate::escalation::words;
use crate::invitation::{self, Acceptance, Invitation, Response};
use crate::phone::PickUp;

/// News of one leg that wait; whoever brings more waits.
const NEWS: usize = 8;

/// Longer than the carrier takes to answer.
const PLACED_WITHIN: Duration = Duration::from_secs(15);

impl Case {
    pub(super) fn call(&mut self, leg: LegId, callee: Callee) {
        let mut line = Line::default();
        match callee {
            Callee::Visitor => {
                line.number = self.wish.caller_number.clone();
                let name = self.matter.caller.clone();
                self.ring(
                    leg,
                    &line,
                    name.unwrap_or_else(|| "Caller".to_owned()),
                    false,
                );
            }
            Callee::Contact { contact, way } => {
                let contacts = Arc::clone(&self.office.contacts);
                let contact = &contacts[contact];
                self.view
                    .send_modify(|view| view.contact = Some(contact.name.clone()));
                match &contact.ways[way] {
                    Way::Phone(number) => {
                        line.number = Some(number.clone());
                        line.circle = Some(format!("{}-{}", self.id, leg));
                        self.ring(leg, &line, contact.name.clone(), true);
                    }
                    Way::Link(number) => {
                        line.number = Some(number.clone());
                        self.invite(leg, &line, &contact.name);
                    }
                }
            }
        }
        self.lines.insert(leg, line);
    }

    /// Has a telephone ring.
    fn ring(&mut self, leg: LegId, line: &Line, name: String, is_contact: bool) {
        let teller = self.teller.clone();
        let refused = Told::News(News::Gone(leg, Gone::Refused));
        let (Some(lines), Some(number)) = (self.office.crew.lines.clone(), line.number.clone())
        else {
            self.watches.spawn(tell(teller, refused));
            return;
        };
        let (news, mut told) = mpsc::channel(NEWS);
        let guest = Guest {
            room: self.scene.room.clone(),
            number,
            name,
            circle: line.circle.clone(),
            is_contact,
            pick_up: if self.recall.is_some() && !is_contact {
                // The contact waits for a human.
                PickUp::AfterDetection
            } else {
                // They are told what it is about at once; a machine accepts nothing.
                PickUp::AtOnce
            },
            by: self.wish.by.clone(),
            key: match &self.recall {
                Some(recall) => format!("{}-{leg}", recall.key),
                None => format!("{}-{leg}", self.id),
            },
            news,
        };
        self.watches.spawn(async move {
            match timeout(PLACED_WITHIN, lines.call(guest)).await {
                Ok(Ok(called)) => tell(teller.clone(), Told::Called(leg, called)).await,
                Ok(Err(error)) => {
                    warn!(error = format!("{error:#}"), "somebody cannot be called");
                    return tell(teller, refused).await;
                }
                Err(_) => return tell(teller, refused).await,
            }
            while let Some(news) = told.recv().await {
                let news = match news {
                    GuestNews::PickedUp => News::PickedUp(leg),
                    GuestNews::Gone(why) => News::Gone(leg, why),
                };
                tell(teller.clone(), Told::News(news)).await;
            }
            // Whoever looks after the call has forgotten it.
            tell(teller, Told::News(News::Gone(leg, Gone::HungUp))).await;
        });
    }

    pub(super) async fn handle_called(&mut self, leg: LegId, called: Called) {
        let is_contact = self.machine.callee(leg) != Some(Callee::Visitor);
        if is_contact || self.recall.is_some() {
            self.kept.calls.push(called.call.clone());
        } else {
            self.kept.visitor = Some(called.call.clone());
        }
        self.keep(true).await;
        let Some(line) = self.lines.get_mut(&leg) else {
            return;
        };
        line.identity = Some(called.identity);
        line.call = Some(called.call);
        if line.unwanted {
            self.hang_up(leg);
        }
    }

    /// Sends a link.
    fn invite(&mut self, leg: LegId, line: &Line, name: &str) {
        let invited = self.office.invitations.issue(Invitation {
            room: self.scene.room.clone(),
            contact: name.to_owned(),
            briefing: invitation::Briefing {
                caller: self.matter.caller.clone(),
                reason: self.matter.reason.clone(),
                summary: self.matter.summary.clone(),
            },
        });
        let text = words::invitation(self.scene.tongue, name, invited.url());
        let (lines, number) = (self.office.crew.lines.clone(), line.number.clone());
        let (teller, taken_back) = (self.teller.clone(), line.invited.clone());
        self.watches.spawn(async move {
            let sent = match (lines, number) {
                (Some(lines), Some(number)) => lines.write(&number, &text).await.is_ok(),
                _ => false,
            };
            if !sent {
                warn!("an invitation was not sent");
                return tell(teller, Told::News(News::Gone(leg, Gone::Refused))).await;
            }
            let mut invited = invited;
            loop {
                let response = tokio::select! {
                    () = taken_back.cancelled() => return,
                    response = invited.response() => response,
                };
                match response {
                    Response::Opened => {
                        tell(teller.clone(), Told::News(News::PickedUp(leg))).await;
                    }
                    Response::Accepted(acceptance) => {
                        return tell(teller, Told::AtTheDoor(leg, acceptance)).await;
                    }
                    Response::Declined => {
                        return tell(teller, Told::News(News::Declined(leg))).await;
                    }
                    Response::Expired => {
                        let gone = News::Gone(leg, Gone::NoAnswer);
                        return tell(teller, Told::News(gone)).await;
                    }
                }
            }
        });
    }

    pub(super) fn handle_at_the_door(&mut self, leg: LegId, acceptance: Acceptance) {
        let Some(line) = self.lines.get_mut(&leg) else {
            return;
        };
        line.identity = Some(acceptance.identity().clone());
        line.at_the_door = Some(acceptance);
        // Who accepts has read it, also when nobody noticed.
        self.machine.handle_news(now(), News::PickedUp(leg));
        self.machine.handle_news(now(), News::Accepted(leg));
    }

    /// Has somebody told in private what it is about.
    pub(super) fn brief(&mut self, leg: LegId) {
        let name = self.name_of(leg).to_owned();
        let Some(line) = self.lines.get_mut(&leg) else {
            return;
        };
        let Some(circle) = line.circle.clone() else {
            // They read it in their browser.
            return;
        };
        let teller = self.teller.clone();
        let Some(briefers) = self.office.crew.briefers.clone() else {
            let accepted = Told::News(News::Accepted(leg));
            self.watches.spawn(tell(teller, accepted));
            return;
        };
        let (farewell, last_words) = oneshot::channel();
        line.farewell = Some(farewell);
        let (verdicts, mut decided) = mpsc::channel(NEWS);
        let briefing = Briefing {
            room: self.scene.room.clone(),
            session: self.scene.session.clone(),
            profile: self.scene.profile.clone(),
            circle,
            tongue: self.scene.tongue,
            text: words::briefing(self.scene.tongue, &name, &self.matter),
            choice: words::choice(self.scene.tongue, self.matter.occasion),
            verdicts,
            farewell: last_words,
            leave: line.briefer.clone(),
        };
        let leave = line.briefer.clone();
        self.watches.spawn(async move {
            let mut briefing = std::pin::pin!(briefers.brief(briefing));
            let ended = loop {
                tokio::select! {
                    biased;
                    Some(verdict) = decided.recv() => match verdict {
                        Verdict::Accept => tell(teller.clone(), Told::News(News::Accepted(leg))).await,
                        Verdict::Decline => tell(teller.clone(), Told::News(News::Declined(leg))).await,
                        Verdict::Repeat | Verdict::Unclear => {}
                    },
                    ended = &mut briefing => break ended,
                }
            };
            match ended {
                // A caller who waits is worth more than a word in private.
                Err(error) if !leave.is_cancelled() => {
                    warn!(error = format!("{error:#}"), "a contact was not briefed");
                    tell(teller, Told::News(News::Accepted(leg))).await;
                }
                _ => tell(teller, Told::BriefingOver(leg)).await,
            }
        });
    }

    /// A contact who has decided nothing has declined; one who was told farewell is hung up on.
    pub(super) fn handle_briefing_over(&mut self, leg: LegId) {
        let is_apart = |line: &Line| line.circle.is_some();
        if self.machine.is_asked(leg) {
            self.machine.handle_news(now(), News::Declined(leg));
        } else if self.lines.get(&leg).is_some_and(is_apart) {
            self.hang_up(leg);
        }
    }

    /// Returns the contacts who were called, or sent a link.
    pub(super) fn called(&self) -> BTreeSet<usize> {
        let legs = self.lines.keys();
        legs.filter_map(|leg| match self.machine.callee(*leg)? {
            Callee::Contact { contact, .. } => Some(contact),
            Callee::Visitor => None,
        })
        .collect()
    }

    /// Returns the contact who would be called first at an hour when all may be called.
    pub(super) fn first_of_all(&self) -> Option<usize> {
        let who = self.wish.contact.as_deref();
        called_first(&self.office.contacts, who, self.scene.tongue.tag())
    }

    /// Sends those who were missed a message; where nobody may be called now, whoever would have been called first.
    pub(super) fn write_to_the_missed(&mut self) {
        let Some(lines) = self.office.crew.lines.clone() else {
            return;
        };
        let mut contacts = self.called();
        if contacts.is_empty() {
            contacts.extend(self.first_of_all());
        }
        for contact in contacts {
            let contact = &self.office.contacts[contact];
            let text = words::missed(self.scene.tongue, &contact.name, &self.matter);
            let Some(number) = contact.message_number().cloned() else {
                continue;
            };
            let lines = Arc::clone(&lines);
            self.errands.spawn(async move {
                if lines.write(&number, &text).await.is_err() {
                    warn!("a contact was not told what they missed");
                }
            });
        }
    }
}

async fn tell(teller: mpsc::Sender<Told>, told: Told) {
    // Nobody listens once the case is over.
    drop(teller.send(told).await);
}
