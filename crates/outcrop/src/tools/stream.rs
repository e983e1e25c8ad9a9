//! A run, event by event. Dropping it stops the request and the tools.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

use super::event::RunEvent;
use super::run::{Run, RunError};
use crate::error::{Error, Result};

type Going = Pin<Box<dyn Future<Output = Result<Run, RunError>> + Send>>;

/// The events of a run. It goes on while it is read: the model is not asked again, nor does a tool begin, until what came
/// before was taken.
///
/// A run that fails gives one error; then it ends. [`RunStream::finish`] tells how far it came.
pub struct RunStream {
    events: mpsc::Receiver<RunEvent>,
    state: State,
}

enum State {
    Going(Going),
    Ended {
        end: Box<Result<Run, RunError>>,
        /// To be handed out after the last event.
        error: Option<Error>,
    },
}

impl RunStream {
    pub(super) fn new(begin: impl FnOnce(mpsc::Sender<RunEvent>) -> Going) -> Self {
        let (sender, events) = mpsc::channel(1);
        RunStream { events, state: State::Going(begin(sender)) }
    }

    /// The next event; `None` at the end. Events may be left to [`RunStream::finish`].
    pub async fn next(&mut self) -> Option<Result<RunEvent>> {
        std::future::poll_fn(|context| self.poll_event(context)).await
    }

    /// Goes on to the end and tells what came of it.
    ///
    /// # Errors
    /// When a call of the model fails; it holds the conversation so far.
    pub async fn finish(mut self) -> Result<Run, RunError> {
        while self.next().await.is_some() {}
        match self.state {
            State::Ended { end, .. } => *end,
            State::Going(going) => going.await,
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<RunEvent>>> {
        loop {
            if let Poll::Ready(Some(event)) = self.events.poll_recv(context) {
                return Poll::Ready(Some(Ok(event)));
            }
            match &mut self.state {
                State::Ended { error, .. } => return Poll::Ready(error.take().map(Err)),
                State::Going(going) => match going.as_mut().poll(context) {
                    Poll::Ready(end) => {
                        let error = end.as_ref().err().map(|failed| failed.error.again());
                        self.state = State::Ended { end: Box::new(end), error };
                    }
                    // It may have told something before it had to wait.
                    Poll::Pending => return self.events.poll_recv(context).map(|event| event.map(Ok)),
                },
            }
        }
    }
}

impl Stream for RunStream {
    type Item = Result<RunEvent>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(context)
    }
}

impl fmt::Debug for RunStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunStream").finish_non_exhaustive()
    }
}
