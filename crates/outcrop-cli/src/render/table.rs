//! Columns of text.

use std::fmt::Write as _;

/// A table: each column as wide as its widest cell, two blanks between.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let head = head.map(str::to_owned);
    let mut out = String::new();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The same without the columns that are empty in every row.
pub(crate) fn filled<const N: usize>(head: [&str; N], mut rows: Vec<[String; N]>) -> String {
    let mut head = head;
    for column in 0..N {
        if rows.iter().all(|row| row[column].is_empty()) {
            head[column] = "";
        }
    }
    let kept: Vec<usize> = (0..N).filter(|column| !head[*column].is_empty()).collect();
    for row in &mut rows {
        for (to, from) in kept.iter().enumerate() {
            row.swap(to, *from);
        }
    }
    for (to, from) in kept.iter().enumerate() {
        head.swap(to, *from);
    }
    table(head, &rows)
}

/// A thing a line, and what is known of it.
pub(crate) fn pairs<K: AsRef<str>>(pairs: &[(K, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.as_ref().chars().count()).max().unwrap_or_default();
    let lines = pairs.iter().map(|(name, value)| format!("{:width$}  {value}\n", name.as_ref()));
    lines.collect()
}
