//! Faults of the query protocol, which STS speaks: XML, and other names for the same codes.
//!
//! Source: AWS STS API reference, common errors.

use super::xml::{Element, escaped};
use crate::fault::{Fault, Origin, QUERY_CODES};

/// `Content-Type` of a request.
pub const REQUEST_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// `Content-Type` of an answer.
pub const ANSWER_TYPE: &str = "text/xml";

pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// How AWS answers with this fault.
#[must_use]
pub fn encode_fault(fault: &Fault, request_id: &str) -> String {
    let named = QUERY_CODES.iter().find(|(_, code)| *code == fault.code);
    let code = named.map_or(fault.code.as_str(), |(query, _)| query);
    let whose = if fault.status >= 500 { "Receiver" } else { "Sender" };
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{whose}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{}</RequestId></ErrorResponse>",
        escaped(code),
        escaped(&fault.message),
        escaped(request_id)
    )
}

/// Reads a failed answer. The code stays as it was given; its row is that of the same code of other services. What is no
/// XML is read as those answer.
#[must_use]
pub fn decode_fault(status: u16, body: &[u8]) -> Fault {
    let said = Element::read(body).ok().and_then(|root| {
        let error = root.child("Error")?;
        Some((error.text_of("Code")?.to_owned(), error.text_of("Message").unwrap_or_default().to_owned()))
    });
    match said {
        Some((code, message)) => Fault { code, status, message, origin: Origin::Http, details: Default::default() },
        None => Fault::from_http(status, None, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Advice;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        let fault = Fault::new("UnrecognizedClientException", "The token & <more> is invalid.", Origin::Http);
        let text = encode_fault(&fault, "id-1");
        assert!(text.contains("<Type>Sender</Type><Code>InvalidClientTokenId</Code>"), "{text}");
        let read = decode_fault(403, text.as_bytes());
        assert_eq!((read.code.as_str(), read.status), ("InvalidClientTokenId", 403));
        assert_eq!(read.message, fault.message);
        assert_eq!(read.anthropic_kind(), "authentication_error");
    }

    #[test]
    fn a_code_of_this_protocol_means_what_it_means_elsewhere() {
        for (query, code) in QUERY_CODES {
            let fault = decode_fault(403, encode_fault(&Fault::new(code, "why", Origin::Http), "id").as_bytes());
            assert_eq!((fault.code.as_str(), fault.row().map(|row| row.code)), (*query, Some(*code)));
        }
        let expired = decode_fault(403, b"<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>");
        assert_eq!(expired.advice(), Advice::RefreshCredentials);
        let busy = encode_fault(&Fault::new("InternalServerException", "", Origin::Http), "id");
        assert!(busy.contains("<Type>Receiver</Type>"), "{busy}");
    }

    #[test]
    fn what_is_no_xml_is_a_fault_all_the_same() {
        assert_eq!(decode_fault(403, br#"{"Message":"no"}"#).message, "no");
        assert_eq!(decode_fault(503, b"<html><br></html>").status, 503);
    }
}
