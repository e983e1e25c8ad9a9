//! AWS behind the local Bedrock: calls are passed on with the caller's own credentials.

use outcrop::{CallOptions, Client, Error, Kind};
use outcrop_local::wire::fault::{Fault, Origin};
use outcrop_local::{Outgoing, Upstream, UpstreamAnswer, UpstreamBody};

/// AWS, or what stands in its place.
pub(super) struct Aws(Client);

impl Aws {
    pub(super) fn new(client: Client) -> Self {
        Aws(client)
    }

    /// Where calls go, for people.
    pub(super) fn place(&self) -> String {
        self.0.endpoint().url("")
    }
}

impl Upstream for Aws {
    fn send(&self, call: Outgoing) -> UpstreamAnswer<'_> {
        Box::pin(async move {
            // A body is written for the way in that it came by.
            let mut options = CallOptions::new().surface(call.surface);
            options.extra_headers = call.headers;
            let answer =
                self.0.raw(call.model, call.delivery, call.body, &options).await.map_err(|error| fault(&error))?;
            Ok(answer.map(|body| -> UpstreamBody { Box::pin(http_body_util::BodyExt::map_err(body, Into::into)) }))
        })
    }
}

/// No answer came: nothing of AWS's, but in its form, so that whoever asked can read it.
fn fault(error: &Error) -> Fault {
    let code = match error.kind() {
        Kind::Config | Kind::Credentials | Kind::Invalid => "AccessDeniedException",
        _ => "ServiceUnavailableException",
    };
    let hint = error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
    Fault::new(code, format!("outcrop local: {error}{hint}"), Origin::Http)
}
