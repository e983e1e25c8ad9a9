//! Objects removed: `DeleteObject`, `DeleteObjects`.

use bytes::Bytes;
use http_body::Body;
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::{decode_removal, encode_removed};
use outcrop_wire::fault::Fault;

use super::Asked;
use super::receive::Received;
use super::refusal::malformed;
use super::said::Said;

/// The most keys of one request.
const MOST: usize = 1000;

pub(super) async fn one(asked: &Asked<'_>) -> Result<Said, Fault> {
    asked.buckets.remove(&asked.place.uri()).await?;
    Ok(Said::nothing(204))
}

pub(super) async fn several<B>(asked: &Asked<'_>, bucket: &str, body: Received<'_, B>) -> Result<Said, Fault>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (keys, quiet) = decode_removal(&body.whole().await?).map_err(malformed)?;
    if keys.len() > MOST {
        return Err(malformed(format!("more than {MOST} keys")));
    }
    let (mut removed, mut failed) = (Vec::new(), Vec::new());
    for key in keys {
        let place = S3Uri { bucket: bucket.to_owned(), key };
        match asked.buckets.remove(&place).await {
            Ok(()) if quiet => {}
            Ok(()) => removed.push(place.key),
            Err(fault) => failed.push((place.key, fault.code, fault.message)),
        }
    }
    Ok(Said::xml(encode_removed(&removed, &failed)))
}
