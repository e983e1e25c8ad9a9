//! The body of a failed answer, whoever wrote it.

use super::REQUEST_ID;
use crate::json::Extra;
use crate::messages::ApiError;
use crate::record::Other;

/// The body of an error, read member by member: one that is odd does not hide the others.
#[derive(Default)]
pub(super) struct Body {
    pub(super) message: Option<String>,
    pub(super) code: Option<String>,
    pub(super) envelope: Option<ApiError>,
    pub(super) details: Extra,
}

impl Body {
    pub(super) fn read(body: &[u8]) -> Self {
        let Ok(whole) = serde_json::from_slice::<Other>(body) else { return Body::text(body) };
        let mut details = whole.members;
        let mut text = |name: &str| -> Option<String> {
            let found = details.value(name)?.parse().ok();
            if found.is_some() {
                details.take(name);
            }
            found
        };
        let message = text("message").or_else(|| text("Message"));
        let code = text("code").or_else(|| text("__type")).map(|code| bare_code(&code).to_owned());
        let mut envelope: Option<ApiError> = details.value("error").and_then(|error| error.parse().ok());
        if let Some(error) = envelope.as_mut().filter(|_| whole.kind == "error") {
            // Of the envelope only what it holds: the form is the dialect's.
            let request_id = details.take(REQUEST_ID);
            details = std::mem::take(&mut error.extra);
            details.update(request_id.iter().map(|id| (REQUEST_ID, id)));
        }
        Body { message, code, envelope, details }
    }

    /// A body that is not JSON, as proxies and balancers send: its first line, cut short.
    fn text(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let line: String = text.lines().next().unwrap_or_default().trim().chars().take(300).collect();
        Body { message: Some(line), ..Body::default() }
    }

    pub(super) fn message(&self) -> String {
        let own = self.message.clone();
        own.or_else(|| self.envelope.as_ref().map(|error| error.message.clone())).unwrap_or_default()
    }
}

/// `aws.x#AccessDeniedException:http://x` -> `AccessDeniedException`.
pub(super) fn bare_code(given: &str) -> &str {
    let code = given.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().trim()
}
