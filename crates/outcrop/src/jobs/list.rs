//! Jobs, page by page as they are wanted.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use outcrop_wire::account::Control;
use outcrop_wire::account::job::{Job, JobFilter, Jobs};

use crate::account::ask;
use crate::client::Client;
use crate::error::{Error, Kind, Result};

type Page = Pin<Box<dyn Future<Output = Result<Jobs>> + Send>>;

/// Jobs, page by page as they are wanted. After an error it is over.
pub struct JobStream {
    client: Client,
    filter: JobFilter,
    /// What has come and was not handed out.
    held: VecDeque<Job>,
    /// The page that is on its way.
    page: Option<Page>,
    /// Whether there is another page.
    more: bool,
}

impl JobStream {
    pub(super) fn new(client: Client, filter: JobFilter) -> Self {
        JobStream { client, filter, held: VecDeque::new(), page: None, more: true }
    }

    /// The next job; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Job>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All that are left.
    ///
    /// # Errors
    /// When a page cannot be had.
    pub async fn all(mut self) -> Result<Vec<Job>> {
        let mut all = Vec::new();
        while let Some(job) = self.next().await {
            all.push(job?);
        }
        Ok(all)
    }

    fn ask(&self) -> Page {
        let (client, filter) = (self.client.clone(), self.filter.clone());
        Box::pin(async move {
            let pairs = filter.pairs();
            let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
            ask(&client.0, client.region(), Control::ListModelInvocationJobs, None, pairs).await
        })
    }
}

impl Stream for JobStream {
    type Item = Result<Job>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(job) = this.held.pop_front() {
                return Poll::Ready(Some(Ok(job)));
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
                    this.held.extend(page.invocation_job_summaries);
                    let next = page.next_token.filter(|token| !token.is_empty());
                    // It would go round for ever.
                    if next.is_some() && next == this.filter.next_token {
                        let why = "the page that was given is followed by itself";
                        return Poll::Ready(Some(Err(Error::new(Kind::Decode, "list batch jobs", why))));
                    }
                    this.more = next.is_some();
                    this.filter.next_token = next;
                }
            }
        }
    }
}

impl fmt::Debug for JobStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobStream").field("filter", &self.filter).finish_non_exhaustive()
    }
}
