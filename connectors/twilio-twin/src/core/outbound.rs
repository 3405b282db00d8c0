//! A call that the application places: it rings at a persona, who may answer.

use std::time::Duration;

use super::{
    Detection, Facts, Machine, Method, Rules,
    detection::Verdict,
    machine::{Doing, Pending},
    performance::Performance,
    program::Program,
};
use crate::{
    CallStatus, Persona, Reason, What, conference::Guest, persona::beep, sid::Sids, twiml::Element,
};

/// From the request to the first ringing tone: what the network takes.
const SETUP: Duration = Duration::from_millis(200);

/// How long the greeting of a person takes who was put through by an assistant, after the assistant's silence.
const SAMPLES_PER_MILLISECOND: usize = 8;

/// What the application wants done when somebody answers.
#[derive(Clone, Debug)]
pub(crate) enum First {
    Fetch {
        url: String,
        method: Method,
        fallback: Option<String>,
    },
    Document(String),
    /// Meets somebody without any document.
    Meet(Guest),
}

/// How the application wants to call.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) first: First,
    /// How long it may ring.
    pub(crate) timeout: Duration,
    pub(crate) detection: Option<Detection>,
    /// Keys that are pressed after the answer.
    pub(crate) digits: Option<String>,
    pub(crate) time_limit: Option<Duration>,
    /// Whom the person meets when the document is over.
    pub(crate) meets: Option<Guest>,
}

impl Plan {
    /// Says which call it is that the guests of the order come by.
    pub(crate) fn set_call(&mut self, call_sid: &str) {
        if let First::Meet(guest) = &mut self.first {
            guest.call_sid = call_sid.to_owned();
        }
        if let Some(guest) = &mut self.meets {
            guest.call_sid = call_sid.to_owned();
        }
    }
}

/// How far a call that nobody has answered yet is.
#[derive(Debug)]
pub(super) struct Ringing {
    order: Plan,
    persona: Persona,
    /// When the phone rings.
    rings_at: Duration,
    /// When it is answered or refused, or the caller gives up.
    decided_at: Duration,
    outcome: Option<Reason>,
    rings: bool,
}

impl Machine {
    /// Returns a call that is to ring at a persona.
    pub(crate) fn outbound(
        facts: Facts,
        (rules, sids): (Rules, Sids),
        order: Plan,
        persona: Persona,
        now: Duration,
    ) -> Self {
        let mut machine = Self::new(facts, rules, sids);
        machine.out.log(What::Status(CallStatus::Queued));
        machine.tell(now, "initiated", "initiated", Duration::ZERO);
        let rings_at = now + SETUP;
        let gives_up = rings_at + order.timeout;
        let (decided_at, outcome) = match &persona {
            Persona::Human { after, .. }
            | Persona::Voicemail { after, .. }
            | Persona::Screening { after, .. } => (rings_at + *after, None),
            Persona::Rejects { after } => (rings_at + *after, Some(Reason::Busy)),
            Persona::Busy => (rings_at, Some(Reason::Busy)),
            Persona::NoAnswer => (gives_up, Some(Reason::NoAnswer)),
            _ => (rings_at, Some(Reason::Failed)),
        };
        let (decided_at, outcome) = if decided_at > gives_up {
            (gives_up, Some(Reason::NoAnswer))
        } else {
            (decided_at, outcome)
        };
        machine.time_limit = order.time_limit.unwrap_or(machine.time_limit);
        machine.meets.clone_from(&order.meets);
        machine.doing = Doing::Ringing(Box::new(Ringing {
            order,
            persona,
            rings_at,
            decided_at,
            outcome,
            rings: false,
        }));
        machine
    }

    /// Lets an outbound call ring, be answered, or fail.
    pub(super) fn ring(&mut self, now: Duration) {
        let Doing::Ringing(ringing) = &mut self.doing else {
            return;
        };
        let fails_silently = matches!(ringing.outcome, Some(Reason::Busy | Reason::Failed))
            && ringing.decided_at <= ringing.rings_at;
        if now >= ringing.rings_at && !ringing.rings && !fails_silently {
            ringing.rings = true;
            self.set_status(CallStatus::Ringing);
            return self.tell(now, "ringing", "ringing", Duration::ZERO);
        }
        if now < ringing.decided_at {
            return;
        }
        if let Some(reason) = ringing.outcome {
            return self.end(now, reason);
        }
        if let Doing::Ringing(ringing) = std::mem::replace(&mut self.doing, Doing::Nothing) {
            self.pick_up(now, *ringing);
        }
    }

