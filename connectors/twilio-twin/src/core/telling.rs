//! Status callbacks: who is told of a call's progress.

use std::time::Duration;

use super::{Action, Fetch, Machine, Method};

impl Machine {
    /// Tells whoever wants to know how far the call is.
    pub(super) fn tell(&mut self, now: Duration, event: &str, status: &str, talked: Duration) {
        let Some(callback) = self.facts.callback.clone() else {
            return;
        };
        if !callback.events.iter().any(|wanted| wanted == event) {
            return;
        }
        let mut parameters = self.facts.identity();
        parameters.extend([
            ("CallStatus".to_owned(), status.to_owned()),
            ("Timestamp".to_owned(), self.facts.date(now)),
            (
                "CallbackSource".to_owned(),
                "call-progress-events".to_owned(),
            ),
            ("SequenceNumber".to_owned(), self.sequence.to_string()),
        ]);
        if let Some(answered_by) = self.facts.answered_by {
            parameters.push(("AnsweredBy".to_owned(), answered_by.to_owned()));
        }
        if event == "completed" {
            let seconds = talked.as_secs_f64().ceil() as u64;
            parameters.push(("CallDuration".to_owned(), seconds.to_string()));
            parameters.push(("Duration".to_owned(), seconds.div_ceil(60).to_string()));
        }
        let sequence = self.sequence;
        self.sequence += 1;
        self.notify(
            sequence,
            status,
            (callback.url, callback.method),
            parameters,
        );
    }

    pub(super) fn notify(
        &mut self,
        sequence: u32,
        status: &str,
        (url, method): (String, Method),
        parameters: Vec<(String, String)>,
    ) {
        self.out.push(Action::Tell {
            sequence,
            status: status.to_owned(),
            callback: Fetch {
                fetch: 0,
                url,
                method,
                parameters,
            },
        });
    }
}
