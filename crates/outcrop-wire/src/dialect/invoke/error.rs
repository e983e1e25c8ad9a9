//! A failed answer: fault -> status, headers and body. (The other half is `Fault::from_http`.)

use crate::fault::{Fault, Origin};

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

/// How AWS answers with this fault.
#[must_use]
pub fn encode_fault(fault: &Fault) -> FaultAnswer {
    if fault.origin == Origin::BodyOf200 {
        let body = format!(r#"{{"Output":{{"__type":"com.amazon.coral.service#{}"}},"Version":"1.0"}}"#, fault.code);
        return FaultAnswer { status: 200, headers: Vec::new(), body: body.into_bytes() };
    }
    FaultAnswer { status: fault.status, headers: vec![("x-amzn-errortype", fault.error_type())], body: fault.body() }
}
