//! What was found, for people as it comes, and for programs.

use serde_json::{Map, Value, json};

use super::Named;
use super::finding::{Finding, Status};
use crate::printer::{Printer, plain};

/// A check, and below it what mends it.
pub(super) fn line(id: &str, finding: &Finding, width: usize, printer: &Printer) -> std::io::Result<()> {
    let status = finding.status.as_str();
    let status = match printer.styles() {
        true => format!("{}{status}\x1b[0m", colour(finding.status)),
        false => status.to_owned(),
    };
    let indent = " ".repeat(4 + 2 + width + 2);
    let mut text = format!("{status}  {id:width$}  {}\n", plain(&finding.found));
    for mend in &finding.mends {
        text.push_str(&format!("{indent}mend: {}\n", plain(mend)));
    }
    let policy = finding.policy.as_ref().and_then(|policy| serde_json::to_string_pretty(policy).ok());
    for line in policy.iter().flat_map(|policy| policy.lines()) {
        text.push_str(&format!("{indent}{}\n", plain(line)));
    }
    printer.rendered(&text)
}

fn colour(status: Status) -> &'static str {
    match status {
        Status::Pass => "\x1b[32m",
        Status::Warn => "\x1b[33m",
        Status::Fail => "\x1b[31m",
        Status::Skip => "\x1b[2m",
    }
}

/// Everything, for programs.
pub(super) fn json(findings: &[Named]) -> Value {
    let worst = [Status::Fail, Status::Warn].into_iter().find(|status| any(findings, *status));
    let checks: Vec<Value> = findings.iter().map(|(id, finding)| one(id, finding)).collect();
    json!({ "status": worst.unwrap_or(Status::Pass).as_str(), "checks": checks })
}

fn any(findings: &[Named], status: Status) -> bool {
    findings.iter().any(|(_, finding)| finding.status == status)
}

fn one(id: &str, finding: &Finding) -> Value {
    let facts: Map<String, Value> =
        finding.facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({
        "id": id,
        "status": finding.status.as_str(),
        "found": finding.found,
        "mend": finding.mends,
        "policy": finding.policy,
        "facts": facts,
    })
}
