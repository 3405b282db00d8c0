//! Random names for tracks and channels.

/// Returns a random version 4 UUID in its usual spelling.
///
/// Reads the operating system's random numbers and falls back to a seeded generator when there are
/// none: the names must differ, they are no secrets.
#[must_use]
pub fn random_uuid() -> String {
    let mut bytes = [0_u8; 16];
    if getrandom::fill(&mut bytes).is_err() {
        fastrand::fill(&mut bytes);
    }
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_version_four_uuids_and_differ() {
        let name = random_uuid();

        assert_eq!(name.len(), 36);
        assert_eq!(name.as_bytes()[14], b'4');
        assert_ne!(name, random_uuid());
    }
}
