//! Events of log groups: held in memory, as many as fit, and in a file for each group where the account is in a folder.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The most events of a group that are held, and the most bytes of them; the oldest are forgotten first.
const MOST: usize = 100_000;
const MOST_BYTES: usize = 64 << 20;

/// What an event counts besides its text.
const OVERHEAD: usize = 64;

/// A name of a file is at most so long.
const LONGEST_NAME: usize = 200;

/// An event of a group: a line of its file.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct HeldEvent {
    pub(crate) stream: String,
    /// When it was, and when it came, in milliseconds since 1970.
    pub(crate) timestamp: i64,
    pub(crate) ingested: i64,
    pub(crate) message: String,
}

impl HeldEvent {
    fn bytes(&self) -> usize {
        self.message.len() + OVERHEAD
    }
}

/// Region and name of a group.
type Group = (String, String);

/// The events of every group, in the order of their times.
#[derive(Debug)]
pub(crate) struct Events {
    /// None where they are in memory alone.
    folder: Option<PathBuf>,
    most: (usize, usize),
    groups: Mutex<BTreeMap<Group, Held>>,
}

/// The events of a group.
#[derive(Debug, Default)]
struct Held {
    events: VecDeque<Arc<HeldEvent>>,
    bytes: usize,
    /// As far as the file is whole. What was forgotten may be in it.
    written: u64,
}

impl Events {
    /// In memory: gone with the server.
    pub(crate) fn memory() -> Self {
        Events { folder: None, most: (MOST, MOST_BYTES), groups: Mutex::default() }
    }

    /// In a folder, which is made with the first event. A group is read when it is first asked for.
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Events { folder: Some(folder), ..Events::memory() }
    }

    /// Adds events. Those that cannot be written down are not held either.
    pub(crate) fn put(&self, region: &str, group: &str, new: Vec<HeldEvent>) -> io::Result<()> {
        let mut groups = self.lock();
        let held = self.held(&mut groups, region, group)?;
        if let Some(file) = self.file(region, group) {
            held.append(&file, lines(&new)?)?;
        }
        held.add(new);
        held.forget(self.most);
        match self.file(region, group) {
            // Twice what is held: most of it is forgotten.
            Some(file) if held.written > 2 * (self.most.1 as u64) => held.rewrite(&file),
            _ => Ok(()),
        }
    }

    /// Those that are wanted.
    pub(crate) fn of(
        &self,
        region: &str,
        group: &str,
        wanted: impl Fn(&HeldEvent) -> bool,
    ) -> io::Result<Vec<Arc<HeldEvent>>> {
        let mut groups = self.lock();
        let held = self.held(&mut groups, region, group)?;
        Ok(held.events.iter().filter(|event| wanted(event)).cloned().collect())
    }

    /// How many bytes their texts have.
    pub(crate) fn bytes(&self, region: &str, group: &str) -> io::Result<usize> {
        let mut groups = self.lock();
        let held = self.held(&mut groups, region, group)?;
        Ok(held.bytes - held.events.len() * OVERHEAD)
    }

    pub(crate) fn remove(&self, region: &str, group: &str) -> io::Result<()> {
        self.lock().remove(&(region.to_owned(), group.to_owned()));
        match self.file(region, group).map(fs::remove_file) {
            Some(Err(error)) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Group, Held>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held<'a>(&self, groups: &'a mut BTreeMap<Group, Held>, region: &str, group: &str) -> io::Result<&'a mut Held> {
        let name = (region.to_owned(), group.to_owned());
        if !groups.contains_key(&name) {
            let mut held = match self.file(region, group) {
                Some(file) => Held::read(&file)?,
                None => Held::default(),
            };
            held.forget(self.most);
            groups.insert(name.clone(), held);
        }
        Ok(groups.entry(name).or_default())
    }

    fn file(&self, region: &str, group: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(file_name(region)).join(format!("{}.jsonl", file_name(group))))
    }
}

