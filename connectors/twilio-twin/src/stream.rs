//! One media stream: what goes over its socket, and what the ear gets of it. Holds no socket and no clock.

mod onset;
mod playout;
mod wire;

use std::collections::BTreeSet;

use crate::{FRAME, What, core::Outbox};

use onset::Onset;
pub(crate) use playout::Playout;
use wire::{Ingoing, Wrong};

/// Which way sound goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `<Connect><Stream>`: both ways.
    Both,
    /// `<Start><Stream>`: a copy of what is said, heard, or both.
    Copy { inbound: bool, outbound: bool },
}

/// What a stream is called and carries along.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    pub(crate) account_sid: String,
    pub(crate) call_sid: String,
    pub(crate) stream_sid: String,
    pub(crate) name: String,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) status_callback: Option<(String, String)>,
}

/// A stream from the request for its socket to its end.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) card: Card,
    kind: Kind,
    /// Names the socket among those of its call.
    pub(crate) socket: u64,
    /// `start` was sent.
    is_open: bool,
    sequence: u64,
    chunks: [u64; 2],
    playout: Playout,
    warned: BTreeSet<u16>,
    spoke: bool,
    /// What the person says, and what they hear.
    onsets: [Onset; 2],
}

impl Stream {
    pub(crate) fn new(card: Card, kind: Kind, socket: u64) -> Self {
        Self {
            card,
            kind,
            socket,
            is_open: false,
            sequence: 0,
            chunks: [0; 2],
            playout: Playout::default(),
            warned: BTreeSet::new(),
            spoke: false,
            onsets: <[Onset; 2]>::default(),
        }
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.is_open
    }

    pub(crate) fn handle_open(&mut self, out: &mut Outbox) {
        self.is_open = true;
        out.send(self.socket, wire::connected());
        self.sequence += 1;
        out.send(
            self.socket,
            wire::start(&self.card, self.kind, self.sequence),
        );
        out.log(What::StreamStarted {
            stream_sid: self.card.stream_sid.clone(),
        });
    }

    /// Takes what the server said.
    pub(crate) fn handle_text(&mut self, text: &str, out: &mut Outbox) {
        let ingoing = match wire::read(text, &self.card.stream_sid) {
            Ok(ingoing) => ingoing,
            Err(wrong) => return self.warn(&wrong, out),
        };
        if self.kind != Kind::Both {
            let wrong = Wrong::Protocol("a one-way stream takes no messages".into());
            return self.warn(&wrong, out);
        }
        match ingoing {
            Ingoing::Media(sound) => {
                if !self.spoke {
                    self.spoke = true;
                    out.log(What::StreamSpoke {
                        stream_sid: self.card.stream_sid.clone(),
                    });
                }
                if self.onsets[1].handle_sound(&sound) {
                    out.log(What::SoundCame);
                }
                if let Some(length) = self.playout.gap() {
                    out.log(What::Gap { length });
                }
                if !self.playout.put(&sound) {
                    self.warn(&Wrong::TooMuch, out);
                }
            }
            Ingoing::Mark(name) => {
                out.log(What::MarkQueued {
                    name: name.clone(),
                    buffered: self.playout.buffered(),
                });
                if !self.playout.mark(name) {
                    self.warn(&Wrong::TooMuch, out);
                }
                self.return_marks(false, out);
            }
            Ingoing::Clear => {
                let buffered = self.playout.buffered();
                self.playout.clear();
                let marks = self.return_marks(true, out);
                out.log(What::Cleared { buffered, marks });
            }
        }
    }

    /// A binary frame is no message.
    pub(crate) fn handle_binary(&mut self, out: &mut Outbox) {
        self.warn(&Wrong::Undecodable("a binary frame".into()), out);
    }

    pub(crate) fn handle_digit(&mut self, digit: char, out: &mut Outbox) {
        if self.is_open() && self.kind == Kind::Both {
            self.sequence += 1;
            out.send(self.socket, wire::dtmf(&self.card, self.sequence, digit));
        }
    }

    /// Sends what was said and heard in the last 20 ms.
    pub(crate) fn send(&mut self, said: &[u8; FRAME], heard: &[u8; FRAME], out: &mut Outbox) {
        if !self.is_open() {
            return;
        }
        let (inbound, outbound) = match self.kind {
            Kind::Both => (true, false),
            Kind::Copy { inbound, outbound } => (inbound, outbound),
        };
        if self.kind == Kind::Both && self.onsets[0].handle_sound(said) {
            out.log(What::SoundLeft);
        }
        for onset in &mut self.onsets {
            onset.handle_tick();
        }
        let tracks = [("inbound", said, inbound), ("outbound", heard, outbound)];
        for (index, (track, sound, wanted)) in tracks.into_iter().enumerate() {
            if wanted {
                self.sequence += 1;
                self.chunks[index] += 1;
                let media = wire::Media {
                    track,
                    chunk: self.chunks[index],
                    // By the clock of the sound, which may run faster or slower than the machine's.
                    timestamp: self.chunks[index] * 20,
                    sound,
                };
                out.send_sound(self.socket, wire::media(&self.card, self.sequence, &media));
            }
        }
    }

    /// Returns the next 20 ms for the ear.
    pub(crate) fn play(&mut self, out: &mut Outbox) -> [u8; FRAME] {
        let frame = self.playout.play();
        self.return_marks(false, out);
        frame
    }

    /// Says goodbye and closes the socket.
    pub(crate) fn stop(&mut self, out: &mut Outbox) {
        if std::mem::take(&mut self.is_open) {
            self.sequence += 1;
            out.send(self.socket, wire::stop(&self.card, self.sequence));
        }
        out.close(self.socket);
    }

    fn return_marks(&mut self, cleared: bool, out: &mut Outbox) -> usize {
        let mut count = 0;
        while let Some(name) = self.playout.poll_mark() {
            self.sequence += 1;
            out.send(self.socket, wire::mark(&self.card, self.sequence, &name));
            out.log(What::MarkPlayed { name, cleared });
            count += 1;
        }
        count
    }

    /// Twilio writes each kind of mistake into its debugger once per stream.
    fn warn(&mut self, wrong: &Wrong, out: &mut Outbox) {
        if self.warned.insert(wrong.code()) {
            out.warn(wrong.code(), &wrong.to_string());
        }
    }
}
