//! Asks with our client, each call under the name of its case.

use outcrop::http::{HeaderName, HeaderValue};
use outcrop::{Client, Message, MessageCall, Response, Result};

/// The header that says which case a call belongs to.
pub(crate) const CASE_HEADER: &str = "x-case";

/// A client, and what went wrong with it.
pub(crate) struct Asking {
    pub(crate) client: Client,
    failures: Vec<(String, String)>,
}

impl Asking {
    pub(crate) fn new(client: Client) -> Self {
        Asking { client, failures: Vec::new() }
    }

    /// Asks for a whole reply.
    pub(crate) async fn whole(&mut self, case: &str, call: MessageCall) -> Option<Message> {
        let outcome = named(case, call).await;
        self.keep(case, outcome)
    }

    /// Asks for a stream, and reads it to its end.
    pub(crate) async fn streamed(&mut self, case: &str, call: MessageCall) -> Option<Message> {
        let outcome = match named(case, call).stream().await {
            Ok(stream) => stream.finish().await,
            Err(error) => Err(error),
        };
        self.keep(case, outcome)
    }

    /// Asks in some other way.
    pub(crate) async fn with<T, E: std::fmt::Display>(
        &mut self,
        case: &str,
        call: MessageCall,
        ask: impl AsyncFnOnce(MessageCall) -> std::result::Result<T, E>,
    ) {
        if let Err(error) = ask(named(case, call)).await {
            self.failures.push((case.to_owned(), error.to_string()));
        }
    }

    /// What made a case fail.
    pub(crate) fn failed(&self, case: &str) -> Option<&str> {
        self.failures.iter().find(|(name, _)| name == case).map(|(_, error)| error.as_str())
    }

    /// Every case that failed, and why.
    pub(crate) fn failures(&self) -> &[(String, String)] {
        &self.failures
    }

    fn keep(&mut self, case: &str, outcome: Result<Response<Message>>) -> Option<Message> {
        match outcome {
            Ok(reply) => Some(reply.into_inner()),
            Err(error) => {
                self.failures.push((case.to_owned(), format!("{error:#}")));
                None
            }
        }
    }
}

/// No retries: the first answer counts.
fn named(case: &str, call: MessageCall) -> MessageCall {
    let name = HeaderValue::from_str(case).unwrap_or(HeaderValue::from_static("a name that no header takes"));
    call.extra_header(HeaderName::from_static(CASE_HEADER), name).max_retries(0)
}
