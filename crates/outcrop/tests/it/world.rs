//! A process of its own for a test: AWS's crate reads the real environment and real files. And the hosts it may call,
//! all of them made up.

use std::collections::BTreeMap;
use std::io;
use std::process::Command;
use std::sync::Arc;

use outcrop::{Client, ClientBuilder};
use tempfile::TempDir;

use crate::scripted::{Recorded, Scripted, Step};

/// Set in the process that a test began for itself.
const INSIDE: &str = "OUTCROP_TEST_INSIDE";

/// An environment and a home folder. In variables and files `{HOME}` is the folder's path.
pub(crate) struct World {
    home: TempDir,
    variables: Vec<(String, String)>,
}

impl World {
    pub(crate) fn new() -> Self {
        World { home: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), self.here(value)));
        self
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, self.here(text)).unwrap();
        self
    }

    fn here(&self, text: &str) -> String {
        text.replace("{HOME}", self.home.path().to_str().unwrap())
    }

    /// Runs `test`, which has the path `name` in this program, in a process that has this environment alone.
    pub(crate) fn run(self, name: &str, test: impl Future<Output = ()>) {
        if std::env::var_os(INSIDE).is_some() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            return runtime.block_on(test);
        }
        let name = name.split_once("::").unwrap().1;
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env(INSIDE, "1")
            .envs(self.variables)
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.contains("1 passed"), "{out}{err}");
    }
}

/// Hosts, by name. Any other refuses the connection.
#[derive(Clone)]
pub(crate) struct Hosts(Arc<BTreeMap<&'static str, Scripted>>);

impl Hosts {
    pub(crate) fn new<const N: usize>(hosts: [(&'static str, Vec<Step>); N]) -> Self {
        Hosts(Arc::new(hosts.into_iter().map(|(name, script)| (name, Scripted::new(script))).collect()))
    }

    /// A builder whose calls reach these hosts and no network.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let hosts = Arc::clone(&self.0);
        Client::builder().connector(move |uri| {
            let server = uri.host().and_then(|host| hosts.get(host));
            let opened = server.map_or_else(|| Err(io::ErrorKind::ConnectionRefused.into()), Scripted::open);
            std::future::ready(opened)
        })
    }

    pub(crate) fn requests(&self, host: &str) -> Vec<Recorded> {
        self.0[host].requests()
    }
}
