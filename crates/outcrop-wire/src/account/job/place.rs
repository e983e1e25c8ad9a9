//! Where the files of a job lie: `{output}/{job id}/{input file}.out`, and `manifest.json.out` beside them.

use super::JobId;
use crate::account::logging::S3Path;

/// How the names of files of records end.
pub const RECORDS: &str = ".jsonl";
/// What is put after the name of a file of records for that of its results.
pub const RESULTS: &str = ".out";
/// The file with the counts of a job.
pub const MANIFEST: &str = "manifest.json.out";

/// The folder of the results of a job.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JobPlace {
    /// The bucket.
    pub bucket: String,
    /// What every key begins with, slash included.
    pub folder: String,
}

impl JobPlace {
    /// That of a job whose output goes to `s3://...`, with or without a slash at its end.
    #[must_use]
    pub fn new(output: &str, id: JobId) -> Option<Self> {
        let S3Path { bucket, key } = S3Path::parse(output)?;
        let slash = if key.is_empty() || key.ends_with('/') { "" } else { "/" };
        Some(JobPlace { bucket, folder: format!("{key}{slash}{id}/") })
    }

    /// The key of the results of a file of records. `input` is what the job was given: the key of that file, or the folder
    /// that it is in; folders below that are kept, so that files of two of them do not meet (decided here: AWS says nothing
    /// of folders).
    #[must_use]
    pub fn results(&self, input: &str, key: &str) -> String {
        let name = match key.strip_prefix(input) {
            Some("") | None => key.rsplit('/').next().unwrap_or(key),
            Some(below) => below.trim_start_matches('/'),
        };
        format!("{}{name}{RESULTS}", self.folder)
    }

    /// The key of the counts.
    #[must_use]
    pub fn manifest(&self) -> String {
        format!("{}{MANIFEST}", self.folder)
    }

    /// The name of the file of records whose results a key holds; `None` for other keys.
    #[must_use]
    pub fn input<'k>(&self, key: &'k str) -> Option<&'k str> {
        let name = key.strip_prefix(self.folder.as_str())?.strip_suffix(RESULTS)?;
        name.ends_with(RECORDS).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_lie_beside_the_manifest_under_the_id() {
        let id = || JobId::parse("abcdef123456").expect("an id");
        for (output, folder) in [
            ("s3://b", "abcdef123456/"),
            ("s3://b/", "abcdef123456/"),
            ("s3://b/out", "out/abcdef123456/"),
            ("s3://b/out/", "out/abcdef123456/"),
        ] {
            let place = JobPlace::new(output, id()).expect("a folder");
            assert_eq!((place.bucket.as_str(), place.folder.as_str()), ("b", folder));
            assert_eq!(place.manifest(), format!("{folder}manifest.json.out"));
            for (input, key, name) in [
                ("in.jsonl", "in.jsonl", "in.jsonl"),
                ("a/in.jsonl", "a/in.jsonl", "in.jsonl"),
                ("a/", "a/in.jsonl", "in.jsonl"),
                ("a", "a/in.jsonl", "in.jsonl"),
                ("a", "a/b/in.jsonl", "b/in.jsonl"),
                ("", "a/in.jsonl", "a/in.jsonl"),
                ("elsewhere", "a/in.jsonl", "in.jsonl"),
            ] {
                let results = place.results(input, key);
                assert_eq!(results, format!("{folder}{name}.out"), "{input} {key}");
                assert_eq!(place.input(&results), Some(name));
            }
            assert_eq!(place.input(&place.manifest()), None);
        }
        assert_eq!(JobPlace::new("/tmp/out", id()), None);
    }
}
