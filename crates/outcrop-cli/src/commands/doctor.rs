//! `outcrop doctor`: the way of a call, checked step by step. The table of the checks stands here.

mod access;
mod call;
mod caller;
mod connection;
mod credentials;
mod examination;
mod finding;
mod knock;
mod model;
mod offered;
mod policy;
mod settings;
mod show;
mod variables;

use std::pin::Pin;

use self::examination::Examination;
use self::finding::{Finding, Status};
use crate::args::Doctor;
use crate::exit::Failure;
use crate::paste::{Typed, pasted};
use crate::printer::Printer;
use crate::render::stats;

/// A check and what it found.
type Named = (&'static str, Finding);

type Looking<'a> = Pin<Box<dyn Future<Output = Finding> + 'a>>;

/// One step on the way of a call.
struct Check {
    id: &'static str,
    /// Where one of these failed, there is nothing to look at.
    needs: &'static [&'static str],
    look: for<'a> fn(&'a mut Examination<'_>) -> Looking<'a>,
}

macro_rules! checks {
    ($($id:literal $needs:expr, $look:path;)*) => {
        [$(Check { id: $id, needs: &$needs, look: |examination| Box::pin($look(examination)) },)*]
    };
}

/// In the order of the way.
#[rustfmt::skip]
const CHECKS: [Check; 23] = checks! {
    "variables"   [], variables::look;
    "files"       [], settings::files;
    "profile"     ["files"], settings::profile;
    "region"      ["profile"], settings::region;
    "endpoint"    ["profile"], settings::endpoint;
    "credentials" ["profile", "endpoint"], credentials::look;
    "model"       ["region", "endpoint", "credentials"], model::model;
    "dns"         ["region", "endpoint", "credentials"], connection::dns;
    "tcp"         ["dns"], connection::tcp;
    "proxy"       ["tcp"], connection::proxy;
    "tls"         ["proxy"], connection::tls;
    "http"        ["tls"], connection::http;
    "clock"       ["http"], connection::clock;
    "control"     ["http"], connection::control;
    "identity"    ["http"], caller::identity;
    "permission"  ["model", "identity"], caller::permission;
    "offered"     ["model", "identity"], offered::look;
    "lifecycle"   ["offered"], model::lifecycle;
    "form"        ["identity"], access::form;
    "access"      ["offered", "lifecycle", "form"], access::access;
    "retention"   ["offered", "lifecycle"], access::retention;
    "quota"       ["offered"], call::quota;
    "call"        ["permission", "offered", "lifecycle", "form", "access", "retention"], call::call;
};

pub(crate) async fn run(doctor: Doctor, printer: &Printer) -> Result<(), Failure> {
    let mut examination = Examination::new(&doctor, printer);
    let width = CHECKS.iter().map(|check| check.id.len()).max().unwrap_or_default();
    let mut findings: Vec<Named> = Vec::with_capacity(CHECKS.len());
    // What failed first, for each check that there was nothing to look at.
    let mut blocked: Vec<(&str, &str)> = Vec::new();
    for Check { id, needs, look } in CHECKS {
        let broken = needs.iter().find_map(|need| {
            let failed = findings.iter().any(|(id, finding)| id == need && finding.status == Status::Fail);
            let because = blocked.iter().find(|(id, _)| id == need).map(|(_, root)| *root);
            because.or(failed.then_some(*need))
        });
        let finding = match broken {
            Some(root) => {
                blocked.push((id, root));
                Finding::skip(format!("not looked at: `{root}` failed")).fact("because", root)
            }
            None => {
                let finding = look(&mut examination).await;
                let typed = Typed::about(&doctor.connection, examination.name());
                finding.map_mends(|mend| pasted(mend, &typed))
            }
        };
        if !doctor.json {
            show::line(id, &finding, width, printer)?;
        }
        findings.push((id, finding));
    }
    if doctor.json {
        printer.line(&show::json(&findings).to_string())?;
    }
    verdict(&findings)
}

/// The exit code is that of the first failure: what comes after it may only follow from it.
fn verdict(findings: &[Named]) -> Result<(), Failure> {
    let failed: Vec<&Named> = findings.iter().filter(|(_, finding)| finding.status == Status::Fail).collect();
    let Some((_, first)) = failed.first() else { return Ok(()) };
    let names: Vec<&str> = failed.iter().map(|(id, _)| *id).collect();
    let checks = stats::counted(failed.len(), "check");
    let text = format!("{checks} failed: {}", names.join(", "));
    Err(Failure { exit: first.exit, ..Failure::new(text) })
}
