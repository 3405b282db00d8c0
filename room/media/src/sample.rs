//! From what is calculated with to what is played.

/// Returns the sample next to `value`, which is counted in its units. Written out because
/// `f32::round` is a call of the C library where the processor's newer instructions are not taken for
/// granted.
pub(crate) fn nearest(value: f32) -> i16 {
    // A conversion cuts off what is behind the point, and what does not fit.
    (value + 0.5_f32.copysign(value)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_nearest_one_that_fits() {
        for (value, sample) in [
            (0.0, 0),
            (0.4, 0),
            (-0.4, 0),
            (0.5, 1),
            (-0.5, -1),
            (-1.6, -2),
            (32_767.4, i16::MAX),
            (40_000.0, i16::MAX),
            (-40_000.0, i16::MIN),
            (f32::NAN, 0),
        ] {
            assert_eq!(nearest(value), sample, "{value}");
        }
    }
}
