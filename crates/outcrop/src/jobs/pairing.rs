//! Which file of requests each file of results answers, and which requests count as missing: those of the job, and no others.
//!
//! A file of requests is found by its name, which AWS keeps, else by the record ids in it. How many requests a job had its
//! manifest says: where more are at hand, they are not all of the job, and none of them is told to be missing.

use outcrop_wire::account::JobId;
use outcrop_wire::account::job::{JobManifest, MANIFEST, RECORDS, RESULTS};

use super::join::Join;
use super::line::record_id_of;
use super::lines::Lines;
use super::place::BatchFiles;
use crate::error::{Error, Kind, Result};

/// A file of results, and that of its requests.
pub(super) struct File {
    pub(super) results: Option<Source>,
    pub(super) requests: Option<Source>,
    pub(super) join: Join,
    /// Whether a request without a result is missing: else it may not have been one of the job.
    pub(super) misses: bool,
}

#[derive(Clone)]
pub(super) struct Source {
    files: BatchFiles,
    key: String,
}

/// What is to be read, in order.
pub(super) struct Paired {
    pub(super) files: Vec<File>,
    pub(super) manifest: Option<JobManifest>,
    pub(super) notes: Vec<String>,
}

/// What is known of the requests besides their files.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// Whether they are the input of the job, as it says itself.
    pub(super) own: bool,
    /// How many they are.
    pub(super) total: Option<u64>,
}

/// The results of one job.
struct Told {
    folder: String,
    manifest: Option<JobManifest>,
    files: Vec<File>,
}

/// A file of requests.
struct Asked {
    source: Source,
    /// What is in it, once that was read.
    join: Option<Join>,
    used: bool,
}

/// Finds the files of results, and the requests of each.
///
/// # Errors
/// When the files of results cannot be listed, or there is none.
pub(super) async fn pair(results: &BatchFiles, requests: Option<&BatchFiles>, known: Known) -> Result<Paired> {
    let mut notes = Vec::new();
    let mut jobs = told(results, known, &mut notes).await?;
    let mut asked = asked(requests, &mut notes).await;
    let sole = asked.len() == 1 && matches!(&jobs[..], [job] if job.files.len() == 1);
    for job in &mut jobs {
        job.find_requests(&mut asked, sole, &mut notes).await;
    }
    match &mut jobs[..] {
        [job] => {
            let total = job.manifest.as_ref().map(|manifest| manifest.total_record_count).or(known.total);
            job.take_rest(&mut asked, Known { total, ..known }, &mut notes).await;
            job.settle(total, known.own || sole, &mut notes);
        }
        several => {
            let names = several.iter().map(|job| job.folder.trim_end_matches('/'));
            notes.push(format!("these are the results of {} jobs: {}", names.len(), some(names)));
            for job in several {
                job.settle(job.manifest.as_ref().map(|manifest| manifest.total_record_count), false, &mut notes);
            }
        }
    }
    let left: Vec<String> = asked.iter().filter(|asked| !asked.used).map(|asked| asked.source.shown()).collect();
    if !left.is_empty() {
        let names = some(left.iter().map(String::as_str));
        notes.push(format!("left out, since nothing says that they are of the job: the requests in {names}"));
    }
    let manifests = jobs.iter().map(|job| job.manifest.clone());
    let manifest = manifests.reduce(|all, one| Some(added(all?, &one?))).flatten();
    Ok(Paired { files: jobs.into_iter().flat_map(|job| job.files).collect(), manifest, notes })
}

impl Source {
    pub(super) async fn lines(&self) -> Result<Lines> {
        self.files.lines(&self.key).await
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        self.files.shown(&self.key)
    }

    /// The record id of the first line.
    async fn first_id(&self) -> Option<String> {
        let line = self.lines().await.ok()?.next().await.ok()??;
        record_id_of(&line.text)
    }

    /// The requests that are in it.
    async fn requests(&self) -> Result<Join> {
        let mut lines = self.lines().await?;
        let mut join = Join::default();
        while let Some(line) = lines.next().await? {
            join.expect(record_id_of(&line.text).as_deref(), line.number);
        }
        Ok(join)
    }
}

