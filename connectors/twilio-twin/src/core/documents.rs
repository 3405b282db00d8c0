//! Documents and recordings that a call asks for, and what comes of them.

use std::time::Duration;

use super::{
    Action, Answer, Failure, Fetch, Machine, Method,
    machine::Doing,
    program::{Program, Refusal},
};
use crate::{Reason, What, twiml::Element};

/// What a person hears when the application does not work.
const APOLOGY: &str = "We are sorry, an application error has occurred. Goodbye.";

impl Machine {
    pub(super) fn handle_answer(
        &mut self,
        now: Duration,
        fetch: u64,
        result: Result<Answer, Failure>,
    ) {
        let Doing::Fetching {
            fetch: awaited,
            url,
            method,
        } = &self.doing
        else {
            return;
        };
        if *awaited != fetch {
            return;
        }
        let (url, method) = (url.clone(), *method);
        let program = match result {
            Ok(answer) => {
                let program = Program::of_answer(&url, &answer);
                self.out.log(What::WebhookAnswered {
                    url: url.clone(),
                    status: answer.status,
                    took: answer.took,
                    body: answer.body,
                });
                program
            }
            Err(Failure { code, text, took }) => {
                let url = url.clone();
                self.out.log(What::WebhookFailed { url, code, took });
                Err(Refusal { code, text })
            }
        };
        match program {
            Ok(program) => {
                self.program = program;
                self.advance(now);
            }
            Err(refusal) => self.handle_refusal(now, &refusal, &url, method),
        }
    }

    pub(super) fn handle_refusal(
        &mut self,
        now: Duration,
        refusal: &Refusal,
        url: &str,
        _method: Method,
    ) {
        self.out.warn(refusal.code, &refusal.text);
        if let Some((fallback, method)) = self.fallback.take() {
            let parameters = vec![
                ("ErrorCode".to_owned(), refusal.code.to_string()),
                ("ErrorUrl".to_owned(), url.to_owned()),
            ];
            return self.fetch(fallback, method, parameters);
        }
        self.apologize(now);
    }

    /// Says that something is wrong, and hangs up.
    pub(super) fn apologize(&mut self, now: Duration) {
        self.last_words = Reason::ApplicationError;
        self.program.replace(vec![Element::verb("Say", APOLOGY)]);
        self.advance(now);
    }

    pub(super) fn handle_sound(&mut self, fetch: u64, result: Result<Vec<u8>, Failure>) {
        let sound = match result {
            Ok(sound) => Some(sound),
            Err(failure) => {
                self.out.warn(failure.code, &failure.text);
                None
            }
        };
        match &mut self.doing {
            Doing::Playing {
                performance,
                fetch: awaited,
            } if *awaited == fetch => {
                performance.handle_sound(sound);
            }
            Doing::Gathering {
                gathering,
                fetch: awaited,
            } if *awaited == fetch => {
                gathering.prompts.handle_sound(sound);
            }
            _ => {}
        }
    }

    /// Asks for a document, and waits for it.
    pub(super) fn fetch(&mut self, url: String, method: Method, more: Vec<(String, String)>) {
        let fetch = self.next_id();
        let mut parameters = self.facts.parameters(self.status);
        parameters.extend(more);
        self.out.log(What::WebhookSent {
            url: url.clone(),
            parameters: parameters.clone(),
        });
        self.doing = Doing::Fetching {
            fetch,
            url: url.clone(),
            method,
        };
        self.out.push(Action::Fetch(Fetch {
            fetch,
            url,
            method,
            parameters,
        }));
    }
}
