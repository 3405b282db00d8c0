//! How well a sound foretells itself: linear prediction, whose error is the flatness of the spectrum.

use std::array::from_fn;

/// Four sines at once, or the formants of a voice.
const ORDER: usize = 8;
/// The network's step at half the rate, where the telephone's band fills the spectrum.
const LENGTH: usize = 128;
/// Keeps silence and pure tones solvable; far below what is measured.
const RIDGE: f64 = 1e-6;

/// Half a step of sound at 8 kHz.
pub(super) type Block = [f64; LENGTH];

/// Predicts each sample from those before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prediction([f64; ORDER]);

/// Halves the rate of a step.
pub(super) fn block(step: &[i16]) -> Block {
    let mut block = [0.0; LENGTH];
    for (half, pair) in block.iter_mut().zip(step.chunks_exact(2)) {
        *half = f64::midpoint(f64::from(pair[0]), f64::from(pair[1]));
    }
    block
}

impl Prediction {
    /// Finds the prediction that fits the block best (covariance method: a pure tone leaves no error).
    pub(super) fn of(block: &Block) -> Self {
        let lags = correlations(block);
        let mut matrix: [[f64; ORDER]; ORDER] =
            from_fn(|row| from_fn(|column| lags[row + 1][column + 1]));
        let right = from_fn(|row| lags[row + 1][0]);
        let ridge = matrix[0][0] * RIDGE + 1.0;
        for (place, row) in matrix.iter_mut().enumerate() {
            row[place] += ridge;
        }
        Self(solved(matrix, right))
    }

    /// Returns the error over the block, relative to its energy, in dB: 0 for white noise, -80 for a tone.
    pub(super) fn error_db(&self, block: &Block) -> f64 {
        let (mut error, mut energy) = (1.0, 1.0);
        for at in ORDER..LENGTH {
            let past = block[at - ORDER..at].iter().rev();
            let predicted: f64 = self
                .0
                .iter()
                .zip(past)
                .map(|(weight, one)| weight * one)
                .sum();
            error += (block[at] - predicted).powi(2);
            energy += block[at].powi(2);
        }
        10.0 * (error / energy).log10()
    }
}

/// Returns the products of the block with itself, both sides delayed by up to the order. Each follows from the one
/// before on its diagonal, by what enters and what leaves.
fn correlations(block: &Block) -> [[f64; ORDER + 1]; ORDER + 1] {
    let delayed = |lag: usize| block[ORDER - lag..LENGTH - lag].iter();
    let first = |lag: usize| delayed(0).zip(delayed(lag)).map(|(a, b)| a * b).sum();
    let mut lags = [from_fn(first); ORDER + 1];
    for one in 1..=ORDER {
        let entering = block[ORDER - one];
        let leaving = block[LENGTH - one];
        lags[one][0] = lags[0][one];
        for other in 1..=ORDER {
            let before = lags[one - 1][other - 1];
            let enters = entering * block[ORDER - other];
            lags[one][other] = before + enters - leaving * block[LENGTH - other];
        }
    }
    lags
}

/// Gauss's elimination; the matrix is positive, so that no row has to be exchanged.
fn solved(mut matrix: [[f64; ORDER]; ORDER], mut right: [f64; ORDER]) -> [f64; ORDER] {
    for pivot in 0..ORDER {
        let above = matrix[pivot];
        for row in pivot + 1..ORDER {
            let factor = matrix[row][pivot] / above[pivot];
            for (cell, up) in matrix[row].iter_mut().zip(above) {
                *cell -= factor * up;
            }
            right[row] -= factor * right[pivot];
        }
    }
    for pivot in (0..ORDER).rev() {
        let behind = matrix[pivot].iter().zip(right).skip(pivot + 1);
        let known: f64 = behind.map(|(cell, value)| cell * value).sum();
        right[pivot] = (right[pivot] - known) / matrix[pivot][pivot];
    }
    right
}
