//! Names that nobody has guessed.

/// Returns a prefix and 64 random bits, in hexadecimal.
///
/// # Panics
///
/// The operating system has no randomness.
pub(crate) fn id(prefix: &str) -> String {
    let number = getrandom::u64().expect("the operating system has randomness");
    format!("{prefix}{number:016x}")
}
