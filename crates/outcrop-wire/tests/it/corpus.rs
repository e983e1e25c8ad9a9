//! Where recorded traffic lies, and the line each test prints about it.

use std::path::{Path, PathBuf};

use outcrop_wire::account::{ControlCall, control_call};
use serde_json::Value;

/// One recorded exchange.
pub(crate) struct Exchange {
    /// `bedrock-chatlas/001.json`
    pub(crate) name: String,
    /// Its JSON.
    pub(crate) json: Value,
}

impl Exchange {
    /// The body of `request` or `response` as bytes, in whichever form it was kept.
    pub(crate) fn body(&self, side: &str) -> Option<Vec<u8>> {
        use base64::Engine as _;
        let side = &self.json[side];
        if let Some(text) = side["body"].as_str() {
            return Some(text.as_bytes().to_vec());
        }
        if let Some(text) = side["body_base64"].as_str() {
            return base64::engine::general_purpose::STANDARD.decode(text).ok();
        }
        side.get("body_json").filter(|json| !json.is_null()).map(|json| json.to_string().into_bytes())
    }

    pub(crate) fn text(&self, member: &str) -> &str {
        self.json[member].as_str().unwrap_or_default()
    }

    pub(crate) fn status(&self) -> u64 {
        self.json["response"]["status"].as_u64().unwrap_or_default()
    }
}

/// `OUTCROP_CORPUS`, else the folder beside the checkout; `None` (and a line that says so) when neither is there.
pub(crate) fn folder(what: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let folder = std::env::var_os("OUTCROP_CORPUS").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("corpus: {what}: skipped, no corpus (set OUTCROP_CORPUS)");
    None
}

/// Every exchange in the sets whose name begins with one of `prefixes`, in order.
pub(crate) fn exchanges(folder: &Path, prefixes: &[&str]) -> Vec<Exchange> {
    let mut found = Vec::new();
    let mut sets: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    sets.sort();
    for set in sets {
        let name = set.file_name().unwrap().to_string_lossy().into_owned();
        if !set.is_dir() || !prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let mut files: Vec<_> = std::fs::read_dir(&set).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
            let text = std::fs::read(file).unwrap();
            let name = format!("{name}/{}", file.file_name().unwrap().to_string_lossy());
            found.push(Exchange { json: serde_json::from_slice(&text).unwrap(), name });
        }
    }
    found
}

/// A request that a client sent, as it went over the wire: its line, and its body.
pub(crate) struct Captured {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) body: String,
}

impl Captured {
    /// `captures/NAME.http`
    pub(crate) fn read(folder: &Path, name: &str) -> Self {
        let text = std::fs::read_to_string(folder.join(format!("captures/{name}.http"))).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let line = head.split("\r\n").next().unwrap();
        let [method, target, _] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        Captured { method: method.to_owned(), target: target.to_owned(), body: body.to_owned() }
    }

    /// The operation of the control plane that it asks for.
    pub(crate) fn control(&self) -> ControlCall {
        let (path, query) =
            self.target.split_once('?').map_or((&*self.target, None), |(path, query)| (path, Some(query)));
        control_call(&self.method, path, query).unwrap()
    }
}

/// Counts, names what failed, and fails the test if anything did.
pub(crate) struct Report {
    what: &'static str,
    ok: usize,
    failed: Vec<String>,
}

impl Report {
    pub(crate) fn new(what: &'static str) -> Self {
        Report { what, ok: 0, failed: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.ok += 1,
            Err(problem) => self.failed.push(format!("{name}: {problem}")),
        }
    }

    pub(crate) fn finish(self) {
        let Report { what, ok, failed } = self;
        println!("corpus: {what}: {} files, {ok} ok, {} failed", ok + failed.len(), failed.len());
        for failure in &failed {
            println!("corpus: {what}: failed {failure}");
        }
        assert!(failed.is_empty(), "{what}: {} failed: {}", failed.len(), failed.join("\n"));
    }
}

/// `Ok` when both are the same JSON by meaning: member order and spelling of numbers do not count.
pub(crate) fn same(found: &Value, expected: &Value) -> Result<(), String> {
    difference(found, expected, String::new()).map_or(Ok(()), Err)
}

fn difference(found: &Value, expected: &Value, at: String) -> Option<String> {
    match (found, expected) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            names.into_iter().find_map(|name| match (a.get(name), b.get(name)) {
                (Some(a), Some(b)) => difference(a, b, format!("{at}.{name}")),
                (None, _) => Some(format!("{at}.{name} was lost")),
                // A member that AWS always writes, `stop_sequence` say, is written as null where a recording lacks it.
                (Some(Value::Null), None) => None,
                (_, None) => Some(format!("{at}.{name} was made up")),
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(index, (a, b))| difference(a, b, format!("{at}[{index}]")))
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => None,
        (a, b) if a == b => None,
        (a, b) => Some(format!("{at}: {a} instead of {b}")),
    }
}

/// A small generator: the cuts of a failing case are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}
