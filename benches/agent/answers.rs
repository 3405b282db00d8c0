//! From the caller's last voiced block to the agent's first sound, and where the time goes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::time::sleep;

use crate::{
    backstage::{Backstage, Delays, Tale},
    caller::{Caller, Line},
    figures::Times,
    stage::Stage,
    troupe::Role,
};

/// What the agent answers: nine tokens, as many as the peers' stub says; the first clause has five.
pub(crate) const REPLY: &str = "We open at nine today, and close at six.";
/// A question.
pub(crate) const QUESTION: Duration = Duration::from_millis(1_200);
/// The agent has said all it has to say.
pub(crate) const SILENCE: Duration = Duration::from_millis(400);
/// The shortest pause between two turns.
const BREATH: u64 = 300;

/// What was measured at one session.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// From the last voiced block to the first sound.
    pub(crate) whole: Times,
    /// From joining to the greeting's first sound.
    pub(crate) greetings: Times,
    /// From having joined to the greeting's first sound.
    pub(crate) greetings_inside: Times,
    pub(crate) parts: Parts,
    /// Turns that cannot be told from what the providers wrote down.
    pub(crate) unclear: usize,
}

/// Where the time of the answers goes; the providers' delays are left out.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) to_transcriber: Times,
    pub(crate) to_thinker: Times,
    pub(crate) writing: Times,
    pub(crate) to_speaker: Times,
    pub(crate) to_ear: Times,
    /// All but these and the writing, to see that the parts add up.
    pub(crate) providers: Times,
}

impl Answers {
    /// Has so many callers ask so often, one after the other.
    pub(crate) async fn measure(
        stage: &mut Stage,
        delays: Delays,
        callers: usize,
        times: usize,
    ) -> Result<Self> {
        let mut answers = Self::default();
        // The first caller warms up what the others find warm: the server, the agents' process, the providers' sockets.
        for caller in 0..=callers {
            let backstage = Backstage::open(delays, REPLY).await?;
            let agents = stage.enter(1, Role::Talk(backstage.addresses())).await?;
            let rooms = stage.address().rooms()?;
            let joining = Instant::now();
            let joined = Caller::join(&rooms, &agents.rooms[0]).await?;
            let inside = Instant::now();
            let mut line = joined.find_the_agent().await?;
            let greeted = line.ear.hear_voice(joining).await?;
            if caller > 0 {
                answers.greetings.add(greeted - joining);
                answers.greetings_inside.add_between(inside, greeted);
                answers.ask(&mut line, &backstage, times).await?;
            }
            line.leave().await;
            agents.leave().await?;
        }
        Ok(answers)
    }

    async fn ask(&mut self, line: &mut Line, backstage: &Backstage, times: usize) -> Result<()> {
        for _ in 0..times {
            let (ended, heard) = ask_once(line).await?;
            match backstage.tale(ended, heard) {
                Some(tale) => {
                    self.whole.add_between(ended, heard);
                    self.parts.add(&tale, ended, heard);
                }
                None => self.unclear += 1,
            }
        }
        Ok(())
    }
}

impl Parts {
    fn add(&mut self, tale: &Tale, ended: Instant, heard: Instant) {
        self.to_transcriber.add_between(ended, tale.voice);
        self.to_thinker.add_between(tale.words, tale.asked);
        self.writing.add_between(tale.token, tale.piece);
        self.to_speaker.add_between(tale.piece, tale.text);
        self.to_ear.add_between(tale.sound, heard);
        let listened = tale.words - tale.voice;
        let thought = tale.token - tale.asked;
        let spoken = tale.sound - tale.text;
        self.providers.add(listened + thought + spoken);
    }
}

/// Waits for a silence and asks; returns when the last voiced block was handed over and when the answer began.
pub(crate) async fn ask_once(line: &mut Line) -> Result<(Instant, Instant)> {
    line.ear.hear_silence(SILENCE).await?;
    // A question begins now in this, now in that place of a packet.
    sleep(Duration::from_millis(BREATH + fastrand::u64(0..100))).await;
    let ended = line.speak(QUESTION).await?;
    let heard = line
        .ear
        .hear_voice(ended)
        .await
        .context("a question without an answer")?;
    Ok((ended, heard))
}
