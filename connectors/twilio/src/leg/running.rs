//! The loop that owns a leg.

use std::pin::Pin;

use room_contract::{AudioFrame, ParticipantKind, RoomEvent, telephone::HUSH};
use room_media::ulaw;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use super::{
    AfterStop, FORMAT, Leg, LegEnd, LegEvent, Opened, WireLost,
    handle::{Command, tell},
    line::{self, Line, News},
    others::Kind,
    playout::{Echo, Late},
};
use crate::{
    media::{FRAME, Incoming},
    webhook::is_key,
};

enum Step {
    Stop,
    Command(Option<Command>),
    Room(Option<RoomEvent>),
    Line(News),
    Sound((usize, AudioFrame)),
    Time,
}

impl Leg {
    /// Carries sound both ways until the call, the room or the owner's patience ends, or `stop` is cancelled. Leaves
    /// the room and closes the socket.
    pub async fn run(mut self, stop: CancellationToken) -> LegEnd {
        let timer = sleep_until(Instant::now());
        let stopped = stop.cancelled();
        tokio::pin!(timer, stopped);
        let end = loop {
            let step = self.next(stopped.as_mut(), timer.as_mut()).await;
            if let Some(end) = self.handle(step).await {
                break end;
            }
        };
        if let Some(line) = self.line.take() {
            line.close().await;
        }
        self.room.leave().await;
        end
    }

    async fn next(
        &mut self,
        stopped: Pin<&mut WaitForCancellationFuture<'_>>,
        mut timer: Pin<&mut Sleep>,
    ) -> Step {
        let deadline = self.deadline();
        // Waking once for a deadline that has moved away costs less than moving the timer each time.
        if let Some(deadline) = deadline
            && (deadline < timer.deadline() || timer.is_elapsed())
        {
            timer.as_mut().reset(deadline);
        }
        let asleep = Instant::now();
        let orphaned = self.commands.is_closed() && self.commands.is_empty();
        let step = tokio::select! {
            biased; // what ends it comes first, then news, then sound, then time
            () = stopped => Step::Stop,
            command = self.commands.recv(), if !orphaned => Step::Command(command),
            event = self.events.next() => Step::Room(event),
            news = line::next(&mut self.line) => Step::Line(news),
            sound = self.others.next() => Step::Sound(sound),
            () = timer.as_mut(), if deadline.is_some() => Step::Time,
        };
        let awake = Instant::now();
        if deadline.is_some() {
            let late = awake.saturating_duration_since(timer.deadline().max(asleep));
            self.options.lateness.note(awake, late);
        }
        step
    }

    async fn handle(&mut self, step: Step) -> Option<LegEnd> {
        match step {
            Step::Stop => return Some(LegEnd::Stopped),
            Step::Command(Some(command)) => self.handle_command(command).await,
            Step::Command(None) => {}
            Step::Room(Some(RoomEvent::Ended(why))) => return Some(LegEnd::Room(why)),
            Step::Room(None) => return Some(LegEnd::Room(room_contract::Ended::ConnectionLost)),
            Step::Room(Some(event)) => self.handle_event(event).await,
            Step::Line(news) => return self.handle_news(news),
            // What nobody can hear is not kept for later.
            Step::Sound(_) if self.line.is_none() => {}
            Step::Sound(sound) => {
                let first = self.others.handle_sound(Instant::now(), sound);
                self.pace.begin(first);
            }
            Step::Time => return self.handle_timeout(Instant::now()).await,
        }
        None
    }

    fn deadline(&self) -> Option<Instant> {
        let deadlines = [
            self.caller.deadline(),
            self.pace.deadline(),
            self.alone_until,
            self.hanging_up,
            self.keys.deadline(),
            self.line.as_ref().map(Line::deadline),
        ];
        deadlines.into_iter().flatten().min()
    }

    async fn handle_command(&mut self, command: Command) {
        match command {
            Command::Attach(opened) => self.attach(opened).await,
            Command::Mute(to) => self.caller.track().mute(to),
            Command::Show(changed, shown) => self.outbox.show(changed, shown),
            Command::HangUp(patience) => {
                let until = Instant::now() + patience;
                self.hanging_up = Some(self.hanging_up.map_or(until, |other| other.min(until)));
                // Even if nothing is being said, the loop has to look.
                self.pace.begin(Instant::now());
            }
        }
    }

    async fn attach(&mut self, opened: Opened) {
        let start = Box::new(opened.start.clone());
        tracing::info!(call.id = %start.call, stream.id = %start.stream, again = self.has_had_a_line, "a media stream begins");
        if let Some(old) = self.line.replace(Line::new(opened)) {
            old.close().await;
        }
        self.playout.handle_lost(Instant::now());
        self.caller.stop();
        self.alone_until = None;
        let again = std::mem::replace(&mut self.has_had_a_line, true);
        tell(&self.owner, LegEvent::Started { start, again });
    }

    fn lose_line(&mut self) {
        self.line = None;
        self.pace.stop();
        self.caller.stop();
        self.playout.handle_lost(Instant::now());
        self.alone_until = Some(Instant::now() + self.options.patience);
    }

