//! What ends, kept until shortly before it does: keys and tokens. Renewed by one caller at a time.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::CredentialsError;

/// Renewed this long before the end; what lives shortly, in the last quarter of its life. By no chance: one process
/// renews for all its calls, so there is no crowd to spread.
const EARLY: Duration = Duration::from_secs(300);

/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What could not be renewed and is still good is not asked for again before this.
const AGAIN: Duration = Duration::from_secs(30);

/// Something that ends.
pub(crate) trait Ends: Send + Sync + Sized + 'static {
    /// When; never, or nobody knows, when `None`.
    fn expires(&self) -> Option<SystemTime>;

    /// What it is called where it is to be forgotten: no secret. `number` counts those that were fetched.
    fn name(&self, number: u64) -> String;
}

pub(crate) type Fetching<'a, T> = Pin<Box<dyn Future<Output = Result<T, CredentialsError>> + Send + 'a>>;

/// Where new ones come from.
pub(crate) trait Fetch<T>: Send + Sync + fmt::Debug {
    fn fetch(&self) -> Fetching<'_, T>;

    /// Whether asking again may give another.
    fn can_refresh(&self) -> bool;
}

/// The last one that was fetched.
///
/// While it is renewed early, others are given the old one; once it has ended they wait for the one caller that fetches.
/// A failure is shared by those who waited for it, and is not kept; where the old one is still good it is no failure.
#[derive(Debug)]
pub(crate) struct Cache<T> {
    source: Box<dyn Fetch<T>>,
    held: RwLock<Option<Held<T>>>,
    refreshing: Mutex<Refreshes>,
}

/// What is kept.
#[derive(Debug)]
pub(crate) struct Held<T> {
    pub(crate) value: Arc<T>,
    /// What it is called where it is to be forgotten.
    pub(crate) name: Arc<str>,
    /// When to renew it; never when `None`.
    pub(crate) renew: Option<SystemTime>,
}

#[derive(Debug, Default)]
struct Refreshes {
    count: u64,
    failed: Option<(Instant, CredentialsError)>,
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Held { value: Arc::clone(&self.value), name: Arc::clone(&self.name), renew: self.renew }
    }
}

impl<T: Ends> Held<T> {
    fn is_fresh(&self, now: SystemTime) -> bool {
        self.renew.is_none_or(|renew| now < renew)
    }

    fn is_good(&self, now: SystemTime) -> bool {
        self.value.expires().is_none_or(|expires| now < expires)
    }
}

/// When something that ends at `expires` is renewed, seen from `now`.
pub(crate) fn renewed_at(expires: SystemTime, now: SystemTime) -> SystemTime {
    let life = expires.duration_since(now).unwrap_or_default();
    expires.checked_sub(EARLY.min(life / 4)).unwrap_or(expires)
}

impl<T: Ends> Cache<T> {
    pub(crate) fn new(source: impl Fetch<T> + 'static) -> Self {
        Cache { source: Box::new(source), held: RwLock::new(None), refreshing: Mutex::default() }
    }

    /// Whether another may be had when AWS calls this one expired.
    pub(crate) fn can_refresh(&self) -> bool {
        self.source.can_refresh()
    }

    /// One that is good at `now`.
    pub(crate) async fn good_at(&self, now: SystemTime) -> Result<Held<T>, CredentialsError> {
        if let Some(held) = self.held().filter(|held| held.is_fresh(now)) {
            return Ok(held);
        }
        let asked = Instant::now();
        let mut refreshes = match self.refreshing.try_lock() {
            Ok(refreshes) => refreshes,
            Err(_) => match self.held().filter(|held| held.is_good(now)) {
                Some(held) => return Ok(held),
                None => self.refreshing.lock().await,
            },
        };
        // Whoever waited finds what the first one fetched, or why that failed.
        if let Some(held) = self.held().filter(|held| held.is_fresh(now)) {
            return Ok(held);
        }
        if let Some((_, error)) = refreshes.failed.as_ref().filter(|(failed, _)| *failed >= asked) {
            return Err(error.clone());
        }
        self.renew(&mut refreshes, now).await
    }

