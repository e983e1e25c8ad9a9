//! The bytes of an object on their way to a client.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::stream::BoxStream;
use http_body::{Body, Frame};

/// What an object store gives, as a body. It is polled from one place at a time.
pub(super) struct ObjectBody(BoxStream<'static, object_store::Result<Bytes>>);

impl ObjectBody {
    pub(super) fn new(stream: BoxStream<'static, object_store::Result<Bytes>>) -> Self {
        ObjectBody(stream)
    }
}

impl Body for ObjectBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.as_mut().poll_next(context).map(|data| data.map(|data| Ok(Frame::data(data?))))
    }
}

/// What comes next in a stream.
pub(super) async fn next<T>(stream: &mut BoxStream<'_, T>) -> Option<T> {
    std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await
}