impl Held {
    /// What a file holds. A line that broke off, or is none of ours, is passed over.
    fn read(file: &Path) -> io::Result<Self> {
        let text = match fs::read(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Held::default()),
            text => text?,
        };
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = text[..whole].split(|byte| *byte == b'\n');
        let mut held = Held { written: whole as u64, ..Held::default() };
        held.add(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect());
        Ok(held)
    }

    fn add(&mut self, new: Vec<HeldEvent>) {
        let mut sorted = true;
        for event in new {
            sorted &= self.events.back().is_none_or(|last| last.timestamp <= event.timestamp);
            self.bytes += event.bytes();
            self.events.push_back(Arc::new(event));
        }
        if !sorted {
            // Those of one time keep the order that they came in.
            self.events.make_contiguous().sort_by_key(|event| event.timestamp);
        }
    }

    fn forget(&mut self, (most, most_bytes): (usize, usize)) {
        while self.events.len() > most || self.bytes > most_bytes {
            let Some(event) = self.events.pop_front() else { return };
            self.bytes -= event.bytes();
        }
    }

    /// Writes behind what is whole: what broke off before is written over.
    fn append(&mut self, file: &Path, lines: Vec<u8>) -> io::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(file)?;
        file.set_len(self.written)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(&lines)?;
        self.written += lines.len() as u64;
        Ok(())
    }

    /// The file with what is held, whole or as it was.
    fn rewrite(&mut self, file: &Path) -> io::Result<()> {
        let lines = lines(self.events.iter().map(|event| &**event))?;
        let mut new = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
        new.write_all(&lines)?;
        new.persist(file)?;
        self.written = lines.len() as u64;
        Ok(())
    }
}

fn lines<'a>(events: impl IntoIterator<Item = &'a HeldEvent>) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for event in events {
        serde_json::to_writer(&mut lines, event)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// A name as that of a file: none leads elsewhere, and no two are one where letters have no case.
fn file_name(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            b'.' if !out.is_empty() => out.push('.'),
            // Writing to a string does not fail.
            other => drop(write!(out, "%{other:02x}")),
        }
    }
    if out.len() <= LONGEST_NAME {
        return out;
    }
    Sha256::digest(name.as_bytes()).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(timestamp: i64, message: &str) -> HeldEvent {
        HeldEvent { stream: "s".into(), timestamp, ingested: 9, message: message.into() }
    }

    fn messages(events: &Events) -> Vec<String> {
        events.of("r", "/g", |_| true).expect("it works").iter().map(|event| event.message.to_string()).collect()
    }

    #[test]
    fn what_is_written_is_there_again_and_what_broke_off_costs_nothing_else() {
        let folder = tempfile::tempdir().expect("it works");
        let open = || Events::in_folder(folder.path().join("events"));
        let events = open();
        events.put("r", "/g", vec![event(2, "b"), event(3, "c")]).expect("it works");
        events.put("r", "/g", vec![event(1, "a\nline")]).expect("it works");
        assert_eq!(messages(&events), ["a\nline", "b", "c"]);
        let file = folder.path().join("events/r/%2fg.jsonl");
        let mut broken = fs::read(&file).expect("it works");
        broken.extend_from_slice(b"{\"stream\":\"s\",\"mess");
        fs::write(&file, broken).expect("it works");
        let events = open();
        assert_eq!(messages(&events), ["a\nline", "b", "c"]);
        events.put("r", "/g", vec![event(4, "d")]).expect("it works");
        assert_eq!(messages(&open()), ["a\nline", "b", "c", "d"]);
        assert_eq!(open().bytes("r", "/g").expect("it works"), 9);
        events.remove("r", "/g").expect("it works");
        assert!(messages(&events).is_empty() && messages(&open()).is_empty());
        events.remove("r", "/g").expect("it works");
    }

    #[test]
    fn the_oldest_are_forgotten_and_the_file_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().expect("it works");
        let open = || Events { most: (3, 1000), ..Events::in_folder(folder.path().to_owned()) };
        let events = open();
        for number in 0..100 {
            events.put("r", "/g", vec![event(number, &number.to_string())]).expect("it works");
        }
        assert_eq!(messages(&events), ["97", "98", "99"]);
        assert_eq!(messages(&open()), ["97", "98", "99"]);
        assert!(fs::metadata(folder.path().join("r/%2fg.jsonl")).expect("it works").len() <= 2100);
        events.put("r", "/g", vec![event(100, &"x".repeat(900)), event(101, &"y".repeat(900))]).expect("it works");
        assert_eq!(messages(&events), ["y".repeat(900)]);
    }

    #[test]
    fn names_of_groups_are_names_of_files() {
        assert_eq!(file_name("/bedrock/Calls.x"), "%2fbedrock%2f%43alls.x");
        assert_eq!((file_name(".."), file_name("us-east-1")), ("%2e.".to_owned(), "us-east-1".to_owned()));
        assert_ne!(file_name(&"a".repeat(500)), file_name(&"a".repeat(501)));
        assert!(file_name(&"/".repeat(512)).len() <= LONGEST_NAME);
    }
}
