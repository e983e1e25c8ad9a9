//! Counts what passed, and says what did not.

use std::process::ExitCode;

/// What a comparison comes to: `Err` says what was expected and what was seen.
pub type Outcome = Result<(), String>;

/// More failures of one kind than this are only counted: they mostly have one cause.
const FAILURES_SHOWN: usize = 5;

/// One kind of comparison.
struct Kind {
    name: &'static str,
    passed: usize,
    failed: usize,
}

/// All comparisons, by kind.
#[derive(Default)]
pub struct Tally(Vec<Kind>);

impl Tally {
    /// Counts one comparison. `case` leads back to it under the same seed.
    pub fn record(&mut self, name: &'static str, case: usize, outcome: Outcome) {
        let at = self.0.iter().position(|kind| kind.name == name).unwrap_or_else(|| {
            self.0.push(Kind { name, passed: 0, failed: 0 });
            self.0.len() - 1
        });
        let kind = &mut self.0[at];
        match outcome {
            Ok(()) => kind.passed += 1,
            Err(reason) => {
                kind.failed += 1;
                if kind.failed <= FAILURES_SHOWN {
                    println!("FAIL {name}, case {case}: {reason}");
                }
            }
        }
    }

    /// Prints a line for each kind and the closing line.
    pub fn close(&self) -> ExitCode {
        for kind in &self.0 {
            let Kind { name, passed, failed } = kind;
            println!("{} {name}: {passed} of {}", if *failed == 0 { "ok  " } else { "FAIL" }, passed + failed);
        }
        let passed: usize = self.0.iter().map(|kind| kind.passed).sum();
        let failed: usize = self.0.iter().map(|kind| kind.failed).sum();
        println!("{passed} passed, {failed} failed");
        if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Equal, or what was expected and what was seen.
pub fn check_equal<T: PartialEq + std::fmt::Debug>(what: &str, expected: T, seen: T) -> Outcome {
    if expected == seen { Ok(()) } else { Err(format!("expected {what} to be {expected:?}; saw {seen:?}")) }
}
