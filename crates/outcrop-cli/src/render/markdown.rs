//! Markdown for a terminal, while it comes: text is shown at once, and only what may turn out to be a mark is held back.
//!
//! Lines begin headings, lists, quotes, rules and fenced code; within a line there is emphasis and code. Marks that end
//! in nothing are shown as they are, so nothing is lost. What a terminal would obey is taken out.

use crate::printer::is_harmless;

/// The state between two pieces.
#[derive(Debug, Default)]
pub(crate) struct Markdown {
    /// Text that cannot be decided yet.
    held: String,
    line: Line,
    /// The last letter that was decided, within this line.
    before: Option<char>,
    /// The fence that ends the code we are in.
    fence: Option<Fence>,
    /// Something was shown in this line.
    inside: bool,
}

/// What the rest of a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Line {
    /// It begins here: it may still become anything.
    #[default]
    Start,
    Text,
    Heading,
    /// A line of code.
    Code,
}

#[derive(Clone, Copy, Debug)]
struct Fence {
    letter: char,
    length: usize,
}

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const NEITHER: &str = "\x1b[22m";
const ITALIC: &str = "\x1b[3m";
const UPRIGHT: &str = "\x1b[23m";
const COLOUR: &str = "\x1b[36m";
const PLAIN: &str = "\x1b[39m";

/// Emphasis that is longer than this is shown with its marks: no more than this is ever held back.
const LONGEST: usize = 600;

impl Markdown {
    /// Takes a piece, and gives what can be shown now.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        self.held.extend(piece.chars().filter(|letter| is_harmless(*letter)));
        let mut out = String::new();
        self.settle(false, &mut out);
        out
    }

    /// Gives what was held back, and ends the last line.
    pub(crate) fn finish(mut self) -> String {
        let mut out = String::new();
        self.settle(true, &mut out);
        self.end_line(&mut out);
        if self.inside {
            out.push('\n');
        }
        out
    }

    fn settle(&mut self, last: bool, out: &mut String) {
        loop {
            let whole = last || self.held.contains('\n');
            let mut length = self.line_length();
            while self.line == Line::Start && length > 0 {
                if !self.begin(length, whole, out) {
                    return;
                }
                length = self.line_length();
            }
            let used = match self.line {
                Line::Code => {
                    out.push_str(&self.held[..length]);
                    length
                }
                Line::Heading => inline(&self.held[..length], whole, self.before, BOLD, out),
                _ => inline(&self.held[..length], whole, self.before, "", out),
            };
            if used > 0 {
                self.inside = true;
                self.before = self.held[..used].chars().next_back();
                self.held.drain(..used);
            }
            if !self.held.starts_with('\n') {
                return;
            }
            self.held.remove(0);
            self.end_line(out);
            out.push('\n');
            self.inside = false;
        }
    }

    /// Bytes of the line that is at the front.
    fn line_length(&self) -> usize {
        self.held.find('\n').unwrap_or(self.held.len())
    }

    fn end_line(&mut self, out: &mut String) {
        match self.line {
            Line::Heading => out.push_str(NEITHER),
            Line::Code => out.push_str(PLAIN),
            _ => {}
        }
        self.line = Line::Start;
        self.before = None;
    }

    /// Finds out what the line of `length` bytes is, takes its mark away and shows what stands for it. False while that
    /// cannot be known.
    fn begin(&mut self, length: usize, whole: bool, out: &mut String) -> bool {
        let line = &self.held[..length];
        if let Some(fence) = self.fence {
            let rest = line.trim_start_matches(' ');
            let closing = rest.trim_end();
            let may_close = closing.chars().all(|letter| letter == fence.letter);
            if may_close && !whole {
                return false;
            }
            if may_close && closing.len() >= fence.length {
                out.push_str(&format!("{DIM}{line}{NEITHER}"));
                self.fence = None;
                self.take(length, Line::Text);
            } else {
                out.push_str(COLOUR);
                self.line = Line::Code;
            }
            return true;
        }
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let rest = &line[indent..];
        let Some(letter) = rest.chars().next() else {
            self.line = if whole { Line::Text } else { Line::Start };
            return whole;
        };
        let run = rest.len() - rest.trim_start_matches(letter).len();
        let after = rest[run..].chars().next();
        match letter {
            '`' | '~' if run >= 3 || after.is_none() => {
                if !whole {
                    return false;
                }
                // Code within a line may begin with three marks as well.
                if run >= 3 && !(letter == '`' && rest[run..].contains('`')) {
                    out.push_str(&format!("{DIM}{line}{NEITHER}"));
                    self.fence = Some(Fence { letter, length: run });
                    self.take(length, Line::Text);
                    return true;
                }
            }
            '#' if run <= 6 => match after {
                None if !whole => return false,
                Some(' ' | '\t') => {
                    out.push_str(BOLD);
                    let text = rest[run..].trim_start_matches([' ', '\t']).len();
                    self.take(length - text, Line::Heading);
                    return true;
                }
                _ => {}
            },
            '-' | '*' | '_' | '+' => {
                let rule = letter != '+' && rest.chars().all(|other| other == letter || other == ' ');
                if rule && !whole && (run > 1 || rest.len() < 3 || rest[1..].contains(letter)) {
                    return false;
                }
                if rule && rest.matches(letter).count() >= 3 {
                    out.push_str(&format!("{DIM}{}{NEITHER}", "─".repeat(40)));
                    self.take(length, Line::Text);
                    return true;
                }
                if after.is_none() && !whole {
                    return false;
                }
                if letter != '_' && run == 1 && matches!(after, Some(' ' | '\t')) {
                    out.push_str(&format!("{}•", &line[..indent]));
                    self.take(indent + 1, Line::Text);
                    return true;
                }
            }
            '>' => {
                out.push_str(&format!("{}{DIM}│{NEITHER}", &line[..indent]));
                // What is quoted begins as a line does.
                self.take(indent + 1, Line::Start);
                return true;
            }
            _ => {}
        }
        self.line = Line::Text;
        true
    }

    /// Takes the first `length` bytes as shown.
    fn take(&mut self, length: usize, line: Line) {
        self.held.drain(..length);
        self.inside = true;
        self.line = line;
    }
}

