//! What the control plane lists in pages, asked for as it is wanted.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use outcrop_wire::account::job::{Job, JobFilter, Jobs};
use outcrop_wire::account::{Control, InferenceProfile, InferenceProfiles, ProfileFilter};
use serde::de::DeserializeOwned;

use super::control::ask;
use crate::client::Client;
use crate::error::{Error, Kind, Result};

/// Inference profiles, page by page as they are wanted.
pub type InferenceProfileStream = Pages<ProfileFilter>;

/// Batch jobs, page by page as they are wanted.
pub type JobStream = Pages<JobFilter>;

/// Everything that a filter lets through, page by page as it is wanted: a [`Stream`] that sends nothing before it is asked
/// for the first. After an error it is over.
///
/// ```
/// # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
/// let mut profiles = client.models().profiles();
/// while let Some(profile) = profiles.next().await {
///     println!("{}", profile?.inference_profile_id);
/// }
/// let jobs = client.jobs().list(Default::default()).all().await?;
/// # Ok(()) }
/// ```
pub struct Pages<F: Paged> {
    client: Client,
    region: Option<String>,
    filter: F,
    /// What has come and was not handed out.
    held: VecDeque<F::Item>,
    /// The page that is on its way.
    page: Option<Coming<F::Answer>>,
    /// Whether there is another page.
    more: bool,
    /// What comes after what is held, and is the end of it.
    failure: Option<Error>,
}

type Coming<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A filter that AWS answers in pages.
pub trait Paged: Clone + fmt::Debug + Send + Unpin + 'static {
    /// One of what is listed.
    type Item: Send + Unpin;
    /// A page.
    type Answer: DeserializeOwned + Send + 'static;
    /// What asks for a page.
    const OPERATION: Control;
    /// What is being done, for errors.
    const DOING: &'static str;

    /// As a request says it.
    fn pairs(&self) -> Vec<(&'static str, String)>;
    /// From where on it asks.
    fn token(&mut self) -> &mut Option<String>;
    /// What is on a page, and from where on there is more.
    fn read(answer: Self::Answer) -> (Vec<Self::Item>, Option<String>);
}

impl Paged for ProfileFilter {
    type Item = InferenceProfile;
    type Answer = InferenceProfiles;
    const OPERATION: Control = Control::ListInferenceProfiles;
    const DOING: &'static str = "list inference profiles";

    fn pairs(&self) -> Vec<(&'static str, String)> {
        ProfileFilter::pairs(self)
    }

    fn token(&mut self) -> &mut Option<String> {
        &mut self.next_token
    }

    fn read(answer: InferenceProfiles) -> (Vec<InferenceProfile>, Option<String>) {
        (answer.inference_profile_summaries, answer.next_token)
    }
}

impl Paged for JobFilter {
    type Item = Job;
    type Answer = Jobs;
    const OPERATION: Control = Control::ListModelInvocationJobs;
    const DOING: &'static str = "list batch jobs";

    fn pairs(&self) -> Vec<(&'static str, String)> {
        JobFilter::pairs(self)
    }

    fn token(&mut self) -> &mut Option<String> {
        &mut self.next_token
    }

    fn read(answer: Jobs) -> (Vec<Job>, Option<String>) {
        (answer.invocation_job_summaries, answer.next_token)
    }
}

impl<F: Paged> Pages<F> {
    pub(crate) fn new(client: Client, region: Option<String>, filter: F) -> Self {
        Pages { client, region, filter, held: VecDeque::new(), page: None, more: true, failure: None }
    }

    /// The next one; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<F::Item>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All that are left.
    ///
    /// # Errors
    /// When a page cannot be had.
    pub async fn all(mut self) -> Result<Vec<F::Item>> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }

    fn ask(&self) -> Coming<F::Answer> {
        let (client, region, pairs) = (self.client.clone(), self.region.clone(), self.filter.pairs());
        Box::pin(async move {
            let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
            ask(&client.0, region.as_deref(), F::OPERATION, None, pairs).await
        })
    }

    /// Takes a page, and the place of the next one.
    fn take(&mut self, page: F::Answer) -> Result<()> {
        let (items, next) = F::read(page);
        self.held.extend(items);
        let token = self.filter.token();
        *token = following(next, token.as_deref(), F::DOING)?;
        self.more = token.is_some();
        Ok(())
    }
}

impl<F: Paged> Stream for Pages<F> {
    type Item = Result<F::Item>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.held.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            if let Some(error) = this.failure.take() {
                return Poll::Ready(Some(Err(error)));
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
            this.failure = outcome.and_then(|page| this.take(page)).err();
        }
    }
}

impl<F: Paged> fmt::Debug for Pages<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("filter", &self.filter).finish_non_exhaustive()
    }
}

/// What asks for the page after that which was asked for by `asked`; none at the end.
///
/// # Errors
/// Where it would go round for ever.
pub(super) fn following(next: Option<String>, asked: Option<&str>, doing: &str) -> Result<Option<String>> {
    match next.filter(|token| !token.is_empty()) {
        next @ Some(_) if next.as_deref() == asked => {
            Err(Error::new(Kind::Decode, doing, "the page that was given is followed by itself"))
        }
        next => Ok(next),
    }
}
