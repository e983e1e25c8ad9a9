//! Media on the web, put into a request before the call: for surfaces that take no URLs. Only where the caller asked for
//! it.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use outcrop_wire::messages::{ImageSource, MediaSource, MessageRequest, SourceMut, UnfitBytes};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::fetch::{failed, fetch, shown};
use crate::client::Inner;
use crate::error::{Error, Kind, Result};
use crate::media::LARGEST_FILE;

/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How many files are fetched at a time, each held whole.
const AT_ONCE: usize = 6;

/// The request with every image and document on the web fetched and put in, and a note about each. The caller's request
/// stays as it is; without URLs in it, nothing is copied.
pub(crate) async fn download<'a>(
    client: &Inner,
    request: &'a MessageRequest,
    limit: Option<Duration>,
) -> Result<(Cow<'a, MessageRequest>, Vec<String>)> {
    let mut urls: Vec<String> = Vec::new();
    request.each_source(|_, source| {
        if let Some(url) = source.url().filter(|url| !urls.iter().any(|known| known == url)) {
            urls.push(url.to_owned());
        }
    });
    if urls.is_empty() {
        return Ok((Cow::Borrowed(request), Vec::new()));
    }
    let files = fetch_all(client, &urls, limit.map_or(LIMIT, |limit| limit.min(LIMIT))).await?;
    let mut whole = request.clone();
    whole.each_source_mut(|source| {
        let file = |url: &str| urls.iter().position(|known| known == url).and_then(|at| files.get(at));
        match source {
            SourceMut::Image(source) => {
                if let ImageSource::Url(known) = source
                    && let Some(bytes) = file(&known.url)
                {
                    *source = ImageSource::from_bytes(bytes).map_err(|unfit| misfit(&known.url, &unfit))?;
                }
            }
            SourceMut::Document(source) => {
                if let MediaSource::Url(known) = source
                    && let Some(bytes) = file(&known.url)
                {
                    *source = MediaSource::from_bytes(bytes).map_err(|unfit| misfit(&known.url, &unfit))?;
                }
            }
        }
        Ok::<(), Error>(())
    })?;
    let notes = urls.iter().zip(&files).map(|(url, file)| format!("downloaded {}: {} bytes", shown(url), file.len()));
    Ok((Cow::Owned(whole), notes.collect()))
}

/// The files of `urls`, some at a time. The first failure ends the others, and so does more than a request can hold.
async fn fetch_all(client: &Inner, urls: &[String], limit: Duration) -> Result<Vec<Bytes>> {
    let deadline = Instant::now() + limit;
    // Dropping the set ends what is under way.
    let mut fetching = JoinSet::new();
    let mut waiting = urls.iter().cloned().enumerate();
    let mut files = vec![Bytes::new(); urls.len()];
    let mut room = LARGEST_FILE;
    loop {
        while fetching.len() < AT_ONCE
            && let Some((at, url)) = waiting.next()
        {
            let transport = client.transport.clone();
            fetching.spawn(async move {
                let fetched = tokio::time::timeout_at(deadline, fetch(&*transport, &url, deadline)).await;
                (at, fetched.unwrap_or_else(|_| Err(failed(&url, &format!("it took longer than {limit:?}")))))
            });
        }
        let Some(joined) = fetching.join_next().await else { return Ok(files) };
        let (at, file) = joined.map_err(|error| Error::new(Kind::Interrupted, "download media", error.to_string()))?;
        let file = file?;
        room = room.checked_sub(file.len() as u64).ok_or_else(|| {
            let why = format!("together they are longer than {LARGEST_FILE} bytes, the limit of a request to Bedrock");
            Error::new(Kind::Invalid, "download the media of the request", why)
                .with_hint("ask with fewer files at a time")
        })?;
        files[at] = file;
    }
}

fn misfit(url: &str, unfit: &UnfitBytes) -> Error {
    let error = failed(url, &unfit.to_string());
    match unfit.hint() {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
