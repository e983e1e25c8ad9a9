//! A server in a process of its own: where it runs, what it spends, what it holds.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Pid, SysconfVar, sysconf};

use crate::call::Failure;

/// A running server. It is killed when this is dropped.
pub struct Server {
    process: Child,
    address: String,
}

/// Where the server runs, and where who asks it does; the same one on a machine of one core.
pub struct Cores {
    pub server: usize,
    pub asking: usize,
}

impl Server {
    /// This program's own server, or another program's that takes `local --listen` and prints where it listens.
    pub fn start(program: Option<&str>, pace: Option<u64>, core: usize) -> Result<Self, Failure> {
        let mut command = match program {
            Some(program) => {
                let mut command = Command::new(program);
                command.args(["local", "--listen", "127.0.0.1:0", "--pace", &pace.unwrap_or_default().to_string()]);
                command
            }
            None => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["local-server", &pace.unwrap_or_default().to_string()]);
                command
            }
        };
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        bind(Pid::from_raw(process.id().try_into()?), core)?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on http://").ok_or("the server did not tell its address")?;
        Ok(Server { process, address: address.to_owned() })
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// User and system time so far (proc(5), `stat`, the 14th and 15th field).
    pub fn cpu_time(&self) -> Result<Duration, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name of the program, in brackets, may hold anything.
        let (_, fields) = stat.rsplit_once(')').ok_or("no stat of the server")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        let per_second = sysconf(SysconfVar::CLK_TCK)?.unwrap_or(100);
        Ok(Duration::from_secs_f64(ticks as f64 / per_second as f64))
    }

    /// What of its memory is resident, megabytes.
    pub fn resident(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS of the server")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024.0 / 1e6)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if the process is gone already, which is what they are for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The first core that this process may use, for the server, and the last one, for who asks.
pub fn two_cores() -> Result<Cores, Failure> {
    let allowed = sched_getaffinity(Pid::from_raw(0))?;
    let mut cores = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false));
    let server = cores.next().ok_or("no core is allowed")?;
    Ok(Cores { server, asking: cores.last().unwrap_or(server) })
}

/// Binds this process to a core.
pub fn stay_on(core: usize) -> Result<(), Failure> {
    bind(Pid::from_raw(0), core)
}

fn bind(process: Pid, core: usize) -> Result<(), Failure> {
    let mut only = CpuSet::new();
    only.set(core)?;
    Ok(sched_setaffinity(process, &only)?)
}

/// As many open files as the system lets this process, and its children, have.
pub fn many_files() -> Result<(), Failure> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}
