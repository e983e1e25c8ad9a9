//! `outcrop chat` at a terminal: lines are edited, answers rendered, and a signal stops the answer and not the program.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

use crate::program::{LOCAL_KEYS, OUTCROP, Running};

/// The program at a terminal.
pub(crate) struct Terminal {
    pub(crate) child: Child,
    keys: std::fs::File,
    pieces: Receiver<Vec<u8>>,
    shown: String,
    pub(crate) home: TempDir,
}

impl Terminal {
    fn chat(arguments: &[&str]) -> Self {
        let mut terminal = Terminal::of(OUTCROP, &[&["chat"], arguments].concat()).unwrap();
        terminal.wait_for("> ");
        terminal
    }

    /// A program at a terminal of its own.
    pub(crate) fn of(program: &str, arguments: &[&str]) -> std::io::Result<Self> {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        let name = ptsname(&controller, Vec::new()).unwrap();
        let user = std::fs::File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let home = tempfile::tempdir().unwrap();
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(LOCAL_KEYS)
            .env("HOME", home.path())
            .env("TERM", "xterm")
            .stdin(Stdio::from(user.try_clone().unwrap()))
            .stdout(Stdio::from(user.try_clone().unwrap()))
            .stderr(Stdio::from(user))
            .spawn()?;
        let keys = std::fs::File::from(controller);
        let mut screen = keys.try_clone().unwrap();
        let (pieces, received) = channel();
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            // Reading fails when the last one at the other end has gone.
            while let Ok(length @ 1..) = screen.read(&mut piece) {
                if pieces.send(piece[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Terminal { child, keys, pieces: received, shown: String::new(), home })
    }

    /// Waits until this is shown, and gives what was shown up to there.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.shown.find(text) {
                let rest = self.shown.split_off(at + text.len());
                return std::mem::replace(&mut self.shown, rest);
            }
            match self.pieces.recv_timeout(Duration::from_secs(60)) {
                Ok(piece) => self.shown.push_str(&String::from_utf8_lossy(&piece)),
                Err(_) => panic!("{text:?} was never shown, but {:?}", self.shown),
            }
        }
    }

    pub(crate) fn type_in(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Ends it as a person does.
    fn end(mut self) -> TempDir {
        self.wait_for("> ");
        self.type_in("\x04");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        std::mem::replace(&mut self.home, tempfile::tempdir().unwrap())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_answer_is_rendered() {
    let mut terminal = Terminal::chat(&["--local"]);
    terminal.type_in("some **bold** and `code` and \x1b[200~\x1b[201~\r");
    terminal.wait_for("some \x1b[1mbold\x1b[22m and \x1b[36mcode\x1b[39m and");
    terminal.wait_for("answered by the local engine");
    terminal.wait_for("> ");
    terminal.type_in("/co\t\r");
    terminal.wait_for("1 answer |");
    let home = terminal.end();
    let history = std::fs::read_to_string(home.path().join(".local/share/outcrop/history")).unwrap();
    assert!(history.contains("some **bold**") && history.contains("/cost"), "{history}");
}

#[test]
fn a_signal_stops_the_answer_and_not_the_program() {
    let (_server, address) = Running::local(&["--pace", "30"]);
    let mut terminal = Terminal::chat(&["--endpoint-url", &format!("http://{address}"), "-q"]);
    terminal.type_in("a long question\r");
    terminal.wait_for("It received:");
    let pid = terminal.child.id();
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {pid}")]).status().unwrap().success());
    terminal.wait_for("stopped; what came of the answer is kept");
    terminal.wait_for("> ");
    terminal.type_in("/save one\r");
    terminal.wait_for("one.json");
    let home = terminal.end();
    let session = std::fs::read(home.path().join(".local/share/outcrop/sessions/one.json")).unwrap();
    let session: serde_json::Value = serde_json::from_slice(&session).unwrap();
    let said = session["request"]["messages"][1]["content"].as_str().unwrap();
    assert!(said.contains("It received:") && !said.contains("Model claude"), "{said}");
    assert_eq!(session["answers"][0]["stopped"], true);
}

#[test]
fn a_mistake_is_told_and_the_chat_goes_on() {
    let mut terminal = Terminal::chat(&["--local", "-q"]);
    terminal.type_in("/nope\r");
    terminal.wait_for("there is no command /nope");
    terminal.wait_for("> ");
    terminal.type_in("/model nova\r");
    terminal.wait_for("not in the catalogue");
    terminal.wait_for("> ");
    terminal.type_in("Hello\r");
    terminal.wait_for("The provided model identifier is invalid");
    terminal.wait_for("> ");
    terminal.type_in("/model opus\r");
    terminal.wait_for("Claude Opus");
    terminal.wait_for("> ");
    terminal.type_in("/retry\r");
    terminal.wait_for("It received:\r\n\r\nHello\r\n");
    terminal.end();
}

#[test]
fn keys_that_are_no_text_do_not_end_the_chat() {
    let mut terminal = Terminal::chat(&["--local", "-q"]);
    terminal.keys.write_all(b"caf\xe9\r").unwrap();
    terminal.wait_for("what was typed is not UTF-8: the line is given up");
    terminal.wait_for("> ");
    terminal.type_in("Hello\r");
    terminal.wait_for("It received:\r\n\r\nHello\r\n");
    terminal.end();
}
