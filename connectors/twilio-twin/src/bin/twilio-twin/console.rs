//! The person with the phone, typed.

use std::io::{self, Write as _};

use anyhow::Context as _;
use connectors_twilio_twin::{Call, FRAME, InboundCall, InboundMessage, Twin, What};
use room_media::{Channels, Format, Frame, Resampler, SampleRate, wav};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines, Stdin, stdin},
    task::JoinSet,
};

use crate::command::{Command, HELP};

/// A quarter of an hour of 48 kHz stereo.
const MOST_VALUES: usize = 86_400_000;

/// The twin, the call in one's hand, and those that print what happens in calls.
pub(crate) struct Console {
    twin: Twin,
    call: Option<Call>,
    printers: JoinSet<()>,
}

impl Console {
    pub(crate) fn new(twin: Twin) -> Self {
        Self {
            twin,
            call: None,
            printers: JoinSet::new(),
        }
    }

    pub(crate) fn print(&self, line: &str) -> anyhow::Result<()> {
        print(line).context("nobody reads what is printed")
    }

    /// Runs until `quit` or an interrupt. Without a terminal it goes on listening.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        let mut lines = Some(BufReader::new(stdin()).lines());
        loop {
            tokio::select! {
                interrupted = tokio::signal::ctrl_c() => {
                    interrupted.context("interrupts are not heard")?;
                    break;
                }
                line = next(&mut lines) => match Command::read(&line) {
                    Some(Command::Quit) => break,
                    Some(command) => {
                        if let Err(error) = self.perform(command).await {
                            self.print(&format!("{error:#}"))?;
                        }
                    }
                    None if line.trim().is_empty() => {}
                    None => self.print("not understood; try `help`")?,
                },
                Some(call) = self.twin.next_call() => {
                    self.print(&format!("the phone rings: {} calls {}", call.from(), call.to()))?;
                    self.take(call);
                }
                Some(message) = self.twin.next_message() => {
                    self.print(&format!("a message to {}: {}", message.to, message.body))?;
                }
                Some(_) = self.printers.join_next() => {}
            }
        }
        self.twin.stop().await;
        Ok(())
    }

    async fn perform(&mut self, command: Command) -> anyhow::Result<()> {
        match command {
            Command::Call { from, to } => {
                let to = to.or_else(|| self.twin.numbers().first().cloned());
                let call = InboundCall::new(&from, &to.context("the account has no number")?);
                let call = self.twin.call_in(call)?;
                self.take(call);
            }
            Command::Phone { number, persona } => self.twin.phone(&number, *persona),
            Command::Play(file) => {
                let bytes = tokio::fs::read(&file)
                    .await
                    .with_context(|| format!("{file} cannot be read"))?;
                self.call()?.say(&phone_sound(&bytes)?);
            }
            Command::Words(words) => self.call()?.words(&words),
            Command::Press(keys) => self.call()?.digits(&keys),
            Command::Save(file) => {
                let format = Format::mono(SampleRate::HZ_8000);
                let heard = Frame::new(format, 0, self.call()?.heard())?;
                let bytes = wav::write(&heard)?;
                tokio::fs::write(&file, bytes)
                    .await
                    .with_context(|| format!("{file} cannot be written"))?;
            }
            Command::Write { from, to, body } => {
                let answered = self
                    .twin
                    .message_in(InboundMessage::new(&from, &to, &body))
                    .await?;
                let status = answered
                    .status
                    .map_or("nobody".to_owned(), |status| status.to_string());
                self.print(&format!("answered by {status}"))?;
            }
            Command::Hush => self.call()?.hush(),
            Command::HangUp => self.call()?.hang_up(),
            Command::Kill => self.call()?.kill_socket(),
            Command::Help => self.print(HELP)?,
            Command::Quit => {}
        }
        Ok(())
    }

    fn call(&self) -> anyhow::Result<&Call> {
        self.call
            .as_ref()
            .context("there is no call; try `call FROM`")
    }

    /// Takes a call into one's hand, and prints what happens in it.
    fn take(&mut self, call: Call) {
        self.call = Some(call.clone());
        self.printers.spawn(async move {
            let mut index = 0;
            while let Some(event) = call.nth_event(index).await {
                index += 1;
                let line = format!("{:8.3} {}", event.at.as_secs_f64(), shown(&event.what));
                if print(&line).is_err() {
                    return;
                }
            }
        });
    }
}

/// Documents and parameters are long: what they were is told by their addresses.
fn shown(what: &What) -> String {
    match what {
        What::WebhookSent { url, .. } => format!("asks {url}"),
        What::WebhookAnswered {
            url,
            status,
            took,
            body,
        } => {
            format!(
                "{url} answered {status} after {} ms: {body}",
                took.as_millis()
            )
        }
        other => format!("{other:?}"),
    }
}

fn print(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Returns the next line; waits for ever when there will be none.
async fn next(lines: &mut Option<Lines<BufReader<Stdin>>>) -> String {
    if let Some(reader) = lines
        && let Ok(Some(line)) = reader.next_line().await
    {
        return line;
    }
    *lines = None;
    std::future::pending().await
}

fn phone_sound(file: &[u8]) -> anyhow::Result<Vec<i16>> {
    let frame = wav::read(file, MOST_VALUES)?.into_channels(Channels::Mono);
    if frame.format().rate == SampleRate::HZ_8000 {
        return Ok(frame.into_samples());
    }
    let mut resampler = Resampler::new(frame.format(), SampleRate::HZ_8000)?;
    let mut samples = Vec::with_capacity(frame.len() + FRAME);
    resampler.process(frame.samples(), &mut samples);
    resampler.finish(&mut samples);
    Ok(samples)
}
