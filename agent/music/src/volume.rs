//! How loud the music is, from one moment to the next. Pure.

use room_media::{Dbfs, SampleRate};

/// How much softer it is while somebody speaks: there, and not in the way.
const DUCKED: Dbfs = Dbfs::new(-15.0);

/// From silent to full; short enough to make way, long enough not to click.
const RAMP_MS: u32 = 250;

/// How loud the music is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Volume {
    /// Not to be heard.
    Off,
    /// In the background.
    Ducked,
    /// To be listened to.
    #[default]
    Full,
}

impl Volume {
    fn gain(self) -> f32 {
        match self {
            Self::Off => 0.0,
            Self::Ducked => DUCKED.amplitude(),
            Self::Full => 1.0,
        }
    }
}

/// A hand on the knob: it moves, and never jumps.
#[derive(Debug, Clone)]
pub(crate) struct Fader {
    gain: f32,
    wanted: f32,
    /// The most that the gain changes from one sample to the next.
    step: f32,
}

impl Fader {
    /// Begins silent.
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self {
            gain: 0.0,
            wanted: 0.0,
            step: 1_000.0 / (RAMP_MS as f32 * rate.hertz() as f32),
        }
    }

    pub(crate) fn turn_to(&mut self, volume: Volume) {
        self.wanted = volume.gain();
    }

    /// Returns whether nothing is to be heard, now and until it is turned.
    pub(crate) fn is_off(&self) -> bool {
        self.gain == 0.0 && self.wanted == 0.0
    }

    /// Makes samples as loud as they are to be.
    pub(crate) fn apply(&mut self, samples: &mut [i16]) {
        for sample in samples {
            let change = (self.wanted - self.gain).clamp(-self.step, self.step);
            self.gain += change;
            *sample = (f32::from(*sample) * self.gain).round() as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_8000;

    fn applied(fader: &mut Fader, count: usize) -> Vec<i16> {
        let mut samples = vec![10_000; count];
        fader.apply(&mut samples);
        samples
    }

    #[test]
    fn it_moves_to_where_it_is_turned_and_never_jumps() {
        let mut fader = Fader::new(RATE);
        fader.turn_to(Volume::Full);

        let mut heard = applied(&mut fader, 2_100);
        assert_eq!(heard[2_050], 10_000);
        fader.turn_to(Volume::Ducked);
        heard.extend(applied(&mut fader, 2_100));
        assert_eq!(heard[4_100], 1_778);
        fader.turn_to(Volume::Off);
        heard.extend(applied(&mut fader, 2_100));

        assert!(fader.is_off());
        let jumps = heard.windows(2).map(|two| two[0].abs_diff(two[1]));
        assert!(jumps.max() <= Some(6));
    }
}
