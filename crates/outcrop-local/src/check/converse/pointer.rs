//! What of the model's own answer is to come along: pointers into it.

use outcrop_wire::converse::ConverseRequest;

use crate::check::{Verdict, refuse};

/// Documented: an empty or wrong pointer is answered 400, one that points at nothing is passed over. AWS's words are not
/// known.
pub(super) fn check(request: &ConverseRequest) -> Verdict {
    for pointer in request.additional_model_response_field_paths.iter().flatten() {
        if !is_pointer(pointer) {
            return refuse(format_args!(
                "The value '{pointer}' in additionalModelResponseFieldPaths is not a valid JSON pointer."
            ));
        }
    }
    Ok(())
}

/// RFC 6901, section 3; the pointer at the whole is empty, which is refused.
fn is_pointer(pointer: &str) -> bool {
    let escapes = pointer.split('~').skip(1);
    pointer.starts_with('/') && escapes.into_iter().all(|rest| rest.starts_with(['0', '1']))
}
