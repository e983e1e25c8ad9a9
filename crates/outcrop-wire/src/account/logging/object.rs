//! An object of the log, gzipped or plain -> its records, one by one.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use super::{ModelInvocationLog, PERMISSION_NOTICE};
use crate::json::{self, Json};

/// A line of more bytes is none of a log: a call takes 25 MB at most. What was packed to exhaust memory ends here.
pub const LONGEST_LINE: usize = 64 << 20;

/// So much of what is no log is shown.
const SHOWN: usize = 40;

/// How what is gzipped begins.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// The records of an object. What cannot be read is told in its place, and what stands behind it is read on where that
/// is possible.
pub struct LogObject<'a> {
    name: String,
    lines: Box<dyn BufRead + 'a>,
    line: u64,
    /// What is to be told before anything else is read.
    untold: Option<LogTroubleKind>,
    /// A line was read.
    begun: bool,
    ended: bool,
}

/// What of an object cannot be read.
#[derive(Debug)]
pub struct LogTrouble {
    /// The object's name.
    pub object: String,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    pub kind: LogTroubleKind,
}

/// What is wrong with an object.
#[derive(Debug)]
#[non_exhaustive]
pub enum LogTroubleKind {
    /// It has no byte at all: what was to be in it is lost.
    Empty,
    /// It ends before its end: nothing follows.
    Truncated,
    /// Its gzip is damaged: nothing follows.
    Damaged(String),
    /// It is gzipped, and this program was built without that.
    Gzipped,
    /// It is neither gzipped nor text: nothing follows.
    Binary,
    /// It is text, and neither its first line nor the next begins as JSON does: nothing follows. So it begins.
    NoLog(String),
    /// A line is too long: nothing follows.
    TooLong,
    /// A line is no record. Those behind it are read.
    NoRecord(String),
    /// A body is no JSON.
    NoBody(String),
}

impl LogTroubleKind {
    /// Whether the object was whole once: it may be so where it came from.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        matches!(self, LogTroubleKind::Empty | LogTroubleKind::Truncated | LogTroubleKind::Damaged(_))
    }
}

impl fmt::Display for LogTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LogTrouble { object, line, kind } = self;
        match kind {
            LogTroubleKind::Empty => write!(f, "{object} is empty"),
            LogTroubleKind::Truncated => write!(f, "{object}, line {line}: the object is cut off here"),
            LogTroubleKind::Damaged(why) => write!(f, "{object}, line {line}: the gzip is damaged here: {why}"),
            LogTroubleKind::Gzipped => write!(f, "{object} is gzipped, which this build does not read"),
            LogTroubleKind::Binary => write!(f, "{object}, line {line}: neither gzip nor lines of JSON"),
            LogTroubleKind::NoLog(begins) => {
                write!(f, "{object}, line {line}: neither gzip nor lines of JSON: it begins with `{begins}`")
            }
            LogTroubleKind::TooLong => {
                write!(f, "{object}, line {line} is longer than {} MiB", LONGEST_LINE >> 20)
            }
            LogTroubleKind::NoRecord(why) => write!(f, "{object}, line {line} is no log record: {why}"),
            LogTroubleKind::NoBody(why) => write!(f, "{object}, line {line} is no JSON: {why}"),
        }
    }
}

impl std::error::Error for LogTrouble {}

impl fmt::Debug for LogObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogObject").field("name", &self.name).field("line", &self.line).finish_non_exhaustive()
    }
}

