//! Where in S3 the log lies: keys, written and read.
//!
//! `{prefix/}AWSLogs/{account}/BedrockModelInvocationLogs/{region}/{YYYY}/{MM}/{DD}/{HH}/{name}.json.gz` holds records;
//! `.../{HH}/data/` beside it what is too large for a record or no text: `{requestId}_input.json.gz`,
//! `{requestId}_output.json.gz`, `{requestId}_input_media_00.pdf`. Dates are UTC. An object
//! `.../amazon-bedrock-logs-permission-check` is what Bedrock writes to see whether it may (AWS user guide, model
//! invocation logging; published records).

use std::fmt;

use crate::sigv4::AmzTime;

/// The folder of an account's log.
pub const LOGS_FOLDER: &str = "BedrockModelInvocationLogs";
/// The name of the object that Bedrock writes to see whether it may.
pub const PERMISSION_CHECK: &str = "amazon-bedrock-logs-permission-check";

/// The folder of everything that AWS logs.
const AWS_LOGS: &str = "AWSLogs";
/// The folder of what is not in its record.
const DATA: &str = "data";
/// How names of bodies end, and of objects of records.
const INPUT: &str = "_input.json.gz";
const OUTPUT: &str = "_output.json.gz";
const MEDIA: &str = "_input_media_";
const RECORDS: &str = ".json.gz";
/// How else objects of records end that were unpacked or renamed on their way.
const UNPACKED: [&str; 5] = [".json", ".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"];

/// An hour in UTC.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LogHour(i64);

/// Where the log of one account and region lies in its bucket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogPlace {
    /// What the keys begin with, without the slash after it; empty where there is nothing.
    pub prefix: String,
    /// The account, twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
}

/// What an object of the log is for.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LogRole {
    /// It holds records.
    Records,
    /// It is the body of a request.
    Input {
        /// Whose.
        request_id: String,
    },
    /// It is the body of an answer.
    Output {
        /// Whose.
        request_id: String,
    },
    /// It is an image or a document of a request.
    Media {
        /// Whose.
        request_id: String,
    },
    /// It shows that Bedrock may write.
    PermissionCheck,
    /// It is something else.
    Other,
}

/// What the key of an object says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogKey {
    /// What the key begins with, up to `AWSLogs`, without the slash between.
    pub prefix: String,
    /// The account.
    pub account: String,
    /// The region; there may be none of a permission check.
    pub region: Option<String>,
    /// The hour; there may be none of a permission check.
    pub hour: Option<LogHour>,
    /// What the object is for.
    pub role: LogRole,
}

/// An object of S3: `s3://bucket/key`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct S3Path {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
}

impl LogHour {
    /// The hour of a time.
    #[must_use]
    pub fn of(time: AmzTime) -> Self {
        LogHour(time.unix().div_euclid(3600))
    }

    /// The hour of `YYYY/MM/DD/HH`.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        let [year, month, day, hour] = parts.as_slice() else { return None };
        AmzTime::parse(&format!("{year}{month}{day}T{hour}0000Z")).map(LogHour::of)
    }

    /// Its first second.
    #[must_use]
    pub fn begins(self) -> AmzTime {
        AmzTime::from_unix(self.0.saturating_mul(3600))
    }

    /// The first second of the next.
    #[must_use]
    pub fn ends(self) -> AmzTime {
        AmzTime::from_unix(self.0.saturating_add(1).saturating_mul(3600))
    }
}

/// `YYYY/MM/DD/HH`.
impl fmt::Display for LogHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.begins();
        let text = time.as_str();
        write!(f, "{}/{}/{}/{}", &text[..4], &text[4..6], &text[6..8], &text[9..11])
    }
}

impl LogPlace {
    /// What every key of this account and region begins with, slash included.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("{}{}/", self.root(), self.region)
    }

    /// The key of an object of records that is written at `time`. `unique` tells objects of one millisecond apart; 16
    /// hexadecimal digits in names of AWS's, which nobody documents.
    #[must_use]
    pub fn records(&self, time: AmzTime, milliseconds: u16, unique: &str) -> String {
        let (second, milliseconds) = (time.as_str().trim_end_matches('Z'), milliseconds.min(999));
        format!("{}{}/{second}{milliseconds:03}Z_{unique}{RECORDS}", self.folder(), LogHour::of(time))
    }

    /// The key of a request's body.
    #[must_use]
    pub fn input(&self, time: AmzTime, request_id: &str) -> String {
        self.data(time, &format!("{request_id}{INPUT}"))
    }

    /// The key of an answer's body.
    #[must_use]
    pub fn output(&self, time: AmzTime, request_id: &str) -> String {
        self.data(time, &format!("{request_id}{OUTPUT}"))
    }

    /// The key of an image or document of a request: its place among them, and how names of its format end.
    #[must_use]
    pub fn media(&self, time: AmzTime, request_id: &str, place: usize, format: &str) -> String {
        self.data(time, &format!("{request_id}{MEDIA}{place:02}.{format}"))
    }

    /// The key of the object that shows that Bedrock may write.
    #[must_use]
    pub fn permission_check(&self) -> String {
        format!("{}{PERMISSION_CHECK}", self.root())
    }

    fn data(&self, time: AmzTime, name: &str) -> String {
        format!("{}{}/{DATA}/{name}", self.folder(), LogHour::of(time))
    }

    fn root(&self) -> String {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        format!("{}{slash}{AWS_LOGS}/{}/{LOGS_FOLDER}/", self.prefix, self.account)
    }
}