impl Asked {
    /// What is in it; nothing where it cannot be read, which is told once.
    async fn requests(&mut self, notes: &mut Vec<String>) -> Option<&Join> {
        if self.join.is_none() && !self.used {
            match self.source.requests().await {
                Ok(join) => self.join = Some(join),
                Err(error) => {
                    notes.push(format!("{error}; what has no result is not known"));
                    self.used = true;
                }
            }
        }
        self.join.as_ref()
    }
}

impl Told {
    /// Gives each file of results that of its requests. Of `sole` files it is clear which belong together.
    async fn find_requests(&mut self, asked: &mut [Asked], sole: bool, notes: &mut Vec<String>) {
        let mut taken = vec![false; asked.len()];
        for file in &mut self.files {
            let Some(results) = &file.results else { continue };
            // By name first, then the others by what is in them.
            let name = results.key.strip_suffix(RESULTS).unwrap_or(&results.key);
            let mut order: Vec<(usize, usize)> =
                asked.iter().enumerate().map(|(at, asked)| (common(&asked.source.key, name), at)).collect();
            order.sort_by_key(|(common, at)| (std::cmp::Reverse(*common), *at));
            order.retain(|(_, at)| !taken[*at]);
            if order.is_empty() {
                continue;
            }
            let first = results.first_id().await;
            for (common, at) in order {
                let Some(join) = asked[at].requests(notes).await else { continue };
                let asks = first.as_deref().is_some_and(|id| join.asks(id).is_some());
                // AWS made the ids where requests have none.
                if asks || ((common > 0 || sole) && (first.is_none() || join.has_unnamed())) {
                    file.join = join.clone();
                    file.requests = Some(asked[at].source.clone());
                    (file.misses, taken[at], asked[at].used) = (common > 0, true, true);
                    break;
                }
            }
        }
    }

    /// Takes what is left of the requests, where it is the job's too: it ended before their turn came.
    async fn take_rest(&mut self, asked: &mut [Asked], known: Known, notes: &mut Vec<String>) {
        let mut with_them = self.requests();
        let mut rest = Vec::new();
        for asked in asked.iter_mut().filter(|asked| !asked.used) {
            let Some(join) = asked.requests(notes).await.cloned() else { return };
            with_them += join.len() as u64;
            let requests = Some(asked.source.clone());
            rest.push((File { results: None, requests, join, misses: true }, asked));
        }
        let theirs = known.total.map_or(known.own, |total| with_them == total);
        for (file, asked) in rest.into_iter().filter(|_| theirs) {
            asked.used = true;
            self.files.push(file);
        }
    }

    /// Decides whether requests without a result are missing: of `total` that the job had, or of files that are surely its
    /// own.
    fn settle(&mut self, total: Option<u64>, sure: bool, notes: &mut Vec<String>) {
        let (held, files) = (self.requests(), &mut self.files);
        match total {
            Some(total) if held > total => {
                files.iter_mut().for_each(|file| file.misses = false);
                let whose = if self.folder.is_empty() { "the job" } else { self.folder.trim_end_matches('/') };
                notes.push(format!(
                    "there are {held} requests, and {whose} had {total}: which of them have no result is not known"
                ));
            }
            Some(_) => files.iter_mut().for_each(|file| file.misses = true),
            None => files.iter_mut().for_each(|file| file.misses |= sure),
        }
    }

    /// How many requests are at hand.
    fn requests(&self) -> u64 {
        self.files.iter().map(|file| file.join.len() as u64).sum()
    }
}

