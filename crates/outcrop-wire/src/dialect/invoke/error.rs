//! A failed answer: fault -> status, headers and body. (The other half is `Fault::from_http`.)

use crate::dialect::FaultAnswer;
use crate::fault::{Fault, Origin};
use crate::json::Json;

/// How AWS answers with this fault.
#[must_use]
pub fn encode_fault(fault: &Fault) -> FaultAnswer {
    if fault.origin == Origin::BodyOf200 {
        // Texts always encode; a code that a gateway made up may hold what must be escaped.
        let kind = Json::of(&format!("com.amazon.coral.service#{}", fault.code)).unwrap_or_default();
        let body = format!(r#"{{"Output":{{"__type":{}}},"Version":"1.0"}}"#, kind.text());
        return FaultAnswer { status: 200, headers: Vec::new(), body: body.into_bytes() };
    }
    FaultAnswer { status: fault.status, headers: vec![("x-amzn-errortype", fault.error_type())], body: fault.body() }
}
