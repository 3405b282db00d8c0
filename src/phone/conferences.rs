//! Looks after conferences of Twilio's: has the agent come, and ends what nobody is in any more.
//!
//! Who is there is asked anew with each news, so that any server can be told; the agent's label lets it in once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{info, warn};

use super::conference::{AGENT, AgentComes, ConferenceName, Part};
use crate::dial::{self, Dialler, Ended, Progress};
use crate::store::{IntentRef, Store};
use crate::telemetry::chain;
use crate::wiring::twilio::{Carrier, ConferenceEvent, ConferenceHappening, ConferenceSid};

/// Conferences of which it is remembered that the agent was called. When there are more, all are forgotten: the label
/// still keeps a second agent out.
const REMEMBERED: usize = 10_000;

/// What conferences are looked after with.
pub(super) struct Parts {
    pub(super) carrier: Arc<Carrier>,
    pub(super) dialler: Dialler,
    pub(super) store: Store,
    /// The application that the agent is behind.
    pub(super) application: Option<String>,
    /// The number that it calls from.
    pub(super) number: Option<String>,
}

/// Looks after conferences of Twilio's.
pub(crate) struct Conferences {
    parts: Parts,
    attended: Mutex<HashSet<ConferenceName>>,
}

/// What follows from who is in a conference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Nothing,
    AgentComes,
    Over,
}

impl Conferences {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            parts,
            attended: Mutex::default(),
        }
    }

    /// Takes in who came and who went.
    pub(crate) async fn happened(
        &self,
        name: &ConferenceName,
        agent: AgentComes,
        event: &ConferenceEvent,
    ) {
        match event.happening {
            ConferenceHappening::Joined | ConferenceHappening::Left => {
                self.look(name, &event.conference, agent).await;
            }
            ConferenceHappening::Ended => self.forget(name),
            _ => {}
        }
    }

    /// Somebody who was called is not there any more, or never came.
    pub(crate) async fn gone(
        &self,
        name: &ConferenceName,
        (part, agent): (Part, AgentComes),
        (call, how): (&dial::CallSid, Ended),
    ) {
        let which = IntentRef::Call(call.clone());
        self.parts.dialler.heard(which, Progress::Ended(how));
        if part == Part::Visitor && how != Ended::Completed {
            // It was opened for them.
            return self.end(name).await;
        }
        match self.parts.carrier.open_conferences(name.as_str()).await {
            // The visitor hung up before they were in.
            Ok(open) if open.is_empty() && part == Part::Visitor => self.end(name).await,
            Ok(open) => {
                for conference in open {
                    self.look(name, &conference, agent).await;
                }
            }
            Err(error) => warn!(error = chain(&error), "a conference cannot be looked at"),
        }
    }

    /// Ends a call that a machine has answered.
    pub(crate) async fn end_call(&self, call: &dial::CallSid) {
        if let Err(error) = self.parts.dialler.end(call).await {
            warn!(error = chain(&error), "a call may go on");
        }
    }

    async fn look(&self, name: &ConferenceName, conference: &ConferenceSid, agent: AgentComes) {
        let labels = match self.parts.carrier.labels_in(conference).await {
            Ok(labels) => labels,
            Err(error) => {
                return warn!(error = chain(&error), "a conference cannot be looked at");
            }
        };
        let is_agent = |label: &&Option<String>| label.as_deref() == Some(AGENT);
        let agents = labels.iter().filter(is_agent).count();
        let people = labels.len() - agents;
        // Where the records do not answer, somebody may still come.
        let calls = self.parts.store.live_calls_of(name.as_str()).await;
        let expected = calls.map_or(usize::MAX, |calls| calls.len());
        match next(people, expected, agent) {
            Next::Nothing => {}
            Next::AgentComes if agents > 0 || !self.attend(name) => {}
            Next::AgentComes => self.call_agent(name, people).await,
            Next::Over => self.end(name).await,
        }
    }

    async fn call_agent(&self, name: &ConferenceName, people: usize) {
        let Parts {
            carrier,
            application: Some(application),
            number: Some(number),
            ..
        } = &self.parts
        else {
            return warn!("the agent cannot come: TWILIO_TWIML_APP_SID or the number is not set");
        };
        let application = format!("{application}?conference={name}&people={people}");
        let ends = (number.as_str(), AGENT);
        match carrier.invite(name.as_str(), &application, ends).await {
            Ok(()) => info!("the agent is called into a conference"),
            Err(error) => {
                self.forget(name);
                warn!(error = chain(&error), "the agent does not come");
            }
        }
    }

    /// Ends what is left of a conference, and the calls that still ring for it.
    async fn end(&self, name: &ConferenceName) {
        self.forget(name);
        let calls = self.parts.store.live_calls_of(name.as_str()).await;
        for call in calls.unwrap_or_default() {
            self.end_call(&call).await;
        }
        let carrier = &self.parts.carrier;
        match carrier.open_conferences(name.as_str()).await {
            Ok(open) => {
                for conference in open {
                    if let Err(error) = carrier.end_conference(&conference).await {
                        warn!(error = chain(&error), "a conference may go on");
                    }
                }
            }
            Err(error) => warn!(error = chain(&error), "a conference may go on"),
        }
    }

    /// Remembers that the agent was called; tells whether it was not before.
    fn attend(&self, name: &ConferenceName) -> bool {
        let mut attended = self.attended.lock().unwrap_or_else(PoisonError::into_inner);
        if attended.len() >= REMEMBERED {
            attended.clear();
        }
        attended.insert(name.clone())
    }

    fn forget(&self, name: &ConferenceName) {
        let mut attended = self.attended.lock().unwrap_or_else(PoisonError::into_inner);
        attended.remove(name);
    }
}

/// Decides what follows when so many people are there and so many calls of the conference are under way.
const fn next(people: usize, calls: usize, agent: AgentComes) -> Next {
    match people {
        0 => Next::Over,
        // Nobody else comes: whoever is there is not left alone.
        _ if agent.is_due(people) || calls <= people => Next::AgentComes,
        _ => Next::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_comes_when_two_are_there_or_nobody_else_will() {
        for (people, calls, agent, then) in [
            (1, 2, AgentComes::Second, Next::Nothing),
            (1, 2, AgentComes::First, Next::AgentComes),
            (2, 2, AgentComes::Second, Next::AgentComes),
            (1, 1, AgentComes::Second, Next::AgentComes),
            (0, 1, AgentComes::Second, Next::Over),
            (0, 0, AgentComes::First, Next::Over),
        ] {
            assert_eq!(next(people, calls, agent), then, "{people} of {calls}");
        }
    }
}
