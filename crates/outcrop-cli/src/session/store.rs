//! Where sessions are kept: a folder of JSON files that only their owner can read, each written whole or not at all.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use outcrop::Surroundings;
use outcrop::wire::sigv4::AmzTime;

use super::{FORM, Session};
use crate::data;
use crate::exit::Failure;

/// The folder of sessions.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

/// The file of one session, and how it was when this program last saw it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    path: PathBuf,
    seen: Option<Seen>,
}

type Seen = (SystemTime, u64);

/// A session in the list; one that cannot be read says why.
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) used: SystemTime,
    pub(crate) session: Result<Session, String>,
}

const ENDING: &str = "json";

impl Store {
    /// `outcrop/sessions` in the user's folder for data (XDG Base Directory Specification).
    pub(crate) fn of_user(surroundings: &Surroundings) -> Result<Self, Failure> {
        let data = data::folder(surroundings).ok_or_else(|| {
            Failure::usage("cannot keep the session: neither XDG_DATA_HOME nor HOME is set")
                .hint("set HOME, or keep nothing with --no-save")
        })?;
        Ok(Store { folder: data.join("sessions") })
    }

    /// The file of what was typed, beside the folder.
    pub(crate) fn history(&self) -> Option<PathBuf> {
        let folder = self.folder.parent()?;
        data::private_folder(folder).ok()?;
        Some(folder.join("history"))
    }

    /// Every session, the one used last first.
    pub(crate) fn list(&self) -> Result<Vec<Listed>, Failure> {
        let mut listed = Vec::new();
        for (name, path, used) in self.files()? {
            let session = read(&path).map(|(session, _)| session);
            listed.push(Listed { name, used, session });
        }
        Ok(listed)
    }

    /// The session used last.
    pub(crate) fn last(&self) -> Result<(Session, Place), Failure> {
        match self.files()?.into_iter().next() {
            Some((name, ..)) => self.open(&name),
            None => Err(Failure::usage(format!("there is no session to go on with in {}", self.folder.display()))
                .hint("begin one: outcrop chat")),
        }
    }

    /// The session of this name.
    pub(crate) fn open(&self, name: &str) -> Result<(Session, Place), Failure> {
        let path = self.path(name)?;
        if !path.exists() {
            return Err(Failure::usage(format!("there is no session `{name}` in {}", self.folder.display()))
                .hint("list them: outcrop chat --resume"));
        }
        let (session, seen) = read(&path).map_err(|why| {
            Failure::usage(format!("cannot go on with session `{name}`: {}: {why}", path.display()))
                .hint("the file was left as it is; other sessions: outcrop chat --resume")
        })?;
        Ok((session, Place { path, seen: Some(seen) }))
    }

    /// A place that no session has, named after the day and time.
    pub(crate) fn fresh(&self, unix: i64) -> Place {
        let time = AmzTime::from_unix(unix);
        let name = time.as_str().trim_end_matches('Z').replace('T', "-");
        Place { path: self.folder.join(format!("{name}.{ENDING}")), seen: None }
    }

    /// A place of this name that no session has.
    pub(crate) fn named(&self, name: &str) -> Result<Place, Failure> {
        let path = self.path(name)?;
        match path.exists() {
            false => Ok(Place { path, seen: None }),
            true => Err(Failure::usage(format!("there is a session `{name}` already")).hint("choose another name")),
        }
    }

    fn path(&self, name: &str) -> Result<PathBuf, Failure> {
        let fine = |letter: char| letter.is_alphanumeric() || ['-', '_', '.', ' '].contains(&letter);
        let name_is_fine = (1..=100).contains(&name.len()) && !name.starts_with('.') && name.chars().all(fine);
        match name_is_fine {
            true => Ok(self.folder.join(format!("{name}.{ENDING}"))),
            false => Err(Failure::usage(format!("`{name}` is no name for a session"))
                .hint("letters, digits, `-`, `_`, `.` and spaces, at most 100, with no `.` in front")),
        }
    }

    /// Name, path and time of every session file, the newest first.
    fn files(&self) -> Result<Vec<(String, PathBuf, SystemTime)>, Failure> {
        let cannot =
            |error: io::Error| Failure::usage(format!("cannot read folder {}: {error}", self.folder.display()));
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(cannot(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(cannot)?.path();
            let name = path.file_stem().and_then(|name| name.to_str());
            if path.extension().is_some_and(|ending| ending == ENDING)
                && let Some(name) = name
                && let Ok(used) = fs::metadata(&path).and_then(|file| file.modified())
            {
                files.push((name.to_owned(), path.clone(), used));
            }
        }
        files.sort_by(|a, b| (b.2, &b.0).cmp(&(a.2, &a.0)));
        Ok(files)
    }
}

impl Place {
    pub(crate) fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the file, if it is still as this program wrote it.
    pub(crate) fn remove(self) {
        if self.seen.is_some() && self.seen == seen(&self.path).ok() {
            // What stays is a session too many, and no harm.
            let _ = fs::remove_file(&self.path);
        }
    }