    fn pick_up(&mut self, now: Duration, ringing: Ringing) {
        let Ringing { order, persona, .. } = ringing;
        self.answer(now);
        self.tell(now, "answered", "in-progress", Duration::ZERO);
        self.greet(now, &persona);
        let Some(detection) = order.detection.filter(|_| order.digits.is_none()) else {
            return self.begin(now, order.first, order.digits, Vec::new());
        };
        let verdict = detection.verdict(&persona);
        let at = now + verdict.after;
        if detection.is_async {
            self.verdict = Some(Pending {
                at,
                verdict,
                callback: detection.callback,
            });
            return self.begin(now, order.first, None, Vec::new());
        }
        self.doing = Doing::Detecting {
            at,
            verdict,
            first: order.first,
        };
    }

    /// Lets the persona speak.
    fn greet(&mut self, now: Duration, persona: &Persona) {
        match persona {
            Persona::Human { greeting, .. } => self.mouth.say(greeting),
            Persona::Voicemail {
                greeting,
                beep: beeps,
                longest,
                ..
            } => {
                self.mouth.say(greeting);
                if *beeps {
                    self.mouth.say(&beep());
                }
                self.leaves_at = Some(now + super::detection::length(greeting) + *longest);
            }
            Persona::Screening {
                prompt,
                greeting,
                wait,
                ..
            } => {
                self.mouth.say(prompt);
                let wait_samples = wait.as_millis() as usize * SAMPLES_PER_MILLISECOND;
                self.mouth.say(&vec![0; wait_samples]);
                match greeting {
                    Some(greeting) => self.mouth.say(greeting),
                    None => self.leaves_at = Some(now + super::detection::length(prompt) + *wait),
                }
            }
            _ => {}
        }
    }

    /// Runs what the application wants done, once it is known who answered where it waits for that.
    fn begin(
        &mut self,
        now: Duration,
        first: First,
        digits: Option<String>,
        more: Vec<(String, String)>,
    ) {
        if let Some(digits) = digits {
            let mut verb = Element::verb("Play", "");
            verb.set("digits", &digits);
            let keys = std::slice::from_ref(&verb);
            let performance = Performance::of(keys, self.rules.voice.as_ref(), &str::to_owned);
            self.doing = Doing::Dialling { performance, first };
            return;
        }
        match first {
            First::Fetch {
                url,
                method,
                fallback,
            } => {
                self.set_fallback(fallback);
                self.fetch(url, method, more);
            }
            First::Meet(guest) => self.meet(guest, None),
            First::Document(document) => match Program::of_document(&document) {
                Ok(program) => {
                    self.program = program;
                    self.advance(now);
                }
                Err(refusal) => {
                    self.out.warn(refusal.code, &refusal.text);
                    self.apologize(now);
                }
            },
        }
    }

    /// Goes on after the keys that the application wanted pressed.
    pub(super) fn begin_after_keys(&mut self, now: Duration) {
        if let Doing::Dialling { first, .. } = std::mem::replace(&mut self.doing, Doing::Nothing) {
            self.begin(now, first, None, Vec::new());
        }
    }

    /// Tells who answered once that is known, and lets machines hang up.
    pub(super) fn judge(&mut self, now: Duration) {
        if self.leaves_at.is_some_and(|at| now >= at) {
            return self.end(now, Reason::Person);
        }
        if let Some(pending) = self.verdict.take_if(|pending| now >= pending.at) {
            self.tell_verdict(pending.verdict, pending.callback);
        }
        if let Doing::Detecting { at, verdict, .. } = &self.doing
            && now >= *at
        {
            let verdict = *verdict;
            self.found(verdict);
            if let Doing::Detecting { first, .. } =
                std::mem::replace(&mut self.doing, Doing::Nothing)
            {
                self.begin(now, first, None, parameters(verdict));
            }
        }
    }

    fn found(&mut self, verdict: Verdict) {
        self.facts.answered_by = Some(verdict.answered_by);
        self.out
            .log(What::AnsweredBy(verdict.answered_by.to_owned()));
    }

    fn tell_verdict(&mut self, verdict: Verdict, callback: Option<(String, Method)>) {
        self.found(verdict);
        let Some((url, method)) = callback else {
            return;
        };
        let mut told = vec![
            ("CallSid".to_owned(), self.facts.call_sid.clone()),
            ("AccountSid".to_owned(), self.facts.account_sid.clone()),
        ];
        told.extend(parameters(verdict));
        self.notify(0, "amd", (url, method), told);
    }
}

fn parameters(verdict: Verdict) -> Vec<(String, String)> {
    vec![
        ("AnsweredBy".to_owned(), verdict.answered_by.to_owned()),
        (
            "MachineDetectionDuration".to_owned(),
            verdict.after.as_millis().to_string(),
        ),
    ]
}
