//! The world outside: environment, files, clock, chance. Injected, so that no test sets a process variable.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, ErrorKind::NotFound};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// The world outside. Cheap to clone.
#[derive(Clone)]
pub struct Surroundings(Arc<World>);

type Variable = dyn Fn(&str) -> Option<String> + Send + Sync;
type Read = dyn Fn(&Path) -> io::Result<String> + Send + Sync;
type Exists = dyn Fn(&Path) -> bool + Send + Sync;
type Clock = dyn Fn() -> SystemTime + Send + Sync;
type Chance = dyn Fn() -> f64 + Send + Sync;

struct World {
    variable: Box<Variable>,
    read: Box<Read>,
    exists: Box<Exists>,
    now: Box<Clock>,
    chance: Box<Chance>,
    /// Whether this is the process's own world, where AWS's own providers may look around too.
    real: bool,
}

impl Surroundings {
    /// The process's own.
    #[must_use]
    pub fn system() -> Self {
        Surroundings(Arc::new(World {
            variable: Box::new(|name| std::env::var(name).ok()),
            read: Box::new(|path| std::fs::read_to_string(path)),
            exists: Box::new(|path| path.symlink_metadata().is_ok()),
            now: Box::new(SystemTime::now),
            chance: Box::new(fastrand::f64),
            real: true,
        }))
    }

    /// Made up: these variables and files, and nothing else. The clock is the system's; chance is always 0.
    #[must_use]
    pub fn made_up<'a>(
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let own = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let variables: BTreeMap<String, String> = variables.into_iter().map(own).collect();
        let files: BTreeMap<PathBuf, String> =
            files.into_iter().map(|(path, text)| (PathBuf::from(path), text.to_owned())).collect();
        Surroundings(Arc::new(World {
            variable: Box::new(move |name| variables.get(name).cloned()),
            exists: {
                let paths: BTreeSet<PathBuf> = files.keys().cloned().collect();
                Box::new(move |path| paths.contains(path))
            },
            read: Box::new(move |path| files.get(path).cloned().ok_or_else(|| NotFound.into())),
            now: Box::new(SystemTime::now),
            chance: Box::new(|| 0.0),
            real: false,
        }))
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let world = self.0;
        let (variables, files, places, chances) =
            (Arc::clone(&world), Arc::clone(&world), Arc::clone(&world), Arc::clone(&world));
        Surroundings(Arc::new(World {
            variable: Box::new(move |name| (variables.variable)(name)),
            read: Box::new(move |path| (files.read)(path)),
            exists: Box::new(move |path| (places.exists)(path)),
            now: Box::new(now),
            chance: Box::new(move || (chances.chance)()),
            real: world.real,
        }))
    }

    /// The same with other files: what reading one gives. One is there unless that is `NotFound`.
    #[must_use]
    pub fn with_files(self, read: impl Fn(&Path) -> io::Result<String> + Send + Sync + 'static) -> Self {
        let world = self.0;
        let (variables, times, chances) = (Arc::clone(&world), Arc::clone(&world), Arc::clone(&world));
        let read = Arc::new(read);
        let places = Arc::clone(&read);
        Surroundings(Arc::new(World {
            variable: Box::new(move |name| (variables.variable)(name)),
            read: Box::new(move |path| read(path)),
            exists: Box::new(move |path| places(path).map_or_else(|error| error.kind() != NotFound, |_| true)),
            now: Box::new(move || (times.now)()),
            chance: Box::new(move || (chances.chance)()),
            real: false,
        }))
    }

    /// A variable; an empty one counts as absent.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.0.variable)(name).filter(|value| !value.trim().is_empty())
    }

    /// Whether a variable says yes: `true` or `1`; `None` when it is not set.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.variable(name).map(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    /// A file's text.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, path: &Path) -> io::Result<String> {
        (self.0.read)(path)
    }

    /// Whether there is something of that name, readable or not.
    #[must_use]
    pub fn is_there(&self, path: &Path) -> bool {
        (self.0.exists)(path)
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        (self.0.now)()
    }

    /// A number from 0 to below 1.
    #[must_use]
    pub fn chance(&self) -> f64 {
        (self.0.chance)()
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn unix(&self) -> i64 {
        self.now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        self.variable("HOME").or_else(|| self.variable("USERPROFILE")).map(PathBuf::from)
    }

    /// Whether this is the process's own world.
    #[cfg(feature = "aws-config")]
    pub(crate) fn is_real(&self) -> bool {
        self.0.real
    }
}

impl Default for Surroundings {
    fn default() -> Self {
        Surroundings::system()
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.real { "Surroundings(system)" } else { "Surroundings(made up)" })
    }
}
