//! When somebody's voice begins and ends: a neural score, and a gate against what only sounds like one.

mod gate;
mod prediction;

use std::{collections::VecDeque, fmt, time::Duration};

use earshot::Detector;

use gate::{Gate, Verdict};

/// So long after the last sound of a voice its end is told: a pause inside a word is shorter.
pub const VOICE_HANGOVER: Duration = Duration::from_millis(200);

/// What the neural network looks at in one step: 16 ms.
const STEP: usize = 256;
/// One step with this score begins a voice.
const CERTAIN: f32 = 0.7;
/// Two steps with this score begin a voice as well.
const LIKELY: f32 = 0.6;
/// A voice goes on while its score is above this.
const STAYING: f32 = 0.4;

/// Listens for one person's voice in 16 kHz mono sound.
pub struct VoiceDetector {
    network: Box<Detector>,
    gate: Gate,
    pending: Vec<i16>,
    state: State,
    events: VecDeque<VoiceEvent>,
}

/// A voice began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoiceEvent {
    /// A voice began.
    Began {
        /// How long before the end of the sound handed over.
        ago: Duration,
    },
    /// A voice ended.
    Ended {
        /// How long before the end of the sound handed over its last sound was.
        ago: Duration,
    },
}

/// Steps are counted back from the newest.
#[derive(Debug, Clone, Copy)]
enum State {
    /// So many likely steps in a row. A step at the edge of a tone or of silence proves nothing alone.
    Silent { likely: usize, at_edge: bool },
    /// So many steps since the last one that sounded.
    Voiced { silent: usize },
}

impl State {
    const SILENT: Self = Self::Silent {
        likely: 0,
        at_edge: true,
    };
}

impl VoiceDetector {
    /// The rate of the sound it takes, in Hz.
    pub const SAMPLE_RATE: u32 = 16_000;

    /// Begins to listen.
    #[must_use]
    pub fn new() -> Self {
        Self {
            network: Detector::default_boxed(),
            gate: Gate::default(),
            pending: Vec::with_capacity(STEP),
            state: State::SILENT,
            events: VecDeque::with_capacity(2),
        }
    }

    /// Takes in the next sound, in pieces of any length.
    pub fn handle(&mut self, mut samples: &[i16]) {
        while !samples.is_empty() {
            let missing = (STEP - self.pending.len()).min(samples.len());
            let (now, later) = samples.split_at(missing);
            self.pending.extend_from_slice(now);
            samples = later;
            if self.pending.len() == STEP {
                let score = self.network.predict_i16(&self.pending);
                let verdict = self.gate.judge(&self.pending);
                self.pending.clear();
                self.step(score, verdict, samples.len());
            }
        }
    }

    /// Takes out what was noticed, in order.
    pub fn poll_event(&mut self) -> Option<VoiceEvent> {
        self.events.pop_front()
    }

    /// Returns whether a voice is sounding, its hangover included.
    #[must_use]
    pub fn is_voiced(&self) -> bool {
        matches!(self.state, State::Voiced { .. })
    }

    fn step(&mut self, score: f32, verdict: Verdict, behind: usize) {
        let may_be_voice = verdict == Verdict::Open;
        self.state = match self.state {
            State::Silent { likely, at_edge } => {
                let likely = if may_be_voice && score >= LIKELY {
                    likely + 1
                } else {
                    0
                };
                if likely >= 2 || (likely == 1 && score >= CERTAIN && !at_edge) {
                    let ago = duration_of(likely * STEP + behind);
                    self.events.push_back(VoiceEvent::Began { ago });
                    State::Voiced { silent: 0 }
                } else {
                    State::Silent {
                        likely,
                        at_edge: matches!(verdict, Verdict::Tone | Verdict::Quiet),
                    }
                }
            }
            State::Voiced { .. } if may_be_voice && score >= STAYING => State::Voiced { silent: 0 },
            State::Voiced { silent } => {
                let silent = silent + 1;
                let ago = duration_of(silent * STEP + behind);
                if duration_of(silent * STEP) >= VOICE_HANGOVER {
                    self.events.push_back(VoiceEvent::Ended { ago });
                    State::SILENT
                } else {
                    State::Voiced { silent }
                }
            }
        };
    }
}

impl Default for VoiceDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for VoiceDetector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VoiceDetector")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

fn duration_of(samples: usize) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(VoiceDetector::SAMPLE_RATE))
}
