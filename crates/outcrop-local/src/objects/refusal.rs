//! S3's refusals: codes, statuses and words (Amazon S3 API reference, error responses), as far as they are said here.

use outcrop_wire::Json;
use outcrop_wire::account::S3Uri;
use outcrop_wire::fault::{Fault, Origin};

/// A refusal.
pub(super) fn refusal(code: &str, status: u16, message: impl Into<String>) -> Fault {
    Fault { code: code.to_owned(), status, message: message.into(), origin: Origin::Http, details: Default::default() }
}

/// What AWS has and this server has not.
pub(super) fn absent(message: &str) -> Fault {
    refusal("NotImplemented", 501, message)
}

pub(super) fn method_not_allowed() -> Fault {
    refusal("MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
}

pub(super) fn no_such_bucket(bucket: &str) -> Fault {
    with(refusal("NoSuchBucket", 404, "The specified bucket does not exist"), "bucket", bucket)
}

pub(super) fn no_such_key(key: &str) -> Fault {
    with(refusal("NoSuchKey", 404, "The specified key does not exist."), "key", key)
}

pub(super) fn no_such_upload() -> Fault {
    let words = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                 aborted or completed.";
    refusal("NoSuchUpload", 404, words)
}

pub(super) fn malformed(why: impl std::fmt::Display) -> Fault {
    let words = "The XML you provided was not well-formed or did not validate against our published schema";
    refusal("MalformedXML", 400, format!("{words}: {why}"))
}

pub(super) fn invalid(message: impl Into<String>) -> Fault {
    refusal("InvalidArgument", 400, message)
}

pub(super) fn precondition_failed() -> Fault {
    let words = "At least one of the pre-conditions you specified did not hold";
    refusal("PreconditionFailed", 412, words)
}

/// A bucket that is in another region: clients find it by the region that the fault names, in its header too.
pub(super) fn elsewhere(bucket: &str, is_in: &str) -> Fault {
    let words = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all \
                 future requests to this endpoint.";
    let fault =
        with(refusal("PermanentRedirect", 301, words), "endpoint", &format!("{bucket}.s3.{is_in}.amazonaws.com"));
    with(with(fault, "region", is_in), "bucket", bucket)
}

/// What the store of the objects says went wrong.
pub(super) fn stored(error: object_store::Error, place: &S3Uri) -> Fault {
    match error {
        object_store::Error::NotFound { .. } => no_such_key(&place.key),
        error => refusal("InternalError", 500, format!("outcrop local cannot keep or give {place}: {error}")),
    }
}

fn with(mut fault: Fault, name: &str, value: &str) -> Fault {
    if let Ok(value) = Json::of(value) {
        fault.details.set(name, value);
    }
    fault
}
