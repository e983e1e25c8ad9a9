//! Edits of a memory's text, and how it is shown. Pure.

use crate::tools::ToolError;

/// A file with its line numbers.
pub(super) fn numbered(path: &str, text: &str, range: Option<(i64, i64)>) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let (first, last) = match range {
        None => (0, lines.len()),
        Some((first, last)) => {
            let first = usize::try_from(first.saturating_sub(1)).unwrap_or(0).min(lines.len());
            (first, usize::try_from(last).unwrap_or(lines.len()).min(lines.len()))
        }
    };
    let shown = lines.get(first..last.max(first)).unwrap_or_default();
    format!("Here's the content of {path} with line numbers:\n{}", with_numbers(shown, first))
}

fn with_numbers(lines: &[&str], before: usize) -> String {
    let lines = lines.iter().zip(before + 1..).map(|(line, number)| format!("{number:>6}\t{line}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The text after a replacement, and what the model is told.
pub(super) fn replaced(path: &str, text: &str, old: &str, new: &str) -> Result<(String, String), ToolError> {
    let line_of = |at: usize| text[..at].matches('\n').count() + 1;
    let places: Vec<usize> =
        if old.is_empty() { Vec::new() } else { text.match_indices(old).map(|(at, _)| at).collect() };
    match places[..] {
        [] => Err(ToolError::new(format!(
            "No replacement was performed, old_str `{old}` did not appear verbatim in {path}."
        ))),
        [at] => {
            let edited = format!("{}{new}{}", &text[..at], &text[at + old.len()..]);
            let lines: Vec<&str> = edited.split('\n').collect();
            let first = line_of(at).saturating_sub(3);
            let last = (line_of(at) + 2).min(lines.len());
            let shown = with_numbers(lines.get(first..last).unwrap_or_default(), first);
            let said = format!(
                "The memory file has been edited. Here is the snippet showing the change (with line numbers):\n{shown}"
            );
            Ok((edited, said))
        }
        _ => {
            let lines: Vec<String> = places.iter().map(|at| line_of(*at).to_string()).collect();
            Err(ToolError::new(format!(
                "No replacement was performed. Multiple occurrences of old_str `{old}` in lines: {}. Please ensure it is unique",
                lines.join(", ")
            )))
        }
    }
}

/// The text with more after a line, and what the model is told.
pub(super) fn inserted(path: &str, text: &str, after: i64, more: &str) -> Result<(String, String), ToolError> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines.pop_if(|last| last.is_empty());
    let Some(at) = usize::try_from(after).ok().filter(|at| *at <= lines.len()) else {
        return Err(ToolError::new(format!(
            "Invalid `insert_line` parameter: {after}. It should be within the range [0, {}].",
            lines.len()
        )));
    };
    lines.insert(at, more.trim_end_matches('\n'));
    let mut edited = lines.join("\n");
    if !edited.ends_with('\n') {
        edited.push('\n');
    }
    Ok((edited, format!("The file {path} has been edited.")))
}

/// `1.5K`, as `du -h` does.
pub(super) fn size(bytes: u64) -> String {
    let mut power = 0;
    while power < 3 && bytes >> (10 * (power + 1)) > 0 {
        power += 1;
    }
    let unit = ["B", "K", "M", "G"][power];
    let whole = 1_u64 << (10 * power);
    match bytes % whole {
        0 => format!("{}{unit}", bytes / whole),
        _ => format!("{:.1}{unit}", bytes as f64 / whole as f64),
    }
}
