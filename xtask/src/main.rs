//! Writes what is generated and committed. `cargo run -p xtask` renews it; a test proves that it is fresh.

mod catalogue;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match renew(&root()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            #[allow(clippy::print_stderr)] // a developer's tool: no printer here
            {
                eprintln!("error: {problem}");
            }
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

fn renew(root: &Path) -> Result<(), String> {
    let path = root.join(catalogue::GENERATED);
    std::fs::write(&path, catalogue::rows(root)?).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_rows_are_fresh() {
        let fresh = catalogue::rows(&root()).expect("the catalogue reads");
        let committed = std::fs::read_to_string(root().join(catalogue::GENERATED)).expect("rows.rs is there");
        assert!(fresh == committed, "the catalogue changed: run `cargo run -p xtask`");
    }
}
