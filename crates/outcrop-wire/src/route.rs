//! Which call a request line makes: read from the surfaces' rows, on the raw path.

use percent_encoding::percent_decode_str;

use crate::model::ModelId;
use crate::surface::{Delivery, Surface, SurfaceRow};

/// A call that a request line makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// By which way in.
    pub surface: Surface,
    /// Whole, streamed or counted. Where the body says whether it is streamed, it is whole until the body is read.
    pub delivery: Delivery,
    /// The model of the path, decoded once; none where it travels in the body.
    pub model: Option<ModelId>,
}

/// The call made by `method` and `raw_path`, the path exactly as it came, without query.
///
/// The path is split on `/` before it is decoded, so `%2F` stays inside the model's segment, and an ARN whose slash was
/// not encoded is no call at all: AWS answers both the same way.
///
/// Two surfaces may share a path, and hosts a port: then the surface's prefix decides, or else `service`, the one that
/// the signature or the host names (`bedrock-mantle`), or else the order of the rows.
#[must_use]
pub fn route(method: &str, raw_path: &str, service: Option<&str>) -> Option<Call> {
    if method != "POST" {
        return None;
    }
    let called = |row: &SurfaceRow, path: &str| {
        [Delivery::Unary, Delivery::Stream, Delivery::Count].into_iter().find_map(|delivery| {
            let model = match_path(row.path(delivery), path)?;
            Some(Call { surface: row.surface, delivery, model })
        })
    };
    let rows = || Surface::rows().iter();
    let prefixed = rows().filter(|row| !row.prefix.is_empty());
    let mut prefixed = prefixed.filter_map(|row| Some((row, raw_path.strip_prefix(row.prefix)?)));
    if let Some((row, path)) = prefixed.find(|(_, path)| path.starts_with('/')) {
        return called(row, path);
    }
    let named = |row: &&SurfaceRow| service.is_some_and(|name| name == row.signing_service || name == row.host);
    rows().filter(named).chain(rows()).find_map(|row| called(row, raw_path))
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
        let model = |path: &str| route("POST", path, None).and_then(|call| call.model).map(|id| id.as_str().to_owned());
        assert_eq!(model("/model/anthropic.x-v1%3A0/invoke").as_deref(), Some("anthropic.x-v1:0"));
        assert_eq!(model("/model/anthropic.x-v1:0/invoke").as_deref(), Some("anthropic.x-v1:0"));
        assert_eq!(
            model("/model/arn:aws:bedrock:r:1:inference-profile%2Fx/invoke").as_deref(),
            Some("arn:aws:bedrock:r:1:inference-profile/x")
        );
        assert_eq!(model("/model/arn:aws:bedrock:r:1:inference-profile/x/invoke"), None);
        assert_eq!(model("/model//invoke"), None);
        assert_eq!(model("/model/x/invoke/"), None);
        assert!(route("GET", "/model/x/invoke", None).is_none());
        assert_eq!(
            route("POST", "/model/x/invoke-with-response-stream", None).map(|call| call.delivery),
            Some(Delivery::Stream)
        );
    }

    #[test]
    fn a_path_that_two_surfaces_have_is_decided_by_prefix_service_and_order() {
        let of = |path: &str, service| route("POST", path, service).map(|call| (call.surface, call.delivery));
        let messages = "/anthropic/v1/messages";
        assert_eq!(of(messages, None), Some((Surface::RuntimeMessages, Delivery::Unary)));
        assert_eq!(of(messages, Some("bedrock")), Some((Surface::RuntimeMessages, Delivery::Unary)));
        assert_eq!(of(messages, Some("bedrock-mantle")), Some((Surface::Mantle, Delivery::Unary)));
        let counted = "/mantle/anthropic/v1/messages/count_tokens";
        assert_eq!(of(counted, Some("bedrock")), Some((Surface::Mantle, Delivery::Count)));
        assert_eq!(of("/mantle/model/x/invoke", None), None);
        assert_eq!(of("/mantles", None), None);
        // The service of another is a mistake of whoever signed; the path says what was meant.
        assert_eq!(of("/model/x/invoke", Some("bedrock-mantle")), Some((Surface::InvokeModel, Delivery::Unary)));
        assert_eq!(of("/model/x/converse-stream", None), Some((Surface::Converse, Delivery::Stream)));
        assert_eq!(of("/model/x/count-tokens", None), Some((Surface::InvokeModel, Delivery::Count)));
    }
}