    /// Writes the session: the file is the old one or the new one, never a part. Where somebody else has written it
    /// since, theirs stays and ours takes another name: then that name is given.
    pub(crate) fn save(&mut self, session: &Session) -> Result<Option<String>, Failure> {
        let cannot =
            |error: io::Error| Failure::new(format!("cannot save the session to {}: {error}", self.path.display()));
        let folder = self.path.parent().unwrap_or(Path::new("."));
        data::private_folder(folder).map_err(cannot)?;
        // Made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(cannot)?;
        let mut out = BufWriter::new(file.as_file_mut());
        serde_json::to_writer(&mut out, session)
            .map_err(io::Error::from)
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush())
            .map_err(cannot)?;
        drop(out);
        file.as_file().sync_all().map_err(cannot)?;
        let seen = seen(file.path()).map_err(cannot)?;
        if self.seen.is_some() && self.seen == self::seen(&self.path).ok() {
            file.persist(&self.path).map_err(|error| cannot(error.error))?;
            self.seen = Some(seen);
            return Ok(None);
        }
        let stem = self.name();
        let mut number = 1;
        loop {
            let path = match number {
                1 => self.path.clone(),
                _ => folder.join(format!("{stem}-{number}.{ENDING}")),
            };
            match file.persist_noclobber(&path) {
                Ok(_) => {
                    // A session that was never written gives nothing up with its name.
                    let renamed = (number > 1 && self.seen.is_some()).then(|| format!("{stem}-{number}"));
                    *self = Place { path, seen: Some(seen) };
                    return Ok(renamed);
                }
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {
                    file = error.file;
                    number += 1;
                }
                Err(error) => return Err(cannot(error.error)),
            }
        }
    }
}

fn seen(path: &Path) -> io::Result<Seen> {
    let file = fs::metadata(path)?;
    Ok((file.modified()?, file.len()))
}

fn read(path: &Path) -> Result<(Session, Seen), String> {
    let seen = seen(path).map_err(|error| error.to_string())?;
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    #[derive(serde::Deserialize)]
    struct Form {
        outcrop_session: u32,
    }
    let damaged = |error: serde_json::Error| format!("the file is damaged: {error}");
    let form: Form = serde_json::from_str(&text).map_err(damaged)?;
    if form.outcrop_session > FORM {
        return Err(format!("a newer version of outcrop wrote it (form {})", form.outcrop_session));
    }
    let session: Session = serde_json::from_str(&text).map_err(damaged)?;
    Ok((session, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcrop::MessageRequest;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store { folder: folder.path().join("sessions") };
        (folder, store)
    }

    fn session(text: &str) -> Session {
        Session::new(MessageRequest::new("opus", 1).user(text), None)
    }

    #[test]
    fn who_writes_last_does_not_take_away_what_another_wrote() {
        let (_folder, store) = store();
        let mut place = store.named("one").expect("a place");
        assert_eq!(place.save(&session("ours")).expect("saved"), None);
        let (mut theirs, mut their_place) = store.open("one").expect("there");
        theirs.request = theirs.request.assistant("theirs");
        assert_eq!(their_place.save(&theirs).expect("saved"), None);
        assert_eq!(place.save(&session("ours, longer")).expect("saved").as_deref(), Some("one-2"));
        assert_eq!(place.save(&session("ours again")).expect("saved"), None, "it goes on under the new name");
        let read = |name: &str| store.open(name).expect("there").0.request.messages.len();
        assert_eq!((read("one"), read("one-2")), (2, 1));
    }

    #[test]
    fn two_that_begin_in_the_same_second_have_two_files() {
        let (_folder, store) = store();
        let (mut first, mut second) = (store.fresh(0), store.fresh(0));
        first.save(&session("first")).expect("saved");
        assert_eq!(second.save(&session("second")).expect("saved"), None);
        assert_eq!((first.name().as_str(), second.name().as_str()), ("19700101-000000", "19700101-000000-2"));
        assert_eq!(store.list().expect("a list").len(), 2);
    }

    #[test]
    fn a_file_that_was_removed_meanwhile_is_written_again() {
        let (_folder, store) = store();
        let mut place = store.named("one").expect("a place");
        place.save(&session("a")).expect("saved");
        fs::remove_file(place.path()).expect("removed");
        assert_eq!(place.save(&session("b")).expect("saved"), None);
        assert_eq!(store.open("one").expect("there").0.title(), "b");
    }

    #[test]
    fn names_stay_within_the_folder() {
        let (_folder, store) = store();
        for name in ["", ".", "..", "../x", "a/b", ".hidden", "a\0b", "a\nb", &"x".repeat(101)] {
            assert!(store.named(name).is_err() && store.open(name).is_err(), "{name:?}");
        }
        assert!(store.named("Über uns 2.1_a-b").is_ok());
    }
}
