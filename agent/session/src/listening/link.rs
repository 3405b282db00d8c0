//! One person's transcriber: connected, kept connected, told about.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use agent_contract::{
    Heard, INPUT_QUEUE, ListenOptions, Listening, ProviderError, Transcriber, TranscriptionInput,
};
use room_contract::Identity;
use room_media::SampleRate;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{Blame, Port};

/// A transcriber is connected within this time, or another attempt is made.
const PATIENCE: Duration = Duration::from_secs(5);

/// After a failure it is tried again after so long, then after twice that, and so on,
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// but at least so often.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Pieces that are kept while there is no transcriber: five seconds; past it the oldest are dropped.
const KEPT: usize = 250;

/// What a link tells.
#[derive(Debug)]
pub(crate) enum Told {
    /// The transcriber heard something.
    Heard(Heard),
    /// It did not deliver.
    Fault(Blame),
}

/// The way to one person's transcriber. Dropping it ends the transcription.
pub(super) struct Link {
    pub(super) rate: SampleRate,
    /// When it is full the link itself hangs, and the newest piece is lost.
    pieces: mpsc::Sender<TranscriptionInput>,
    _task: AbortOnDropHandle<()>,
}

impl Link {
    pub(super) fn open(
        transcriber: Arc<dyn Transcriber>,
        options: ListenOptions,
        who: Identity,
        teller: mpsc::Sender<(Identity, Told)>,
    ) -> Self {
        let rate = transcriber.capabilities().sample_rate;
        let (sender, pieces) = mpsc::channel(INPUT_QUEUE);
        let linking = Linking {
            transcriber,
            options,
            who,
            teller,
            pieces,
            kept: VecDeque::new(),
        };
        Self {
            rate,
            pieces: sender,
            _task: AbortOnDropHandle::new(tokio::spawn(linking.run())),
        }
    }

    /// Returns one that leads nowhere but out again.
    #[cfg(test)]
    pub(super) fn open_ended(rate: SampleRate) -> (Self, mpsc::Receiver<TranscriptionInput>) {
        let (sender, pieces) = mpsc::channel(INPUT_QUEUE);
        let link = Self {
            rate,
            pieces: sender,
            _task: AbortOnDropHandle::new(tokio::spawn(std::future::pending())),
        };
        (link, pieces)
    }

    pub(super) fn hear(&self, piece: Arc<[i16]>) {
        if self
            .pieces
            .try_send(TranscriptionInput::Audio(piece))
            .is_err()
        {
            tracing::trace!("a piece of sound is lost: the transcriber's link hangs");
        }
    }

    pub(super) fn finalize(&self) {
        if self.pieces.try_send(TranscriptionInput::Finalize).is_err() {
            tracing::debug!("the transcriber cannot be asked: its link hangs");
        }
    }
}

struct Linking {
    transcriber: Arc<dyn Transcriber>,
    options: ListenOptions,
    who: Identity,
    teller: mpsc::Sender<(Identity, Told)>,
    pieces: mpsc::Receiver<TranscriptionInput>,
    /// What a transcriber has not been given yet.
    kept: VecDeque<TranscriptionInput>,
}

/// The person is not listened to any more.
struct Over;

impl Linking {
    async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.connect().await {
                Ok(Ok(mut listening)) => match self.pump(&mut listening).await {
                    Ok((error, useful)) => {
                        if useful {
                            pause = FIRST_PAUSE;
                        }
                        self.blame(&error).await;
                    }
                    Err(Over) => return,
                },
                Ok(Err(error)) => self.blame(&error).await,
                Err(Over) => return,
            }
            if self.wait(pause).await.is_err() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&mut self) -> Result<Result<Listening, ProviderError>, Over> {
        let transcriber = Arc::clone(&self.transcriber);
        let connecting = timeout(PATIENCE, transcriber.listen(self.options.clone()));
        tokio::pin!(connecting);
        loop {
            tokio::select! {
                connected = &mut connecting => {
                    return Ok(connected.unwrap_or_else(|_| Err(ProviderError::Stalled {
                        provider: transcriber.name().clone(),
                        waited: PATIENCE,
                    })));
                }
                piece = self.pieces.recv() => self.keep(piece.ok_or(Over)?),
            }
        }
    }

    /// Hands over sound and takes in words until the transcriber fails; tells whether it was of use.
    async fn pump(&mut self, listening: &mut Listening) -> Result<(ProviderError, bool), Over> {
        let mut useful = false;
        loop {
            while let Ok(place) = listening.input.try_reserve()
                && let Some(piece) = self.kept.pop_front()
            {
                place.send(piece);
            }
            tokio::select! {
                biased;
                heard = listening.heard.recv() => match heard {
                    Some(Ok(Heard::Incident(incident))) => {
                        if let Some(blame) = Blame::of_replaced(&incident) {
                            self.tell(Told::Fault(blame)).await?;
                        }
                    }
                    Some(Ok(heard)) => {
                        useful = true;
                        self.tell(Told::Heard(heard)).await?;
                    }
                    Some(Err(error)) => return Ok((error, useful)),
                    None => return Ok((self.cut_off(), useful)),
                },
                piece = self.pieces.recv() => {
                    let piece = piece.ok_or(Over)?;
                    match listening.input.try_send(piece) {
                        Ok(()) => {}
                        Err(mpsc::error::TrySendError::Full(_)) => {
                            let waited = Duration::from_millis(20) * u32::try_from(INPUT_QUEUE).unwrap_or(u32::MAX);
                            let provider = self.transcriber.name().clone();
                            return Ok((ProviderError::Stalled { provider, waited }, useful));
                        }
                        // Its last words say why.
                        Err(mpsc::error::TrySendError::Closed(piece)) => self.keep(piece),
                    }
                }
            }
        }
    }

    /// Waits before the next attempt.
    async fn wait(&mut self, pause: Duration) -> Result<(), Over> {
        let until = Instant::now() + pause;
        loop {
            tokio::select! {
                () = sleep_until(until) => return Ok(()),
                piece = self.pieces.recv() => self.keep(piece.ok_or(Over)?),
            }
        }
    }

    fn keep(&mut self, piece: TranscriptionInput) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(piece);
    }

    fn cut_off(&self) -> ProviderError {
        ProviderError::Unavailable {
            provider: self.transcriber.name().clone(),
            retry_after: None,
            source: "it ended by itself".into(),
        }
    }

    async fn blame(&self, error: &ProviderError) {
        tracing::warn!(
            provider = %error.provider(),
            kind = error.kind(),
            error = error as &dyn std::error::Error,
            "a transcriber did not deliver"
        );
        let fault = Told::Fault(Blame::of(Port::Transcriber, error));
        // Nobody takes it when the person is not listened to any more; then this task is about to end.
        let _ = self.tell(fault).await;
    }

    async fn tell(&self, told: Told) -> Result<(), Over> {
        self.teller
            .send((self.who.clone(), told))
            .await
            .map_err(|_| Over)
    }
}