    async fn handle_event(&mut self, event: RoomEvent) {
        self.neighbours.handle_event(&self.room.identity(), &event);
        self.regroup().await;
        match event {
            RoomEvent::TrackSubscribed { identity, track } if self.neighbours.shares(&identity) => {
                match self.room.audio(&track.id, FORMAT) {
                    Ok(stream) => {
                        let kind = if self.is_agent(&identity) {
                            Kind::Agent
                        } else {
                            Kind::Person
                        };
                        self.others.open(identity, kind, track.id, stream);
                    }
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::debug!(error, "a track went at once");
                    }
                }
            }
            RoomEvent::TrackUnsubscribed { track, .. } => self.others.close(&track),
            RoomEvent::Data {
                from: Some(who),
                topic: Some(topic),
                ..
            } if topic.as_str() == HUSH && self.is_agent(&who) => {
                self.others.hush(&who).await;
                self.clear().await;
            }
            // A phone has no use for anything else.
            _ => {}
        }
        self.tell_keys(Instant::now());
    }

    fn is_agent(&self, who: &room_contract::Identity) -> bool {
        let others = self.room.participants();
        others
            .iter()
            .any(|other| other.identity == *who && other.kind == ParticipantKind::Agent)
    }

    /// Has Twilio drop what it has not played.
    pub(super) async fn clear(&mut self) {
        let Some(line) = &mut self.line else {
            return;
        };
        let cleared = line.clear().await;
        self.playout.handle_clear(Instant::now());
        self.keep_or_lose(cleared);
    }

    fn handle_news(&mut self, news: News) -> Option<LegEnd> {
        let now = Instant::now();
        match news {
            News::Message(Incoming::Media(media)) => {
                if media.inbound {
                    self.caller.handle_sound(now, &media.codes);
                }
            }
            News::Message(Incoming::Dtmf { digit, .. }) if is_key(digit) => {
                self.handle_key(now, digit);
            }
            News::Message(Incoming::Mark { name, .. }) => return self.handle_mark(now, &name),
            News::Message(Incoming::Stop { .. }) => {
                tell(&self.owner, LegEvent::StreamStopped);
                match self.options.after_stop {
                    AfterStop::Leave => return Some(LegEnd::CallOver),
                    AfterStop::Stay => self.lose_line(),
                }
            }
            News::Message(
                Incoming::Connected
                | Incoming::Start(_)
                | Incoming::Dtmf { .. }
                | Incoming::Unknown,
            ) => {}
            News::Lost => {
                self.lose_line();
                tell(&self.owner, LegEvent::SocketLost);
            }
            News::Breach(breach) => return Some(LegEnd::Refused(breach)),
        }
        None
    }

    fn handle_mark(&mut self, now: Instant, name: &str) -> Option<LegEnd> {
        match self.playout.handle_echo(now, name) {
            Echo::Heard => {
                let (sound, all) = (self.playout.heard(), self.playout.is_all_heard());
                tell(&self.owner, LegEvent::Heard { sound, all });
                if let Some(delay) = self.playout.poll_delay(self.others.delay(now)) {
                    self.outbox.delay(delay);
                }
            }
            Echo::Stale => {}
            Echo::Unsent => {
                let spent = self.line.as_mut().map(Line::handle_unsent_mark);
                if let Some(Err(breach)) = spent {
                    return Some(LegEnd::Refused(breach));
                }
            }
        }
        None
    }

    async fn handle_timeout(&mut self, now: Instant) -> Option<LegEnd> {
        self.caller.handle_timeout(now).await;
        self.tell_keys(now);
        while let Some(due) = self.pace.take(now) {
            let late = Late {
                tick: now - due,
                machine: self.options.lateness.worst(now),
            };
            if let Err(lost) = self.play(due, late).await {
                self.keep_or_lose(Err(lost));
            }
        }
        if self.hanging_up.is_none() && self.playout.is_quiet() && self.others.are_quiet(now) {
            self.pace.stop();
        }
        if let Some(until) = self.hanging_up {
            let said = self.playout.is_quiet() && self.playout.is_all_heard();
            if said || self.line.is_none() || until <= now {
                return Some(LegEnd::HungUp);
            }
        }
        if self
            .line
            .as_ref()
            .is_some_and(|line| line.deadline() <= now)
        {
            self.keep_or_lose(Err(WireLost));
        }
        if self.alone_until.is_some_and(|until| until <= now) {
            return Some(LegEnd::NoSocket);
        }
        None
    }

    /// Sends a tick of what everybody says.
    async fn play(&mut self, due: Instant, late: Late) -> Result<(), WireLost> {
        let mut mix = [0; FRAME];
        self.others.mix(due, &mut mix);
        let Some(line) = &mut self.line else {
            return Ok(());
        };
        let tick = self.playout.handle_tick(due, late, &mix);
        if !tick.lead.is_zero() {
            let lead = FORMAT.values_in(tick.lead);
            line.sound(&vec![ulaw::SILENCE; lead]).await?;
        }
        for _ in 0..tick.times {
            line.sound(&mix.map(ulaw::encode)).await?;
        }
        if let Some(mark) = tick.mark {
            line.mark(&mark).await?;
        }
        Ok(())
    }

    fn keep_or_lose(&mut self, sent: Result<(), WireLost>) {
        if sent.is_err() && self.line.is_some() {
            self.lose_line();
            tell(&self.owner, LegEvent::SocketLost);
        }
    }
}
