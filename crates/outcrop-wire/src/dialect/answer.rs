//! A failed answer as HTTP has it, in whatever dialect.

/// Status, headers and body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers that belong to the fault.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Vec<u8>,
}
