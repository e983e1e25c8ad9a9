//! How S3 says no: an XML document, or nothing but a status where there is no body.

use super::super::xml::{Element, escaped};
use crate::fault::{Fault, Origin};
use crate::json::Json;

/// What S3 says besides code and message, and what it is called here: where a bucket is, and which one it was.
const DETAILS: [(&str, &str); 4] =
    [("Region", "region"), ("Endpoint", "endpoint"), ("BucketName", "bucket"), ("Key", "key")];

/// The statuses that come without a body, to `HEAD`, and what they mean (botocore makes a code of the number alone).
const BARE: [(u16, &str, &str); 8] = [
    (301, "PermanentRedirect", "the bucket is in another region"),
    (304, "NotModified", "it has not changed"),
    (307, "TemporaryRedirect", "the bucket is in another region"),
    (400, "BadRequest", "S3 does not say why"),
    (403, "AccessDenied", "Access Denied"),
    (404, "NotFound", "there is no such bucket or key"),
    (412, "PreconditionFailed", "a condition of the request does not hold"),
    (503, "SlowDown", "Reduce your request rate"),
];

/// How S3 answers with this fault. `resource` is the path that was asked for.
#[must_use]
pub fn encode_fault(fault: &Fault, resource: &str, request_id: &str) -> String {
    let mut details = String::new();
    for (name, member) in DETAILS {
        if let Some(text) = fault.details.value(member).and_then(|value| value.parse::<String>().ok()) {
            details.push_str(&format!("<{name}>{}</{name}>", escaped(&text)));
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>{details}\
         <Resource>{}</Resource><RequestId>{}</RequestId></Error>",
        escaped(&fault.code),
        escaped(&fault.message),
        escaped(resource),
        escaped(request_id)
    )
}

/// Reads a failed answer. The code stays as S3 says it.
#[must_use]
pub fn decode_fault(status: u16, body: &[u8]) -> Fault {
    let said = Element::read(body).ok().and_then(|root| {
        let code = root.text_of("Code").filter(|code| !code.is_empty())?.to_owned();
        let message = root.text_of("Message").unwrap_or_default().to_owned();
        let mut fault = Fault { code, status, message, origin: Origin::Http, details: Default::default() };
        for (name, member) in DETAILS {
            if let Some(text) = root.text_of(name)
                && let Ok(text) = Json::of(text)
            {
                fault.details.set(member, text);
            }
        }
        Some(fault)
    });
    let bare = || {
        let row = BARE.iter().find(|(bare, ..)| *bare == status).filter(|_| body.is_empty());
        row.map(|(_, code, message)| Fault {
            code: (*code).to_owned(),
            status,
            message: (*message).to_owned(),
            origin: Origin::Http,
            details: Default::default(),
        })
    };
    said.or_else(bare).unwrap_or_else(|| Fault::from_http(status, None, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Advice;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        let mut fault = decode_fault(301, b"");
        fault.message = "The bucket & more".to_owned();
        fault.details.set("region", Json::of("eu-west-1").expect("a text"));
        let text = encode_fault(&fault, "/bucket/a<b", "id-1");
        assert_eq!(decode_fault(301, text.as_bytes()), fault);
        assert!(text.contains("<Resource>/bucket/a&lt;b</Resource><RequestId>id-1</RequestId>"), "{text}");
    }

    #[test]
    fn codes_of_s3_mean_what_they_mean_elsewhere() {
        let advice = |status, code: &str, message: &str| {
            let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            decode_fault(status, body.as_bytes()).advice()
        };
        assert_eq!(advice(503, "SlowDown", "Reduce your request rate"), Advice::Throttle);
        assert_eq!(advice(400, "ExpiredToken", ""), Advice::RefreshCredentials);
        let skewed = "The difference between the request time and the current time is too large.";
        assert_eq!(advice(403, "RequestTimeTooSkewed", skewed), Advice::MendClock);
        assert_eq!(advice(404, "NoSuchKey", "The specified key does not exist."), Advice::No);
        assert_eq!(decode_fault(404, b"").code, "NotFound");
        assert_eq!(decode_fault(502, b"<html>").status, 502);
    }
}
