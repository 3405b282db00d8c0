//! The reply that is being said: made, heard, held, stopped.

use agent_contract::Effect;
use agent_turn::{Input, Turn};

use super::Conversation;
use crate::{
    Called, Entry, Event, Port,
    reply::{News, Phase, Reply, ToolResult, Trust, now},
    scribe::Line,
    speaking::Progress,
};

impl Conversation {
    /// Makes a reply the one that is said. There is never another one: turn-taking sees to that.
    pub(super) fn make_current(&mut self, reply: Option<Reply>) {
        let Some(reply) = reply else {
            return;
        };
        self.stop_current();
        reply.commit();
        self.current = Some(reply);
    }

    pub(super) fn handle_news(&mut self, news: News) {
        let Some(reply) = &mut self.current else {
            return;
        };
        let turn = reply.turn;
        match news {
            News::Token(at) => reply.watch.token = Some(at),
            News::Piece(at) => reply.watch.piece = Some(at),
            News::Text(text) => reply.score.add_text(&text),
            News::Sound {
                at,
                samples,
                text_until,
            } => {
                reply.watch.sound.get_or_insert(at);
                reply.take_in(&samples, text_until);
            }
            News::Words(words) => reply.score.add_words(&words),
            News::Called(calls) => {
                reply.watch.tools += u32::try_from(calls.len()).unwrap_or(u32::MAX);
                let calls = calls.into_iter().map(called).collect();
                self.keep(Entry::Calls { calls });
                self.turns.handle(now(), Input::ToolBegan(turn));
            }
            News::Answered(results) => {
                for result in results {
                    self.handle_result(result);
                }
                self.turns.handle(now(), Input::ToolEnded(turn));
            }
            News::Fault(blame) => {
                if blame.port == Port::Speaker {
                    self.distrust_speaker();
                }
                self.handle_fault(blame);
            }
            News::Replaced(blame) => self.handle_fault(blame),
            News::Unspoken(text) => self.scribe.write(Line::Chat(text)),
            News::Finished => reply.finish(),
            News::Failed => {
                reply.failed = true;
                reply.finish();
            }
        }
    }

    pub(super) fn handle_filler_news(&mut self, news: News) {
        let Some(filler) = &mut self.filler else {
            return;
        };
        match news {
            News::Text(text) => filler.score.add_text(&text),
            News::Sound {
                samples,
                text_until,
                ..
            } => filler.take_in(&samples, text_until),
            News::Words(words) => filler.score.add_words(&words),
            News::Finished => filler.finish(),
            News::Failed => self.filler = None,
            News::Fault(blame) | News::Replaced(blame) => self.handle_fault(blame),
            // A filler is not worth a tone or a message.
            News::Token(_)
            | News::Piece(_)
            | News::Called(_)
            | News::Answered(_)
            | News::Unspoken(_) => {}
        }
    }

    /// Returns the reply whose sound goes out at present.
    pub(super) fn audible(&self) -> Option<&Reply> {
        let reply = self.filler.as_ref().or(self.current.as_ref())?;
        (!reply.is_held()).then_some(reply)
    }

    /// Hands over the sound that it is time for.
    pub(super) async fn speak(&mut self) {
        self.drop_idle_filler();
        if let Some(filler) = &mut self.filler {
            match self.mouth.go_on(now(), &mut filler.sound).await {
                Ok(Progress::Speaking) => return,
                Ok(Progress::Done) | Err(_) => self.filler = None,
            }
        }
        let Some(reply) = self.current.as_mut().filter(|reply| !reply.is_held()) else {
            return;
        };
        let progress = self.mouth.go_on(now(), &mut reply.sound).await;
        if reply.phase == Phase::Waiting && reply.sound.sent() > 0 {
            reply.phase = Phase::Speaking;
            reply.watch.out = Some(now());
            self.begin();
        }
        self.write_down();
        // A track that is gone is told by the room; nobody can hear the rest.
        if !matches!(progress, Ok(Progress::Speaking)) {
            self.end_current();
        }
    }

    pub(super) fn hold(&mut self, turn: Turn) {
        if self.filler.take().is_some() {
            self.voice.clear();
        }
        let Some(reply) = self.current.as_mut().filter(|reply| reply.turn == turn) else {
            return;
        };
        if reply.is_held() {
            return;
        }
        let begun = reply.has_begun();
        let heard = self.mouth.hold(&reply.sound, self.people.delay());
        reply.phase = Phase::Held { heard, begun };
        self.hush_telephones();
        self.write_down();
    }

    pub(super) fn resume(&mut self, turn: Turn) {
        let Some(reply) = self.current.as_mut().filter(|reply| reply.turn == turn) else {
            return;
        };
        if let Phase::Held { heard, begun } = reply.phase {
            let from = reply.score.word_start(heard);
            reply.sound.go_back_to(from);
            reply.phase = if begun {
                Phase::Speaking
            } else {
                Phase::Waiting
            };
        }
    }