    async fn renew(
        &self,
        refreshes: &mut MutexGuard<'_, Refreshes>,
        now: SystemTime,
    ) -> Result<Held<T>, CredentialsError> {
        let fetched = tokio::time::timeout(PATIENCE, self.source.fetch()).await.unwrap_or_else(|_| {
            Err(CredentialsError::new(format!("the credentials provider did not answer within {PATIENCE:?}")))
        });
        match fetched {
            Ok(fetched) => {
                refreshes.count += 1;
                let name = fetched.name(refreshes.count).into();
                let renew = fetched.expires().map(|expires| renewed_at(expires, now));
                let held = Held { value: Arc::new(fetched), name, renew };
                self.hold(Some(held.clone()));
                Ok(held)
            }
            Err(error) => match self.held().filter(|held| held.is_good(now)) {
                // One that has not ended yet is better than none.
                Some(mut held) => {
                    held.renew = now.checked_add(AGAIN);
                    if let (Some(renew), Some(expires)) = (held.renew, held.value.expires()) {
                        held.renew = Some(renew.min(expires));
                    }
                    self.hold(Some(held.clone()));
                    Ok(held)
                }
                None => {
                    refreshes.failed = Some((Instant::now(), error.clone()));
                    Err(error)
                }
            },
        }
    }

