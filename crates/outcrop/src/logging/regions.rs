//! The same in several regions at once: a result for each, so that what fails in one hides no other.

use std::pin::Pin;
use std::task::Poll;

use outcrop_wire::account::logging::LoggingConfiguration;

use super::Logging;
use crate::error::Result;

/// How the calls of several regions are logged.
#[derive(Clone, Debug)]
pub struct RegionalLogging<'a> {
    logging: Logging<'a>,
    regions: Vec<String>,
}

/// What came of it in a region.
#[derive(Debug)]
pub struct InRegion<T> {
    /// The region.
    pub region: String,
    /// What came of it.
    pub outcome: Result<T>,
}

impl<'a> RegionalLogging<'a> {
    pub(super) fn new(logging: Logging<'a>, regions: Vec<String>) -> Self {
        RegionalLogging { logging, regions }
    }

    /// [`Logging::status`] of each.
    pub async fn status(&self) -> Vec<InRegion<Option<LoggingConfiguration>>> {
        self.each(async |logging| logging.status().await).await
    }

    /// [`Logging::enable`] in each. Destinations are in the region of the calls: a bucket serves one alone.
    pub async fn enable(&self, configuration: &LoggingConfiguration) -> Vec<InRegion<()>> {
        self.each(async |logging| logging.enable(configuration).await).await
    }

    /// [`Logging::disable`] in each.
    pub async fn disable(&self) -> Vec<InRegion<()>> {
        self.each(async |logging| logging.disable().await).await
    }

    /// Does something in every region at once; the results are in the order of the regions.
    pub async fn each<T>(&self, work: impl AsyncFn(Logging<'a>) -> Result<T>) -> Vec<InRegion<T>> {
        let work = &work;
        let mut waiting: Vec<_> = self
            .regions
            .iter()
            .map(|region| {
                let logging = self.logging.clone().region(region);
                (region, Some(Box::pin(async move { work(logging).await })), None)
            })
            .collect();
        std::future::poll_fn(|context| {
            for (_, future, outcome) in &mut waiting {
                if let Some(Poll::Ready(ready)) = future.as_mut().map(|future| Pin::new(future).poll(context)) {
                    *future = None;
                    *outcome = Some(ready);
                }
            }
            match waiting.iter().all(|(_, future, _)| future.is_none()) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
        let done = waiting.into_iter().filter_map(|(region, _, outcome)| Some((region.clone(), outcome?)));
        done.map(|(region, outcome)| InRegion { region, outcome }).collect()
    }
}
