//! Inference profiles, page by page as they are wanted.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use outcrop_wire::account::{Control, InferenceProfile, InferenceProfiles, ProfileFilter};

use super::control::ask;
use crate::client::Client;
use crate::error::{Error, Kind, Result};

type Page = Pin<Box<dyn Future<Output = Result<InferenceProfiles>> + Send>>;

/// Inference profiles, page by page as they are wanted. After an error it is over.
pub struct InferenceProfileStream {
    client: Client,
    region: Option<String>,
    filter: ProfileFilter,
    /// What has come and was not handed out.
    held: VecDeque<InferenceProfile>,
    /// The page that is on its way.
    page: Option<Page>,
    /// Whether there is another page.
    more: bool,
}

impl InferenceProfileStream {
    pub(super) fn new(client: Client, region: Option<String>, filter: ProfileFilter) -> Self {
        InferenceProfileStream { client, region, filter, held: VecDeque::new(), page: None, more: true }
    }

    /// The next profile; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<InferenceProfile>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All that are left.
    ///
    /// # Errors
    /// When a page cannot be had.
    pub async fn all(mut self) -> Result<Vec<InferenceProfile>> {
        let mut all = Vec::new();
        while let Some(profile) = self.next().await {
            all.push(profile?);
        }
        Ok(all)
    }

    fn ask(&self) -> Page {
        let (client, region, filter) = (self.client.clone(), self.region.clone(), self.filter.clone());
        Box::pin(async move {
            let pairs = filter.pairs();
            let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
            ask(&client.0, region.as_deref(), Control::ListInferenceProfiles, None, pairs).await
        })
    }
}

impl Stream for InferenceProfileStream {
    type Item = Result<InferenceProfile>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(profile) = this.held.pop_front() {
                return Poll::Ready(Some(Ok(profile)));
            }
            if !this.more {
                return Poll::Ready(None);
            }
            let mut page = this.page.take().unwrap_or_else(|| this.ask());
            let Poll::Ready(outcome) = page.as_mut().poll(context) else {
                this.page = Some(page);
                return Poll::Pending;
            };
            this.more = false;
            match outcome {
                Err(error) => return Poll::Ready(Some(Err(error))),
                Ok(page) => {
                    this.held.extend(page.inference_profile_summaries);
                    let next = page.next_token.filter(|token| !token.is_empty());
                    // It would go round for ever.
                    if next.is_some() && next == this.filter.next_token {
                        let why = "the page that was given is followed by itself";
                        return Poll::Ready(Some(Err(Error::new(Kind::Decode, "list inference profiles", why))));
                    }
                    this.more = next.is_some();
                    this.filter.next_token = next;
                }
            }
        }
    }
}

impl fmt::Debug for InferenceProfileStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InferenceProfileStream").field("filter", &self.filter).finish_non_exhaustive()
    }
}
