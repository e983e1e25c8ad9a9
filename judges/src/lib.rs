//! What the oracles share: chance that can be repeated, random requests, and the count of what passed.

pub mod chance;
pub mod requests;
pub mod tally;
