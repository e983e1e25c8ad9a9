//! A thread that keeps connections and timers going, and the waiting of those that call.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread, ThreadId};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::unconstrained;

use crate::error::{Error, Result};

/// Ends with its last owner; what is still open is then closed.
pub(super) struct Runtime {
    handle: Handle,
    thread: ThreadId,
    /// Its end is the thread's end.
    _stop: oneshot::Sender<()>,
}

impl Runtime {
    pub(super) fn start() -> Result<Self> {
        let cannot = |error: io::Error| Error::config("start the thread of a blocking client", error.to_string());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(cannot)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("outcrop-blocking".to_owned()).spawn(move || {
            // An error says that the owner has gone, as it is meant to.
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        });
        let thread = thread.map_err(cannot)?.thread().id();
        Ok(Runtime { handle, thread, _stop: stop })
    }

    /// Polls on this thread, which sleeps in between. Nothing of it has to be `Send` or live on.
    pub(super) fn run<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        self.may_wait()?;
        self.wait(call)
    }

    /// Whether this thread may wait.
    pub(super) fn may_wait(&self) -> Result<()> {
        if thread::current().id() != self.thread {
            return Ok(());
        }
        let why = "this is the thread that keeps its connections going: it would wait for itself";
        Err(Error::config("make a blocking call", why).with_hint("make it from another thread"))
    }

    /// Waits where that is allowed.
    pub(super) fn wait<T>(&self, call: impl Future<Output = T>) -> T {
        let _entered = self.handle.enter();
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        // Within a task of another runtime its turn may be used up; nobody would give it a new one here.
        let mut call = pin!(unconstrained(call));
        loop {
            match call.as_mut().poll(&mut context) {
                Poll::Ready(outcome) => return outcome,
                Poll::Pending => thread::park(),
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}
