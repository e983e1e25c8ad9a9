//! Which call a request line makes: read from the surfaces' rows, on the raw path.

use percent_encoding::percent_decode_str;

use crate::model::ModelId;
use crate::surface::{Delivery, Surface};

/// A call that a request line makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// By which way in.
    pub surface: Surface,
    /// Whole, streamed or counted.
    pub delivery: Delivery,
    /// The model of the path, decoded once; none where it travels in the body.
    pub model: Option<ModelId>,
}

/// The call made by `method` and `raw_path`, the path exactly as it came, without query.
///
/// The path is split on `/` before it is decoded, so `%2F` stays inside the model's segment, and an ARN whose slash was
/// not encoded is no call at all: AWS answers both the same way.
#[must_use]
pub fn route(method: &str, raw_path: &str) -> Option<Call> {
    if method != "POST" {
        return None;
    }
    Surface::rows().iter().find_map(|row| {
        [Delivery::Unary, Delivery::Stream, Delivery::Count].into_iter().find_map(|delivery| {
            let model = match_path(row.path(delivery), raw_path)?;
            Some(Call { surface: row.surface, delivery, model })
        })
    })
}

/// `Some(model)` when the path fits the template.
fn match_path(template: &str, raw_path: &str) -> Option<Option<ModelId>> {
    let mut model = None;
    let mut path = raw_path.split('/');
    for part in template.split('/') {
        let segment = path.next()?;
        if part == "{model}" {
            let decoded = percent_decode_str(segment).decode_utf8().ok()?;
            // Dot segments would be resolved before the path is signed, and name another one.
            if matches!(&*decoded, "" | "." | "..") {
                return None;
            }
            model = Some(ModelId::from(decoded.into_owned()));
        } else if part != segment {
            return None;
        }
    }
    path.next().is_none().then_some(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_on_the_raw_path() {
        let model = |path: &str| route("POST", path).and_then(|call| call.model).map(|id| id.as_str().to_owned());
        assert_eq!(model("/model/anthropic.x-v1%3A0/invoke").as_deref(), Some("anthropic.x-v1:0"));
        assert_eq!(model("/model/anthropic.x-v1:0/invoke").as_deref(), Some("anthropic.x-v1:0"));
        assert_eq!(
            model("/model/arn:aws:bedrock:r:1:inference-profile%2Fx/invoke").as_deref(),
            Some("arn:aws:bedrock:r:1:inference-profile/x")
        );
        assert_eq!(model("/model/arn:aws:bedrock:r:1:inference-profile/x/invoke"), None);
        assert_eq!(model("/model//invoke"), None);
        assert_eq!(model("/model/x/invoke/"), None);
        assert!(route("GET", "/model/x/invoke").is_none());
        assert_eq!(
            route("POST", "/model/x/invoke-with-response-stream").map(|call| call.delivery),
            Some(Delivery::Stream)
        );
    }
}
