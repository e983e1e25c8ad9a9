//! Runs the program in a world of its own, with nothing in its environment and an empty home, and shows how it ended.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

use tempfile::TempDir;

/// The program under test.
pub(crate) const OUTCROP: &str = env!("CARGO_BIN_EXE_outcrop");

/// The keys of the local account, as `outcrop local --env` prints them.
pub(crate) const LOCAL_KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", outcrop_local::Account::ACCESS_KEY_ID),
    ("AWS_SECRET_ACCESS_KEY", outcrop_local::Account::SECRET_ACCESS_KEY),
    ("AWS_REGION", outcrop_local::REGION),
];

/// A run of the program, or of a shell that calls it.
pub(crate) struct Run {
    home: TempDir,
    command: Command,
    input: Option<Vec<u8>>,
}

/// `outcrop` with these arguments.
pub(crate) fn outcrop<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Run {
    let mut command = Command::new(OUTCROP);
    command.args(arguments);
    Run::new(command)
}

/// A script that finds the program as `$OUTCROP`.
#[cfg(unix)]
pub(crate) fn shell(script: &str) -> Run {
    let mut command = Command::new("sh");
    command.args(["-e", "-c", script]);
    Run::new(command).env("OUTCROP", OUTCROP).env("PATH", std::env::var_os("PATH").unwrap_or_default())
}

impl Run {
    fn new(mut command: Command) -> Self {
        let home = tempfile::tempdir().unwrap();
        // On a machine of Amazon's the program would ask for the machine's own keys.
        command.env_clear().env("HOME", home.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        Run { home, command, input: None }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn envs<'a>(mut self, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.command.envs(variables);
        self
    }

    /// Text on standard input; nothing at all without.
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// A file under the home folder.
    pub(crate) fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path: PathBuf = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// Where a file under the home folder is.
    pub(crate) fn place(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    /// Runs in the home folder, so that files there have short names.
    pub(crate) fn at_home(mut self) -> Self {
        self.command.current_dir(self.home.path());
        self
    }

    /// The home folder of another run in place of its own.
    pub(crate) fn home(mut self, home: &std::path::Path) -> Self {
        self.command.env("HOME", home).current_dir(home);
        self
    }

    pub(crate) fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.command.stdout(stdout);
        self
    }

    /// Runs to the end.
    pub(crate) fn output(mut self) -> Output {
        self.finish()
    }

    /// Runs to the end: exit code, standard output and standard error, without what differs from run to run.
    pub(crate) fn shown(mut self) -> String {
        let output = self.finish();
        let mut shown = format!("exit: {}\n", output.status.code().unwrap_or(-1));
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            let text = String::from_utf8(bytes.clone()).unwrap();
            if !text.is_empty() {
                let _ = write!(shown, "----- {name} -----\n{}", filtered(&text, self.home.path().to_str().unwrap()));
            }
        }
        shown
    }

    fn finish(&mut self) -> Output {
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin);
        let Some(input) = &self.input else { return self.command.output().unwrap() };
        let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A program that does not read its input is no failure of the test's.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    /// Starts, and leaves it running. Standard input, where there is some, does not end.
    pub(crate) fn start(mut self) -> Running {
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        let child = self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap();
        if let Some(stdin) = &mut child.stdin {
            stdin.write_all(&self.input.unwrap_or_default()).unwrap();
        }
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Running { child, stdout, _home: self.home }
    }
}

/// A program that runs; it ends with the test.
pub(crate) struct Running {
    child: Child,
    pub(crate) stdout: BufReader<ChildStdout>,
    _home: TempDir,
}

impl Running {
    /// `outcrop local` on a free port, with further arguments: the program, and where it listens.
    pub(crate) fn local(arguments: &[&str]) -> (Self, String) {
        let mut running = outcrop([&["local", "--listen", "127.0.0.1:0"], arguments].concat()).start();
        let line = running.line();
        let address = line.strip_prefix("listening on ").and_then(|url| Some(url.split_once("://")?.1));
        let address = address.unwrap_or_else(|| panic!("{line:?}"));
        (running, address.to_owned())
    }

    /// The next line of standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end_matches('\n').to_owned()
    }

    /// Asks it to stop, as an operator does.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for its end: status, the rest of standard output, and standard error.
    pub(crate) fn end(mut self) -> (ExitStatus, String, String) {
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        (self.child.wait().unwrap(), out, err)
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Text without what differs from run to run: the home folder, versions, times, ids and ports.
pub(crate) fn filtered(text: &str, home: &str) -> String {
    let text = text.replace(home, "[HOME]").replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    [
        ("first token ", " |", "[TIME]"),
        ("total ", " |", "[TIME]"),
        (" after ", "\n", "[TIME]"),
        ("| request ", "\n", "[ID]"),
        ("request id: ", "\n", "[ID]"),
        ("\"id\":\"msg_bdrk_01", "\"", "[ID]"),
        ("--resume '", "'", "[NAME]"),
        ("x-amz-date: ", "\n", "[DATE]"),
        ("Credential=AKIAOUTCROPLOCALTEST/", "/", "[DAY]"),
        (" on 127.0.0.1:", ":", "[PORT]"),
    ]
    .iter()
    .fold(text, |text, (mark, end, with)| masked(&text, mark, end, with))
}

/// Puts `with` in place of what stands between `mark` and `end`, or the end of the line.
fn masked(text: &str, mark: &str, end: &str, with: &str) -> String {
    let mut parts = text.split(mark);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let line = part.find('\n').unwrap_or(part.len());
        let at = part.find(end).unwrap_or(line).min(line);
        let _ = write!(out, "{mark}{with}{}", &part[at..]);
    }
    out
}
