//! What hides the length of an event: the member `p` of its payload.

use std::ops::RangeInclusive;

/// How long the padding of recorded events is (121 streams, 2025 and later).
pub(crate) const PADDING_LENGTH: RangeInclusive<usize> = 2..=61;

/// Recorded `p` are a prefix of this.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Padding of that length, held between the shortest and the longest recorded.
pub(crate) fn padding(length: usize) -> &'static str {
    &LETTERS[..length.clamp(*PADDING_LENGTH.start(), *PADDING_LENGTH.end())]
}
