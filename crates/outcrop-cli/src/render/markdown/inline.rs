//! Emphasis and code within a line.

pub(super) const BOLD: &str = "\x1b[1m";
pub(super) const DIM: &str = "\x1b[2m";
pub(super) const NEITHER: &str = "\x1b[22m";
pub(super) const ITALIC: &str = "\x1b[3m";
pub(super) const UPRIGHT: &str = "\x1b[23m";
pub(super) const COLOUR: &str = "\x1b[36m";
pub(super) const PLAIN: &str = "\x1b[39m";

/// Emphasis that is longer than this is shown with its marks: no more than this is ever held back.
pub(super) const LONGEST: usize = 600;

/// Shows as much of `text`, a part of one line, as can be decided, and says how many bytes that was. `base` is the
/// style that stands where another one ends.
pub(super) fn inline(text: &str, whole: bool, before: Option<char>, base: &str, out: &mut String) -> usize {
    let mut at = 0;
    let mut before = before;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        let used = match letter {
            '\\' => match rest[1..].chars().next() {
                Some(escaped) if escaped.is_ascii_punctuation() => {
                    out.push(escaped);
                    2
                }
                None if !whole => break,
                _ => literal(letter, out),
            },
            '*' | '_' | '`' => match span(window(rest), before, whole || window(rest).len() < rest.len()) {
                Span::Open => break,
                Span::None => {
                    let run = run(rest);
                    out.push_str(&rest[..run]);
                    run
                }
                Span::Closed { mark, end } => {
                    let inner = &rest[mark..end];
                    let (on, off) = match (letter, mark) {
                        ('`', _) => (COLOUR, PLAIN.to_owned()),
                        (_, 1) => (ITALIC, UPRIGHT.to_owned()),
                        (_, 2) => (BOLD, format!("{NEITHER}{base}")),
                        _ => (concat!("\x1b[1m", "\x1b[3m"), format!("{UPRIGHT}{NEITHER}{base}")),
                    };
                    out.push_str(on);
                    if letter == '`' {
                        out.push_str(inner);
                    } else {
                        inline(inner, true, None, on, out);
                    }
                    out.push_str(&off);
                    end + mark
                }
            },
            _ => literal(letter, out),
        };
        before = rest[..used].chars().next_back();
        at += used;
    }
    at
}

/// The part of a text in which a span must end.
fn window(text: &str) -> &str {
    let end = (0..=LONGEST.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or_default()]
}

fn literal(letter: char, out: &mut String) -> usize {
    out.push(letter);
    letter.len_utf8()
}

enum Span {
    /// No mark of a span.
    None,
    /// It may be one, when more has come.
    Open,
    /// Its mark has `mark` letters, and `end` is where the mark stands again.
    Closed { mark: usize, end: usize },
}

/// How often the first letter follows itself.
fn run(text: &str) -> usize {
    let first = text.chars().next().unwrap_or_default();
    text.len() - text.trim_start_matches(first).len()
}

/// What the marks at the beginning of `text` are, by the rules of CommonMark, made simple.
fn span(text: &str, before: Option<char>, whole: bool) -> Span {
    let letter = text.chars().next().unwrap_or_default();
    let mark = run(text);
    let open = if whole { Span::None } else { Span::Open };
    let Some(after) = text[mark..].chars().next() else { return open };
    let inside_word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    if letter != '`' && (mark > 3 || after.is_whitespace() || (letter == '_' && inside_word(before))) {
        return Span::None;
    }
    let mut at = mark;
    let mut last = None;
    while let Some(next) = text[at..].chars().next() {
        let length = run(&text[at..]);
        let end = at + length;
        let may_grow = end == text.len() && !whole;
        match next {
            '\\' if letter != '`' => {
                let escaped = text[at + 1..].chars().next().map_or(0, char::len_utf8);
                at += 1 + escaped;
                last = Some('\\');
                continue;
            }
            // Code within emphasis hides the marks in it.
            '`' if letter != '`' => match span(&text[at..], last, whole) {
                Span::Closed { mark, end } => {
                    at += end + mark;
                    last = Some('`');
                    continue;
                }
                Span::Open => return open,
                Span::None => at = end,
            },
            _ if next == letter && may_grow => return open,
            '`' if length == mark => return Span::Closed { mark, end: at },
            _ if next == letter && letter != '`' => {
                let closes = length == mark || (length == 3 && mark < 3);
                let at_word_end = letter == '*' || !inside_word(text[end..].chars().next());
                if closes && at_word_end && last.is_some_and(|last| !last.is_whitespace()) {
                    return Span::Closed { mark, end: end - mark };
                }
                at = end;
            }
            _ if next == letter => at = end,
            _ => at += next.len_utf8(),
        }
        last = Some(next);
    }
    open
}
