//! An answer that is thought of: tokens to clauses, tools in between.

use std::sync::Arc;

use agent_contract::{Message, ProviderError, Thought, ThoughtRequest, ToolCall, ToolContext};
use agent_turn::Turn;
use futures_util::StreamExt;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{News, Studio, Teller, ToolResult, now, voicing};
use crate::{
    Port,
    speaking::{Clauses, Piece},
};

/// Pieces that wait for the speaker; the thinker waits when it is full.
const PIECES: usize = 64;

/// More calls at once are a thinker that has lost its way.
const MOST_CALLS: usize = 16;

/// What is to be answered.
pub(super) struct Question {
    pub(super) turn: Turn,
    pub(super) request: ThoughtRequest,
    /// Who asked.
    pub(super) person: Option<Arc<str>>,
}

/// Makes an answer; returns the last news.
pub(super) async fn make(
    studio: &Studio,
    question: Question,
    teller: &Teller,
    committed: &CancellationToken,
) -> News {
    let (pieces, texts) = mpsc::channel(PIECES);
    let speaker = &studio.providers.speaker;
    let mut thinking = Thinking {
        studio,
        teller,
        committed,
        turn: question.turn,
        person: question.person,
        clauses: Clauses::new(studio.profile.pieces, studio.takes_words(&**speaker)),
        pieces,
        length: 0,
        said: false,
    };
    let thinking = async move { thinking.think(question.request).await };
    let mut sounded = false;
    let voicing = voicing::voice(studio, speaker, texts, teller, &mut sounded);
    tokio::pin!(thinking, voicing);
    // Without a voice there is no use in thinking on; without a thought, what was thought is said.
    let thought = tokio::select! {
        biased;
        voiced = &mut voicing => match voiced {
            Ok(()) => thinking.await,
            Err(error) => {
                teller.blame(Port::Speaker, &error).await;
                return News::Failed;
            }
        },
        thought = &mut thinking => {
            if let Err(error) = &thought {
                teller.blame(Port::Thinker, error).await;
            }
            if let Err(error) = voicing.await {
                teller.blame(Port::Speaker, &error).await;
                return News::Failed;
            }
            return if thought.is_ok() { News::Finished } else { News::Failed };
        }
    };
    match thought {
        Ok(()) => News::Finished,
        Err(error) => {
            teller.blame(Port::Thinker, &error).await;
            News::Failed
        }
    }
}

struct Thinking<'a> {
    studio: &'a Studio,
    teller: &'a Teller,
    committed: &'a CancellationToken,
    turn: Turn,
    person: Option<Arc<str>>,
    clauses: Clauses,
    pieces: mpsc::Sender<Piece>,
    length: usize,
    said: bool,
}

/// What a thinker said and wants, in one go.
#[derive(Default)]
struct Round {
    text: String,
    calls: Vec<ToolCall>,
}

impl Thinking<'_> {
    async fn think(&mut self, mut request: ThoughtRequest) -> Result<(), ProviderError> {
        for left in (0..=self.studio.profile.limits.tool_rounds).rev() {
            if left == 0 {
                request.tools = Arc::new([]);
            }
            let round = self.think_once(request.clone()).await?;
            if let Some(rest) = self.clauses.finish() {
                self.hand_over(rest).await;
            }
            if round.calls.is_empty() || left == 0 || self.is_too_long() {
                return Ok(());
            }
            let results = self.use_tools(&round.calls).await;
            request.messages.push(Message::Agent {
                text: round.text,
                calls: round.calls,
            });
            request.messages.extend(results);
        }
        Ok(())
    }

    /// Takes in all thoughts of one request.
    async fn think_once(&mut self, request: ThoughtRequest) -> Result<Round, ProviderError> {
        let thinker = &self.studio.providers.thinker;
        let asked = Instant::now();
        let patience = self.studio.patience();
        let stalled = || ProviderError::Stalled {
            provider: thinker.name().clone(),
            waited: patience,
        };
        let mut thoughts = timeout(patience, thinker.think(request))
            .await
            .map_err(|_| stalled())??;
        let mut round = Round::default();
        // The first thought has what is left of the patience.
        let mut until = asked + patience;
        loop {
            let Ok(thought) = timeout_at(until, thoughts.next()).await else {
                return Err(stalled());
            };
            match thought.transpose()? {
                Some(Thought::Text(text)) => self.say(&text, &mut round).await,
                Some(Thought::Call(call)) if round.calls.len() < MOST_CALLS => {
                    round.calls.push(call);
                }
                Some(Thought::Incident(incident)) => self.teller.replaced(&incident).await,
                Some(Thought::Finished(_)) => return Ok(round),
                None if round.text.is_empty() && round.calls.is_empty() => {
                    return Err(ProviderError::Unavailable {
                        provider: thinker.name().clone(),
                        retry_after: None,
                        source: "the answer ended before it began".into(),
                    });
                }
                None => return Ok(round),
                Some(_) => {}
            }
            if self.is_too_long() {
                return Ok(round);
            }
            until = Instant::now() + patience;
        }
    }

    async fn say(&mut self, text: &str, round: &mut Round) {
        if text.is_empty() {
            return;
        }
        if self.length == 0 {
            self.teller.tell(News::Token(now())).await;
        }
        let is_new_round = round.text.is_empty() && self.length > 0;
        if is_new_round && !text.starts_with(char::is_whitespace) {
            self.push(" ").await;
        }
        let room = (self.studio.profile.limits.reply_chars as usize).saturating_sub(self.length);
        let end = text
            .char_indices()
            .nth(room)
            .map_or(text.len(), |(at, _)| at);
        self.length += text[..end].chars().count();
        round.text.push_str(&text[..end]);
        self.push(&text[..end]).await;
    }

    async fn push(&mut self, text: &str) {
        for piece in self.clauses.push(text) {
            self.hand_over(piece).await;
        }
    }

    async fn hand_over(&mut self, piece: Piece) {
        if !self.said && piece.complete {
            self.said = true;
            self.teller.tell(News::Piece(now())).await;
        }
        // A voice that is no more ends the whole reply.
        let _ = self.pieces.send(piece).await;
    }

    /// Calls the tools, once the turn is over, and returns what they answered.
    async fn use_tools(&self, calls: &[ToolCall]) -> Vec<Message> {
        self.committed.cancelled().await;
        self.teller.tell(News::Called(calls.to_vec())).await;
        let mut messages = Vec::with_capacity(calls.len());
        let mut results = Vec::with_capacity(calls.len());
        for call in calls {
            let context = ToolContext {
                call: call.id.clone(),
                session: Arc::clone(&self.studio.session),
                language: self.studio.language.clone(),
                speaker: self.person.clone(),
                turn: self.turn.0,
            };
            let outcome = self.studio.tools.call(call, context).await;
            if let Some(failure) = &outcome.failure {
                tracing::debug!(
                    tool = call.name,
                    kind = failure.kind(),
                    error = failure as &dyn std::error::Error,
                    "a tool gave no answer"
                );
            }
            messages.push(Message::Tool {
                call: call.id.clone(),
                text: outcome.text.clone(),
            });
            results.push(ToolResult {
                call: call.clone(),
                text: outcome.text,
                effect: outcome.effect,
                ok: outcome.failure.is_none(),
                took: outcome.took,
            });
        }
        self.teller.tell(News::Answered(results)).await;
        messages
    }

    fn is_too_long(&self) -> bool {
        self.length >= self.studio.profile.limits.reply_chars as usize
    }
}
