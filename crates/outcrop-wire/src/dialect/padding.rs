//! What hides the length of an event: the member `p` of its payload.

/// Recorded `p` are a prefix of this, 2 to 61 characters long (121 streams, 2025 and later).
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Padding of that length, held between 2 and 61.
pub(crate) fn padding(length: usize) -> &'static str {
    &LETTERS[..length.clamp(2, LETTERS.len() - 1)]
}
