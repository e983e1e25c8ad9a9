//! The raw door: a body as it is, sent once; and the answer as it comes, errors included.

use bytes::Bytes;
use http::Response;
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::model::ModelId;
use outcrop_wire::surface::{Delivery, Surface};
use tokio::time::{Instant, timeout};

use crate::call::{CallOptions, Exchange, prepare};
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::resolve::look_up;
use crate::transport::{Body, TransportError};

impl Client {
    /// Sends `body` to a model as it is, and gives the answer as it comes: status, headers and bytes, be it a reply or an
    /// error. Nothing is edited, read or tried again; path, host, signature and middleware are as for every call. Of the
    /// options, limits of time and headers count.
    ///
    /// For programs that pass on what others ask, as `outcrop local --record` does.
    ///
    /// ```
    /// # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
    /// use outcrop::{CallOptions, Delivery};
    ///
    /// let body = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":64,"messages":[{"role":"user","content":"Hello"}]}"#;
    /// let mut answer = client.raw("opus", Delivery::Unary, body, &CallOptions::new()).await?;
    /// println!("{}", answer.status());
    /// while let Some(chunk) = answer.body_mut().chunk().await {
    ///     println!("{:?}", chunk);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the model cannot be named in a path, there are no credentials, or no answer comes; and on Converse when the
    /// options ask for a guardrail, which only the body can.
    pub async fn raw(
        &self,
        model: impl Into<ModelId>,
        delivery: Delivery,
        body: impl Into<Bytes>,
        options: &CallOptions,
    ) -> Result<Response<Body>> {
        let client = &*self.0;
        // What is planned is where it goes; the body is none of the plan's business.
        let mut options = options.clone().strict(false);
        // A body is written for one way in: it does not change by what is in the body.
        options.surface = options.surface.or(client.defaults.surface).or(Some(Surface::InvokeModel));
        let model = model.into();
        look_up(client, &model).await;
        let mut prepared = prepare(client, &MessageRequest::new(model, 1), delivery, &options)?;
        // Converse takes it in the body, where nothing is put; a call must not go out without one that was asked for.
        if prepared.outbound.plan.members.iter().any(|member| member.member() == "guardrailConfig") {
            let why = "the options ask for a guardrail, which Converse takes in the body, and that is sent as it is";
            let error = Error::new(Kind::Invalid, prepared.outbound.doing, why);
            return Err(
                error.with_hint("put `guardrailConfig` into the body, and leave the guardrail out of the options")
            );
        }
        prepared.outbound.plan.edits.clear();
        prepared.outbound.body = body.into();
        let options = &prepared.options;
        let deadline = options.timeout.or(client.timeouts.total).and_then(|limit| Instant::now().checked_add(limit));
        let idle = options.idle_timeout.unwrap_or(client.timeouts.idle);
        let patience = deadline.map_or(idle, |deadline| idle.min(deadline.saturating_duration_since(Instant::now())));
        let exchange = Exchange { client, outbound: &prepared.outbound, attempt: 1 };
        let exchange = exchange.try_once(prepared.outbound.request());
        match timeout(patience, exchange).await {
            Ok(answered) => Ok(answered?.0.map(|body| body.watched(idle, deadline))),
            Err(_) => {
                let error = TransportError::Timeout(format!("no answer came within {patience:?}"));
                Err(Error::transport(prepared.outbound.doing.clone(), &error))
            }
        }
    }
}