    /// Forgets what AWS called expired, unless it was renewed since.
    pub(crate) fn forget(&self, name: &str) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|held| *held.name == *name) {
            *held = None;
        }
    }

    fn held(&self) -> Option<Held<T>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, held: Option<Held<T>>) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = held;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    /// Ends at so many seconds.
    #[derive(Debug)]
    struct Thing(u64);

    impl Ends for Thing {
        fn expires(&self) -> Option<SystemTime> {
            Some(at(self.0))
        }

        fn name(&self, number: u64) -> String {
            format!("thing {number}")
        }
    }

    /// Gives things that end at `ends`, where it is let; nothing where `ends` is 0.
    #[derive(Debug)]
    struct Giver {
        asked: AtomicUsize,
        ends: AtomicU64,
        lets: Semaphore,
    }

    impl Fetch<Thing> for Arc<Giver> {
        fn fetch(&self) -> Fetching<'_, Thing> {
            Box::pin(async {
                self.asked.fetch_add(1, Ordering::SeqCst);
                let _let = self.lets.acquire().await;
                match self.ends.load(Ordering::SeqCst) {
                    0 => Err(CredentialsError::new("there is none")),
                    ends => Ok(Thing(ends)),
                }
            })
        }

        fn can_refresh(&self) -> bool {
            true
        }
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn giver(ends: u64) -> (Arc<Giver>, Arc<Cache<Thing>>) {
        let (asked, ends) = (AtomicUsize::new(0), AtomicU64::new(ends));
        let giver = Arc::new(Giver { asked, ends, lets: Semaphore::new(1) });
        (Arc::clone(&giver), Arc::new(Cache::new(giver)))
    }

    async fn name(cache: &Cache<Thing>, seconds: u64) -> Option<String> {
        cache.good_at(at(seconds)).await.ok().map(|held| held.name.to_string())
    }

    #[tokio::test]
    async fn what_lives_long_is_renewed_five_minutes_early_and_what_does_not_in_its_last_quarter() {
        for (ends, still, renewed) in [(1000, 749, 750), (100_000, 99_699, 99_700), (1200, 899, 900)] {
            let (_, cache) = giver(ends);
            assert_eq!(name(&cache, 0).await.as_deref(), Some("thing 1"));
            assert_eq!(name(&cache, still).await.as_deref(), Some("thing 1"), "{ends}");
            assert_eq!(name(&cache, renewed).await.as_deref(), Some("thing 2"), "{ends}");
        }
    }

    #[tokio::test]
    async fn only_what_is_held_is_forgotten() {
        let (_, cache) = giver(1000);
        assert_eq!(name(&cache, 0).await.as_deref(), Some("thing 1"));
        cache.forget("thing 0");
        assert_eq!(name(&cache, 0).await.as_deref(), Some("thing 1"));
        cache.forget("thing 1");
        assert_eq!(name(&cache, 0).await.as_deref(), Some("thing 2"));
    }

    #[tokio::test]
    async fn two_hundred_at_once_fetch_once_and_share_what_comes_or_why_nothing_does() {
        for ends in [1000, 0] {
            let (giver, cache) = giver(ends);
            let slow = giver.lets.acquire().await.ok();
            let all: Vec<_> = (0..200)
                .map(|_| {
                    let cache = Arc::clone(&cache);
                    tokio::spawn(async move { name(&cache, 0).await })
                })
                .collect();
            // One thread: when this goes on, each has asked or waits.
            tokio::task::yield_now().await;
            assert!(all.iter().all(|one| !one.is_finished()));
            drop(slow);
            for one in all {
                assert_eq!(one.await.ok().flatten().is_some(), ends > 0);
            }
            assert_eq!(giver.asked.load(Ordering::SeqCst), 1);
        }
    }

    #[tokio::test]
    async fn while_one_renews_the_others_keep_to_the_old_ones_until_these_end() {
        let (giver, cache) = giver(1000);
        assert_eq!(name(&cache, 0).await.as_deref(), Some("thing 1"));
        giver.ends.store(9000, Ordering::SeqCst);
        // The provider does not answer yet.
        let slow = giver.lets.acquire().await.ok();
        let renewing = tokio::spawn({
            let cache = Arc::clone(&cache);
            async move { name(&cache, 800).await }
        });
        while giver.asked.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        for _ in 0..200 {
            assert_eq!(name(&cache, 999).await.as_deref(), Some("thing 1"));
        }
        let late = tokio::spawn({
            let cache = Arc::clone(&cache);
            async move { name(&cache, 1000).await }
        });
        tokio::task::yield_now().await;
        assert!(!late.is_finished(), "what has ended is not given out");
        drop(slow);
        assert_eq!(renewing.await.ok().flatten().as_deref(), Some("thing 2"));
        assert_eq!(late.await.ok().flatten().as_deref(), Some("thing 2"));
        assert_eq!(giver.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn what_cannot_be_renewed_is_used_while_it_is_good_and_asked_for_again_later() {
        let (giver, cache) = giver(1000);
        assert_eq!(name(&cache, 0).await.as_deref(), Some("thing 1"));
        giver.ends.store(0, Ordering::SeqCst);
        for (now, asked) in [(750, 2), (779, 2), (780, 3), (999, 4)] {
            assert_eq!(name(&cache, now).await.as_deref(), Some("thing 1"));
            assert_eq!(giver.asked.load(Ordering::SeqCst), asked, "at {now}");
        }
        assert_eq!(name(&cache, 1000).await, None);
        giver.ends.store(9000, Ordering::SeqCst);
        assert_eq!(name(&cache, 1001).await.as_deref(), Some("thing 2"), "a failure is not kept");
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_leaves_the_renewal_to_the_next() {
        let (giver, cache) = giver(1000);
        let slow = giver.lets.acquire().await.ok();
        let first = tokio::spawn({
            let cache = Arc::clone(&cache);
            async move { name(&cache, 0).await }
        });
        while giver.asked.load(Ordering::SeqCst) < 1 {
            tokio::task::yield_now().await;
        }
        first.abort();
        let _ = first.await;
        drop(slow);
        assert_eq!(name(&cache, 0).await.as_deref(), Some("thing 1"));
    }
}
