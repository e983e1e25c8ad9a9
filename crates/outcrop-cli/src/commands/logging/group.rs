//! A log group of CloudWatch: events that may be calls that were asked for, page by page, and the bodies in S3 beside them.

use outcrop::Client;
use outcrop::bytes::Bytes;
use outcrop::wire::account::log_group::LogEvent;
use outcrop::wire::account::logging::S3Path;
use outcrop::wire::sigv4::AmzTime;

use super::beside::Beside;
use super::filter::Filter;
use crate::exit::Failure;

/// A log group.
pub(super) struct Group {
    client: Client,
    name: String,
    beside: Beside,
}

impl Group {
    pub(super) fn open(client: Client, name: String) -> Self {
        Group { beside: Beside::new(client.clone()), client, name }
    }

    /// Its name for people.
    pub(super) fn name(&self) -> String {
        format!("log group {}", self.name)
    }

    /// The name of an event for people.
    pub(super) fn event_name(&self, event: &LogEvent) -> String {
        format!("{}, {}", self.name(), AmzTime::from_unix(event.timestamp.div_euclid(1000)).iso())
    }

    /// Gives each page of events to `read`.
    pub(super) async fn each_page(
        &self,
        filter: &Filter<'_>,
        mut read: impl AsyncFnMut(Vec<LogEvent>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let groups = self.client.log_groups();
        let mut pages = groups.pages(&self.name, &filter.events());
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                let is_none = error.aws_code() == Some("ResourceNotFoundException");
                let failure = Failure::from(error);
                match is_none {
                    true => failure.hint("outcrop logging status tells where calls are logged, in each region"),
                    false => failure,
                }
            })?;
            read(page).await?;
        }
        Ok(())
    }

    /// What lies at `path`.
    pub(super) async fn bytes(&self, path: &str) -> Result<Bytes, String> {
        self.beside.bytes(&place(path)?).await.map_err(|error| error.to_string())
    }

    /// How many bytes it has.
    pub(super) async fn size(&self, path: &str) -> Result<u64, String> {
        self.beside.size(&place(path)?).await.map_err(|error| error.to_string())
    }
}

fn place(path: &str) -> Result<S3Path, String> {
    S3Path::parse(path).ok_or_else(|| format!("{path} is no path in S3"))
}