    /// Drops what is being said; what was heard of it is kept.
    pub(super) fn stop_current(&mut self) {
        if self.filler.take().is_some() {
            self.voice.clear();
        }
        let Some(reply) = self.current.take() else {
            return;
        };
        let heard = match reply.phase {
            Phase::Waiting => return,
            Phase::Held { heard, .. } => heard,
            Phase::Speaking => {
                self.hush_telephones();
                self.mouth.hold(&reply.sound, self.people.delay())
            }
        };
        let text = reply.score.heard(heard).trim().to_owned();
        let interrupted =
            text.len() < reply.score.text().trim().len() || !reply.sound.is_finished();
        self.conclude(&reply, text, interrupted);
    }

    /// The reply was heard to its end, or there is no more of it.
    fn end_current(&mut self) {
        let Some(reply) = self.current.take() else {
            return;
        };
        let text = reply.score.text().trim().to_owned();
        self.conclude(&reply, text, false);
        let input = if reply.failed {
            Input::ReplyFailed(reply.turn)
        } else {
            if reply
                .watch
                .blame
                .iter()
                .all(|blame| blame.port != Port::Speaker)
            {
                self.trust = Trust::Speaker;
            }
            Input::ReplyEnded(reply.turn)
        };
        self.turns.handle(now(), input);
    }

    fn conclude(&mut self, reply: &Reply, text: String, interrupted: bool) {
        self.show_words(reply, &text);
        self.scribe.write(Line::AgentEnded);
        if text.is_empty() {
            return;
        }
        self.handle.tell(Event::Transcript {
            segment: segment(reply.turn),
            identity: self.room.identity().to_string(),
            text: text.clone(),
            last: true,
        });
        self.keep(Entry::Agent { text, interrupted });
    }

    /// The first sound of the reply goes out.
    fn begin(&mut self) {
        let Some(reply) = &self.current else {
            return;
        };
        let turn = reply.turn;
        let report = reply.watch.report(turn.0);
        self.turns.handle(now(), Input::ReplyBegan(turn));
        if let Some(report) = report {
            tracing::info!(
                turn = report.turn,
                total_ms = report.total_ms,
                endpointing_ms = report.endpointing_ms,
                transcription_ms = report.transcription_ms,
                first_token_ms = report.first_token_ms,
                first_speech_ms = report.first_speech_ms,
                transport_ms = report.transport_ms,
                rest_ms = report.rest_ms,
                "a turn is answered"
            );
            self.handle.tell(Event::Turn {
                report: report.clone(),
            });
            self.keep(Entry::Turn { report });
        }
    }

    /// Shows the words that were heard.
    fn write_down(&mut self) {
        let Some(mut reply) = self.current.take() else {
            return;
        };
        let heard = match reply.phase {
            Phase::Held { heard, .. } => heard,
            Phase::Waiting | Phase::Speaking => self.mouth.heard(&reply.sound),
        };
        let text = reply.score.heard(heard);
        if text.len() > reply.shown {
            let shown = text.len();
            self.show_words(&reply, &reply.score.text()[..shown]);
            self.handle.tell(Event::Transcript {
                segment: segment(reply.turn),
                identity: self.room.identity().to_string(),
                text: text.trim().to_owned(),
                last: false,
            });
            reply.shown = shown;
        }
        self.current = Some(reply);
    }

    fn show_words(&self, reply: &Reply, heard: &str) {
        if let Some(text) = heard.get(reply.shown..).filter(|text| !text.is_empty()) {
            self.scribe.write(Line::Agent {
                segment: segment(reply.turn),
                track: self.voice.id().to_string(),
                text: text.to_owned(),
            });
        }
    }

    /// A filler that would begin when the reply is there already is not said.
    fn drop_idle_filler(&mut self) {
        let is_there = self
            .current
            .as_ref()
            .is_none_or(|reply| reply.sound.waiting() > 0 || reply.sound.is_finished());
        if is_there
            && self
                .filler
                .as_ref()
                .is_some_and(|filler| filler.sound.sent() == 0)
        {
            self.filler = None;
        }
    }

    fn handle_result(&mut self, result: ToolResult) {
        match result.effect {
            Some(Effect::EndCall) => self.turns.handle(now(), Input::EndAsked),
            Some(Effect::SendMessage(text)) => self.scribe.write(Line::Chat(text)),
            Some(_) | None => {}
        }
        self.handle.tell(Event::Tool {
            name: result.call.name.clone(),
            ok: result.ok,
            took_ms: u64::try_from(result.took.as_millis()).unwrap_or(u64::MAX),
        });
        self.keep(Entry::Tool {
            id: result.call.id.0,
            name: result.call.name,
            text: result.text,
            ok: result.ok,
        });
    }
}

impl Reply {
    fn take_in(&mut self, samples: &[i16], text_until: Option<usize>) {
        self.sound.add(samples);
        if let Some(characters) = text_until {
            self.score.add_mark(self.sound.received(), characters);
        }
    }

    fn finish(&mut self) {
        self.sound.finish();
        self.score.finish(self.sound.received());
    }
}

fn called(call: agent_contract::ToolCall) -> Called {
    Called {
        id: call.id.0,
        name: call.name,
        arguments: call.arguments,
    }
}

fn segment(turn: Turn) -> String {
    format!("SG_agent_{}", turn.0)
}
