//! G.711 μ-law, the sound of the telephone network: one byte per sample, 8 kHz.

/// What a line sounds like when nobody speaks: the code of +0.
pub const SILENCE: u8 = 0xff;

/// Added before the logarithm is taken, so that every segment starts at a power of two.
const BIAS: i32 = 0x84;
/// The largest magnitude whose biased value still fits into the eighth segment.
const CLIP: i32 = 0x7fff - BIAS;

/// All 256 codes as 16-bit samples.
const DECODED: [i16; 256] = decoded();

/// Returns the sample that `code` stands for.
#[must_use]
pub const fn decode(code: u8) -> i16 {
    DECODED[code as usize]
}

/// Returns the code of `sample`.
#[must_use]
pub const fn encode(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let mut magnitude = (sample as i32).abs();
    if magnitude > CLIP {
        magnitude = CLIP;
    }
    let biased = (magnitude + BIAS) as u32;
    // The bias puts the leading one at bit 7 or above; the four bits behind it are the mantissa.
    let segment = biased.ilog2() - 7;
    let mantissa = (biased >> (segment + 3)) & 0x0f;
    !(sign | (segment << 4) as u8 | mantissa as u8)
}

/// Appends the samples that `codes` stand for.
pub fn decode_into(codes: &[u8], samples: &mut Vec<i16>) {
    samples.extend(codes.iter().map(|&code| decode(code)));
}

/// Appends the codes of `samples`.
pub fn encode_into(samples: &[i16], codes: &mut Vec<u8>) {
    codes.extend(samples.iter().map(|&sample| encode(sample)));
}

const fn decoded() -> [i16; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < table.len() {
        let bits = !(code as u8);
        let segment = (bits >> 4) & 0x07;
        let mantissa = (bits & 0x0f) as i32;
        let magnitude = (((mantissa << 3) + BIAS) << segment) - BIAS;
        table[code] = if bits & 0x80 == 0 {
            magnitude
        } else {
            -magnitude
        } as i16;
        code += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The other way of writing minus nothing.
    const MINUS_ZERO: u8 = 0x7f;

    #[test]
    fn the_values_of_the_recommendation_hold() {
        // First and last of the positive segments of G.711 table 2a, in 16-bit scale.
        let known = [
            (0x80, 32_124),
            (0x8f, 16_764),
            (0x9f, 8_316),
            (0xaf, 4_092),
            (0xbf, 1_980),
            (0xcf, 924),
            (0xdf, 396),
            (0xef, 132),
            (0xff, 0),
        ];

        for (code, sample) in known {
            assert_eq!(decode(code), sample, "code {code:#x}");
            assert_eq!(decode(code & 0x7f), -sample, "code {:#x}", code & 0x7f);
        }
    }

    #[test]
    fn every_code_survives_the_way_through_a_sample() {
        for code in (0..=u8::MAX).filter(|&code| code != MINUS_ZERO) {
            assert_eq!(encode(decode(code)), code);
        }
        assert_eq!(encode(decode(MINUS_ZERO)), SILENCE);
    }

    #[test]
    fn every_sample_gets_the_code_between_whose_decision_values_it_lies() {
        // Eight segments of sixteen steps, each twice as wide as those before; the very first step
        // is half as wide. The recommendation counts in 14 bits.
        let steps = (0..8).flat_map(|segment| [2 << segment; 16]);
        let ends: Vec<i32> = steps
            .scan(-1, |end, step| {
                *end += step;
                Some(*end * 4)
            })
            .take(127)
            .collect();

        for sample in i16::MIN..=i16::MAX {
            let magnitude = i32::from(sample).abs();
            let step = ends.iter().filter(|&&end| end <= magnitude).count() as u8;
            let sign = if sample < 0 { 0x80 } else { 0 };

            assert_eq!(encode(sample), !(sign | step), "sample {sample}");
        }
    }

    #[test]
    fn the_error_is_at_most_half_a_step() {
        for sample in -32_124..=32_124 {
            let magnitude = i32::from(sample).abs();
            let half_step = 4 << (magnitude + BIAS).ilog2().saturating_sub(7);

            assert!(
                error(sample, encode(sample)) <= half_step,
                "sample {sample}"
            );
        }
    }

    #[test]
    fn louder_never_becomes_quieter() {
        for sample in i16::MIN..i16::MAX {
            assert!(
                decode(encode(sample)) <= decode(encode(sample + 1)),
                "sample {sample}"
            );
        }
    }

    fn error(sample: i16, code: u8) -> i32 {
        (i32::from(sample) - i32::from(decode(code))).abs()
    }
}
