//! Three limits: to connect, between bytes, and for the whole call.

use std::error::Error;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::Uri;
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep};
use tower_service::Service;

use super::TransportError;

/// Limits the time to connect: name, socket, proxy and TLS together.
#[derive(Clone)]
pub(super) struct ConnectTimeout<C> {
    connector: C,
    limit: Duration,
}

impl<C> ConnectTimeout<C> {
    pub(super) fn new(connector: C, limit: Duration) -> Self {
        ConnectTimeout { connector, limit }
    }
}

impl<C> Service<Uri> for ConnectTimeout<C>
where
    C: Service<Uri>,
    C::Future: Send + 'static,
    C::Response: Send,
    C::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = C::Response;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let host = uri.host().unwrap_or_default().to_owned();
        let (connecting, limit) = (self.connector.call(uri), self.limit);
        Box::pin(async move {
            match tokio::time::timeout(limit, connecting).await {
                Ok(connected) => connected.map_err(Into::into),
                Err(_) => {
                    let text = format!("{host} did not answer within {limit:?}");
                    Err(io::Error::new(io::ErrorKind::TimedOut, text).into())
                }
            }
        })
    }
}

/// Ends a body that is silent for too long, or whose call takes too long.
///
/// One timer, never re-armed a frame, and no look at the clock while bytes flow: silence is counted from the moment
/// there was nothing more to read.
pub(super) struct Watch {
    idle: Duration,
    /// When waiting began; none while bytes flow.
    waiting: Option<Instant>,
    deadline: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    /// Whom the timer will wake.
    waker: Option<Waker>,
    frames: u32,
}

/// While bytes flow, the clock is looked at once in so many frames.
const FRAMES_A_LOOK: u32 = 32;

fn too_long() -> TransportError {
    TransportError::Timeout("the call took longer than its limit".to_owned())
}

impl Watch {
    pub(super) fn new(idle: Duration, deadline: Option<Instant>) -> Self {
        let first = Watch::next(Instant::now(), idle, deadline);
        Watch {
            idle,
            waiting: None,
            deadline,
            timer: Box::pin(tokio::time::sleep_until(first)),
            waker: None,
            frames: 0,
        }
    }

    /// Bytes flow: an error when they flow for longer than the call may take.
    pub(super) fn flowing(&mut self) -> Option<TransportError> {
        self.waiting = None;
        self.frames = self.frames.wrapping_add(1);
        let deadline = self.deadline.filter(|_| self.frames.is_multiple_of(FRAMES_A_LOOK))?;
        (deadline <= Instant::now()).then(too_long)
    }

    /// Waits no longer than `idle` from now on.
    pub(super) fn hurry(&mut self, idle: Duration) {
        self.idle = self.idle.min(idle);
        let next = Watch::next(Instant::now(), self.idle, self.deadline);
        self.timer.as_mut().reset(next);
        self.waker = None;
    }

    /// There is nothing to read: ready with an error when that has lasted too long.
    pub(super) fn poll_waiting(&mut self, context: &mut Context<'_>) -> Poll<TransportError> {
        let waiting = match self.waiting {
            Some(waiting) => waiting,
            None => {
                let now = Instant::now();
                self.waiting = Some(now);
                // Between two frames the timer is armed already and has not fired: there is no need to ask it.
                let armed = self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
                if armed && now < self.timer.deadline() {
                    return Poll::Pending;
                }
                now
            }
        };
        // Unconstrained: a task that has used up its turn would be told to wait without the timer being armed.
        while pin!(unconstrained(self.timer.as_mut())).poll(context).is_ready() {
            if let Some(error) = self.expired(waiting, Instant::now()) {
                return Poll::Ready(error);
            }
            self.timer.as_mut().reset(Watch::next(waiting, self.idle, self.deadline));
        }
        self.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// When to look again, having waited since `waiting`.
    fn next(waiting: Instant, idle: Duration, deadline: Option<Instant>) -> Instant {
        // Limits beyond what a clock can say are no limits within a year.
        let silent = waiting.checked_add(idle).unwrap_or_else(|| waiting + Duration::from_secs(365 * 86_400));
        deadline.map_or(silent, |deadline| deadline.min(silent))
    }

    fn expired(&self, waiting: Instant, now: Instant) -> Option<TransportError> {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            return Some(too_long());
        }
        let silent = now.duration_since(waiting);
        (silent >= self.idle).then(|| TransportError::Timeout(format!("no byte came for {:?}", self.idle)))
    }
}