/// Shows as much of `text`, a part of one line, as can be decided, and says how many bytes that was. `base` is the
/// style that stands where another one ends.
fn inline(text: &str, whole: bool, before: Option<char>, base: &str, out: &mut String) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with its styles as letters.
    fn named(text: &str) -> String {
        let names = [(BOLD, "<b>"), (DIM, "<dim>"), (NEITHER, "</>"), (ITALIC, "<i>"), (UPRIGHT, "</i>")];
        let names = names.into_iter().chain([(COLOUR, "<c>"), (PLAIN, "</c>")]);
        names.fold(text.to_owned(), |text, (code, name)| text.replace(code, name))
    }

    fn rendered(pieces: &[&str]) -> String {
        let mut markdown = Markdown::default();
        let mut out: String = pieces.iter().map(|piece| markdown.push(piece)).collect();
        out.push_str(&markdown.finish());
        named(&out)
    }

    #[test]
    fn marks_become_styles() {
        for (given, shown) in [
            ("plain text", "plain text\n"),
            ("a **bold** and *soft* and `code` word", "a <b>bold</> and <i>soft</i> and <c>code</c> word\n"),
            ("***both***", "<b><i>both</i></>\n"),
            ("**bold *soft***", "<b>bold <i>soft</i></>\n"),
            ("*soft **bold** soft*", "<i>soft <b>bold</><i> soft</i>\n"),
            ("**`a*b` c**", "<b><c>a*b</c> c</>\n"),
            ("__init__ and snake_case_name and _soft_", "<b>init</> and snake_case_name and <i>soft</i>\n"),
            ("``a ` b``", "<c>a ` b</c>\n"),
            ("# Title with **bold**\ntext", "<b>Title with <b>bold</><b></>\ntext\n"),
            ("- one\n* two\n  + three\n", "• one\n• two\n  • three\n"),
            ("1. one\n2. two", "1. one\n2. two\n"),
            (
                "> quoted *soft*\n> - item\n>\n> end",
                "<dim>│</> quoted <i>soft</i>\n<dim>│</> • item\n<dim>│</>\n<dim>│</> end\n",
            ),
            ("---\n* * *\n___", &format!("{0}\n{0}\n{0}\n", format!("<dim>{}</>", "─".repeat(40)))),
            (
                "```rust\nlet a = b * c * d;\n# no heading\n```\nafter",
                "<dim>```rust</>\n<c>let a = b * c * d;</c>\n<c># no heading</c>\n<dim>```</>\nafter\n",
            ),
            ("````\n```\n````", "<dim>````</>\n<c>```</c>\n<dim>````</>\n"),
            ("a \\*star\\* and a\\b", "a *star* and a\\b\n"),
        ] {
            assert_eq!(rendered(&[given]), shown, "{given:?}");
        }
    }

    #[test]
    fn marks_that_end_in_nothing_are_shown() {
        for text in [
            "2 * 3 * 4",
            "a *b",
            "**a",
            "`a",
            "a**",
            "*",
            "**",
            "_",
            "#",
            "#tag",
            "####### seven",
            "a `` b",
            "-x",
            "5-3",
            "*a _b",
            "a * b*",
            "-",
            "\\",
            "```x``` y```z",
            "--flag",
            "**a\nb**",
            "~~old~~",
            "~",
            "a|b",
            "[a](b_c_d)",
        ] {
            let shown = rendered(&[text]);
            assert_eq!(
                shown.replace("<c>", "").replace("</c>", "").trim_end(),
                text.replace("```x```", "x"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn it_does_not_matter_how_the_text_is_cut() {
        let text = "# Head *soft*\n\nA **bold *soft* word**, `code`, 2 * 3 and snake_case.\n- item\n---\n> q\n\n```sh\nls *\n  ```\n`` x ` y``\nüber **ü** \\* end";
        let whole = rendered(&[text]);
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            assert_eq!(rendered(&[&text[..at], &text[at..]]), whole, "cut at {at}");
        }
        let letters: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(rendered(&letters.iter().map(String::as_str).collect::<Vec<_>>()), whole);
    }

    #[test]
    fn text_is_shown_as_it_comes() {
        let mut markdown = Markdown::default();
        assert_eq!(markdown.push("Some te"), "Some te");
        assert_eq!(markdown.push("xt, then **bo"), "xt, then ");
        assert_eq!(named(&markdown.push("ld** and")), "<b>bold</> and");
        let long = format!("*{}", "x".repeat(LONGEST));
        assert_eq!(markdown.push(&long), long, "what is held back has an end");
    }

    #[test]
    fn a_terminal_obeys_nothing_of_it() {
        let shown = rendered(&["a\x1b[31mred\x07 \u{9b}2J **b\x1b]0;title\x07** `c\x1b[1m`\r\n```\n\x1b[2J\n```"]);
        assert!(!shown.contains(['\x1b', '\x07', '\u{9b}', '\r']), "{shown:?}");
    }
}