/// The files of results, by job.
async fn told(results: &BatchFiles, known: Known, notes: &mut Vec<String>) -> Result<Vec<Told>> {
    let listed = results.list(RESULTS).await?;
    let is_manifest = |key: &str| key.rsplit('/').next() == Some(MANIFEST);
    let mut manifests: Vec<&str> = listed.iter().map(|(key, _)| key.as_str()).filter(|key| is_manifest(key)).collect();
    let found = listed.iter().map(|(key, _)| key.as_str());
    let found: Vec<&str> = found
        .filter(|key| !is_manifest(key) && key.strip_suffix(RESULTS).is_some_and(|key| key.ends_with(RECORDS)))
        .collect();
    let Some(first) = found.first() else {
        let doing = format!("read the results in {}", results.shown(&results.prefix));
        let error = Error::new(Kind::Invalid, doing, format!("there is no file whose name ends in {RECORDS}{RESULTS}"));
        return Err(error.with_hint("name the folder of the job: its name is the id of the job"));
    };
    // A file that is named alone has it beside it.
    let beside = format!("{}{MANIFEST}", parent(first));
    if manifests.is_empty() {
        manifests.push(&beside);
    }
    let mut jobs: Vec<Told> = Vec::new();
    for key in &found {
        let folder = if known.own { "" } else { folder(key, &manifests) };
        let source = Some(Source { files: results.clone(), key: (*key).to_owned() });
        let file = File { results: source, requests: None, join: Join::default(), misses: false };
        match jobs.iter_mut().find(|job| job.folder == folder) {
            Some(job) => job.files.push(file),
            None => jobs.push(Told { folder: folder.to_owned(), manifest: None, files: vec![file] }),
        }
    }
    let alone = jobs.len() == 1;
    for job in &mut jobs {
        let key = manifests.iter().find(|key| (alone && manifests.len() == 1) || parent(key) == job.folder);
        if let Some(key) = key {
            job.manifest = manifest(results, key, notes).await;
        }
    }
    Ok(jobs)
}

/// The folder of the job that a file is of: it has a manifest, or is called by the id of the job. Else all are of one.
fn folder<'k>(key: &'k str, manifests: &[&str]) -> &'k str {
    let ends = key.match_indices('/').map(|(at, _)| at + 1).collect::<Vec<_>>();
    let folders = ends.iter().rev().map(|end| &key[..*end]);
    let is_job = |folder: &str| {
        let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        manifests.iter().any(|manifest| parent(manifest) == folder) || JobId::parse(name).is_some()
    };
    folders.into_iter().find(|folder| is_job(folder)).unwrap_or_default()
}

/// The files of requests.
async fn asked(requests: Option<&BatchFiles>, notes: &mut Vec<String>) -> Vec<Asked> {
    let Some(requests) = requests else { return Vec::new() };
    let listed = match requests.list(RECORDS).await {
        // A file that is named may be called as its owner likes.
        Ok(listed) if listed.is_empty() => requests.list(&requests.prefix).await.map(|mut listed| {
            listed.retain(|(key, _)| *key == requests.prefix);
            listed
        }),
        listed => listed,
    };
    let listed = listed.unwrap_or_else(|error| {
        notes.push(format!("{error}; what has no result is not known"));
        Vec::new()
    });
    let source = |key| Source { files: requests.clone(), key };
    listed.into_iter().map(|(key, _)| Asked { source: source(key), join: None, used: false }).collect()
}

/// What AWS counted.
async fn manifest(results: &BatchFiles, key: &str, notes: &mut Vec<String>) -> Option<JobManifest> {
    let read = match results.small(key).await {
        Ok(read) => read?,
        Err(error) => {
            notes.push(error.to_string());
            return None;
        }
    };
    serde_json::from_slice(&read)
        .inspect_err(|error| notes.push(format!("{} is no manifest: {error}", results.shown(key))))
        .ok()
}

/// The counts of two jobs together.
fn added(all: JobManifest, one: &JobManifest) -> JobManifest {
    JobManifest {
        total_record_count: all.total_record_count + one.total_record_count,
        processed_record_count: all.processed_record_count + one.processed_record_count,
        success_record_count: all.success_record_count + one.success_record_count,
        error_record_count: all.error_record_count + one.error_record_count,
        input_token_count: all.input_token_count + one.input_token_count,
        output_token_count: all.output_token_count + one.output_token_count,
        extra: Default::default(),
    }
}

/// The folder of a key, with its slash; empty where it is in none.
fn parent(key: &str) -> &str {
    key.rfind('/').map_or("", |slash| &key[..=slash])
}

/// How many parts of two paths are the same, from the end.
fn common(one: &str, other: &str) -> usize {
    one.rsplit('/').zip(other.rsplit('/')).take_while(|(one, other)| one == other).count()
}

/// The first few of some names.
fn some<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 3;
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