impl LogKey {
    /// What a key says; `None` where it is none of the log.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let parts: Vec<&str> = key.split('/').collect();
        // A prefix may hold anything, `AWSLogs` too: the last one counts.
        let at = (0..parts.len().saturating_sub(3))
            .rev()
            .find(|at| parts[*at] == AWS_LOGS && !parts[at + 1].is_empty() && parts[at + 2] == LOGS_FOLDER)?;
        let (prefix, account, rest) = (parts[..at].join("/"), parts[at + 1].to_owned(), &parts[at + 3..]);
        let region = rest.first().filter(|_| rest.len() > 1).map(|region| (*region).to_owned());
        let hour = rest.get(1..5).and_then(|hour| LogHour::parse(&hour.join("/")));
        Some(LogKey { prefix, account, region, hour, role: LogRole::of(key) })
    }

    /// Where the object lies; `None` where its key does not say the region.
    #[must_use]
    pub fn place(&self) -> Option<LogPlace> {
        let LogKey { prefix, account, region, .. } = self;
        Some(LogPlace { prefix: prefix.clone(), account: account.clone(), region: region.clone()? })
    }
}

impl LogRole {
    /// What an object is for, by its key or the end of it: a folder may have been copied from anywhere in a bucket.
    #[must_use]
    pub fn of(key: &str) -> Self {
        let (folder, name) = key.rsplit_once('/').unwrap_or(("", key));
        if name == PERMISSION_CHECK {
            return LogRole::PermissionCheck;
        }
        if folder == DATA || folder.ends_with("/data") {
            let of = |end: &str| name.strip_suffix(end).map(str::to_owned);
            let media = || name.split_once(MEDIA).map(|(id, _)| id.to_owned());
            return match (of(INPUT), of(OUTPUT)) {
                (Some(request_id), _) => LogRole::Input { request_id },
                (_, Some(request_id)) => LogRole::Output { request_id },
                _ => media().map_or(LogRole::Other, |request_id| LogRole::Media { request_id }),
            };
        }
        let holds_records = name.ends_with(RECORDS) || UNPACKED.iter().any(|end| name.ends_with(end));
        if holds_records { LogRole::Records } else { LogRole::Other }
    }
}

impl S3Path {
    /// Reads `s3://bucket/key`; the key may be empty.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (bucket, key) = text.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
        (!bucket.is_empty()).then(|| S3Path { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

impl fmt::Display for S3Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_and_read() {
        let place = |prefix: &str| LogPlace {
            prefix: prefix.to_owned(),
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
        };
        let time = AmzTime::parse("20260419T132851Z").expect("a time");
        let id = || "7487ab04-734e".to_owned();
        for prefix in ["", "logs/of-bedrock", "AWSLogs/1/BedrockModelInvocationLogs"] {
            let place = place(prefix);
            for (key, role) in [
                (place.records(time, 7, "0123456789abcdef"), LogRole::Records),
                (place.input(time, &id()), LogRole::Input { request_id: id() }),
                (place.output(time, &id()), LogRole::Output { request_id: id() }),
                (place.media(time, &id(), 0, "pdf"), LogRole::Media { request_id: id() }),
            ] {
                let read = LogKey::parse(&key).expect("a key");
                assert_eq!((&read.role, read.place()), (&role, Some(place.clone())), "{key}");
                assert_eq!(read.hour, Some(LogHour::of(time)), "{key}");
            }
            let check = LogKey::parse(&place.permission_check()).expect("a key");
            assert_eq!((check.role, check.region, check.hour), (LogRole::PermissionCheck, None, None));
        }
        let key = "AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/04/19/13/";
        assert_eq!(place("").records(time, 7, "ab"), format!("{key}20260419T132851007Z_ab.json.gz"));
        assert_eq!(place("").media(time, "r", 1, "png"), format!("{key}data/r_input_media_01.png"));
        assert_eq!(LogHour::of(time).ends().as_str(), "20260419T140000Z");
    }

    #[test]
    fn what_is_no_record_is_told_apart() {
        let log = "p/AWSLogs/1/BedrockModelInvocationLogs/us-east-1";
        for (key, role) in [
            (format!("{log}/2026/04/19/13/data/x.bin"), LogRole::Other),
            (format!("{log}/2026/04/19/13/readme.txt"), LogRole::Other),
            (format!("{log}/2026/04/19/13/data/r_output.json.gz"), LogRole::Output { request_id: "r".to_owned() }),
            (format!("{log}/{PERMISSION_CHECK}"), LogRole::PermissionCheck),
            ("13/unpacked.json".to_owned(), LogRole::Records),
            ("metadata/x.json.gz".to_owned(), LogRole::Records),
        ] {
            assert_eq!(LogRole::of(&key), role, "{key}");
        }
        for none in
            ["", "AWSLogs", "AWSLogs/1/CloudTrail/x.json.gz", "AWSLogs//BedrockModelInvocationLogs/x", "a/b/c/d"]
        {
            assert_eq!(LogKey::parse(none), None, "{none}");
        }
        assert_eq!(LogHour::parse("2026/02/30/00"), None);
        assert_eq!(S3Path::parse("s3://b/k/l").map(|path| path.to_string()).as_deref(), Some("s3://b/k/l"));
        assert_eq!((S3Path::parse("s3:///k"), S3Path::parse("/b/k")), (None, None));
    }
}
