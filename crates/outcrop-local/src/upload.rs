//! The body of a request: read whole or as it comes, or refused and its rest taken all the same.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;
use outcrop_wire::fault::{Fault, Origin};

use crate::check::BODY_LIMIT;

/// How long a client may be silent inside a body.
const SILENCE: Duration = Duration::from_secs(30);

/// How long, and how many bytes, the rest of a refused body is taken.
const PATIENCE: Duration = Duration::from_secs(10);
const MOST: usize = 4 * BODY_LIMIT;

/// Room is made for so many bytes before they come.
const AT_FIRST: u64 = 1 << 20;

/// A body that is being sent.
///
/// Most clients write all of it before they read: dropping it unread would break their pipe, and they would never see
/// why. So what is not read is taken and thrown away in the background.
pub(crate) struct Upload<B>(Option<Pin<Box<B>>>)
where
    B: Body<Data = Bytes> + Send + 'static;

impl<B> Upload<B>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub(crate) fn new(body: B) -> Self {
        Upload(Some(Box::pin(body)))
    }

    /// All of it, or AWS's refusal of one that is too long. `announced` is the length that the head says.
    pub(crate) async fn read(&mut self, announced: Option<u64>) -> Result<Bytes, Fault> {
        if announced.is_some_and(|length| length > BODY_LIMIT as u64) {
            return Err(too_long());
        }
        let expected = announced.map_or(0, |length| length.min(AT_FIRST) as usize);
        let mut whole = BytesMut::with_capacity(expected);
        while let Some(data) = self.chunk().await? {
            if whole.len() + data.len() > BODY_LIMIT {
                return Err(too_long());
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    }

    /// The next piece of it, of a body of any length; `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        let Some(body) = &mut self.0 else { return Ok(None) };
        let broken =
            |why: &str| Fault::new("ValidationException", format!("the request body broke off: {why}"), Origin::Http);
        loop {
            let frame = match tokio::time::timeout(SILENCE, body.frame()).await {
                Ok(None) => break,
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => return Err(broken(&error.into().to_string())),
                Err(_) => return Err(broken(&format!("no byte came for {SILENCE:?}"))),
            };
            // Trailers say nothing here.
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        self.0 = None;
        Ok(None)
    }
}

impl<B> Drop for Upload<B>
where
    B: Body<Data = Bytes> + Send + 'static,
{
    fn drop(&mut self) {
        let Some(mut body) = self.0.take().filter(|body| !body.is_end_stream()) else { return };
        tokio::spawn(tokio::time::timeout(PATIENCE, async move {
            let mut taken = 0;
            while let Some(Ok(frame)) = body.frame().await {
                taken += frame.data_ref().map_or(0, Bytes::len);
                if taken > MOST {
                    break;
                }
            }
        }));
    }
}

fn too_long() -> Fault {
    let message = "Problems with the request at the HTTP level. The request entity is too large.";
    Fault::new("RequestEntityTooLargeException", message, Origin::Http)
}