impl<'a> LogObject<'a> {
    /// An object by its name, for errors, and its bytes: gzipped (several gzips one after another, too) or plain.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: &'a [u8]) -> Self {
        let untold = bytes.is_empty().then_some(LogTroubleKind::Empty);
        LogObject { name: name.into(), lines: unpacked(bytes), line: 0, untold, begun: false, ended: false }
    }

    fn trouble(&mut self, kind: LogTroubleKind) -> LogTrouble {
        self.ended = !matches!(kind, LogTroubleKind::NoRecord(_));
        LogTrouble { object: self.name.clone(), line: self.line, kind }
    }

    /// The next line that is not empty, and not the one that Bedrock writes to a log group when it is set.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>, LogTroubleKind> {
        loop {
            if let Some(kind) = self.untold.take() {
                return Err(kind);
            }
            let mut line = Vec::new();
            self.line += 1;
            let mut limited = (&mut self.lines).take(LONGEST_LINE as u64 + 1);
            let read = match limited.read_until(b'\n', &mut line) {
                Ok(read) => read,
                // What breaks off behind the last record takes nothing from it.
                Err(error) if json::decode::<ModelInvocationLog>(&line).is_ok() => {
                    self.untold = Some(kind(error));
                    line.len()
                }
                Err(error) => return Err(kind(error)),
            };
            match line.trim_ascii() {
                _ if read == 0 => return Ok(None),
                _ if line.len() > LONGEST_LINE => return Err(LogTroubleKind::TooLong),
                text if text.is_empty() || text == PERMISSION_NOTICE.as_bytes() => {}
                _ => return Ok(Some(line)),
            }
        }
    }

    /// Whether what follows looks like a record.
    fn goes_on(&mut self) -> bool {
        self.lines.fill_buf().is_ok_and(|bytes| bytes.trim_ascii_start().starts_with(b"{"))
    }

    /// Why a line is no record.
    fn no_record(line: &[u8], error: &serde_json::Error, is_first: bool) -> LogTroubleKind {
        if line.contains(&0) && std::str::from_utf8(line).is_err() {
            return LogTroubleKind::Binary;
        }
        let text = line.trim_ascii();
        match text.starts_with(b"{") {
            false if is_first => LogTroubleKind::NoLog(String::from_utf8_lossy(text).chars().take(SHOWN).collect()),
            // JSON that ends too early, at the end of the object.
            _ if error.is_eof() && !line.ends_with(b"\n") => LogTroubleKind::Truncated,
            _ => LogTroubleKind::NoRecord(in_line(error)),
        }
    }
}

impl Iterator for LogObject<'_> {
    type Item = Result<ModelInvocationLog, LogTrouble>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let line = match self.next_line() {
            Ok(Some(line)) => line,
            Ok(None) => {
                self.ended = true;
                return None;
            }
            Err(kind) => return Some(Err(self.trouble(kind))),
        };
        let is_first = !std::mem::replace(&mut self.begun, true);
        let record = json::decode::<ModelInvocationLog>(&line);
        Some(record.map_err(|error| {
            let kind = match Self::no_record(&line, &error, is_first) {
                LogTroubleKind::NoLog(_) if self.goes_on() => LogTroubleKind::NoRecord(in_line(&error)),
                kind => kind,
            };
            self.trouble(kind)
        }))
    }
}

/// The body of a request or an answer that was too large for its record, gzipped or plain; `name` is for errors.
///
/// # Errors
/// When it is cut off, damaged, or no JSON.
pub fn read_body(name: &str, bytes: &[u8]) -> Result<Json, LogTrouble> {
    let trouble = |kind: LogTroubleKind| LogTrouble { object: name.to_owned(), line: 1, kind };
    let mut text = Vec::new();
    unpacked(bytes).take(LONGEST_LINE as u64 + 1).read_to_end(&mut text).map_err(|error| trouble(kind(error)))?;
    if text.len() > LONGEST_LINE {
        return Err(trouble(LogTroubleKind::TooLong));
    }
    json::decode(&text).map_err(|error| {
        let line = u64::try_from(error.line().max(1)).unwrap_or(u64::MAX);
        let kind = match error.is_eof() {
            true => LogTroubleKind::Truncated,
            false => LogTroubleKind::NoBody(in_line(&error)),
        };
        LogTrouble { line, ..trouble(kind) }
    })
}

#[cfg(feature = "gzip")]
fn unpacked<'a>(bytes: &'a [u8]) -> Box<dyn BufRead + 'a> {
    match bytes.starts_with(GZIP) {
        true => Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(bytes))),
        false => Box::new(bytes),
    }
}

#[cfg(not(feature = "gzip"))]
fn unpacked<'a>(bytes: &'a [u8]) -> Box<dyn BufRead + 'a> {
    /// Says that it cannot be read.
    struct Packed;
    impl Read for Packed {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }
    match bytes.starts_with(GZIP) {
        true => Box::new(BufReader::new(Packed)),
        false => Box::new(bytes),
    }
}

/// Why a line is not what it should be; the number of the line is told by who knows it.
fn in_line(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    match text.strip_suffix(&format!(" at line {line} column {column}")) {
        Some(why) => format!("{why} at column {column}"),
        None => text,
    }
}

fn kind(error: io::Error) -> LogTroubleKind {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => LogTroubleKind::Truncated,
        io::ErrorKind::Unsupported => LogTroubleKind::Gzipped,
        _ => LogTroubleKind::Damaged(error.to_string()),
    }
}
