//! Markdown for a terminal, while it comes: text is shown at once, and only what may turn out to be a mark is held back.
//!
//! Lines begin headings, lists, quotes, rules and fenced code; within a line there is emphasis and code. Marks that end
//! in nothing are shown as they are, so nothing is lost. What a terminal would obey is taken out.

mod inline;

use self::inline::{BOLD, COLOUR, DIM, LONGEST, NEITHER, PLAIN, inline};
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
    /// Quotes that this line began with.
    quotes: usize,
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

/// Quotes in quotes, as deep as they are shown.
const DEEPEST: usize = 16;

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
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_str();
        loop {
            let end = rest.find('\n');
            let whole = last || end.is_some();
            let (mut line, after) = end.map_or((rest, None), |end| (&rest[..end], Some(&rest[end + 1..])));
            while self.line == Line::Start && !line.is_empty() {
                // A mark that goes on and on is none.
                let Some(used) = self.begin(line, whole || line.len() > LONGEST, out) else { break };
                line = &line[used..];
            }
            if self.line == Line::Start && !line.is_empty() {
                rest = line;
                break;
            }
            let used = match self.line {
                Line::Code => {
                    out.push_str(line);
                    line.len()
                }
                Line::Heading => inline(line, whole, self.before, BOLD, out),
                _ => inline(line, whole, self.before, "", out),
            };
            self.inside |= used > 0;
            self.before = line[..used].chars().next_back().or(self.before);
            let Some(after) = after else {
                rest = &line[used..];
                break;
            };
            self.end_line(out);
            out.push('\n');
            self.inside = false;
            rest = after;
        }
        self.held = rest.to_owned();
    }

    fn end_line(&mut self, out: &mut String) {
        match self.line {
            Line::Heading => out.push_str(NEITHER),
            Line::Code => out.push_str(PLAIN),
            _ => {}
        }
        self.line = Line::Start;
        self.before = None;
        self.quotes = 0;
    }

    /// Finds out what a line is, shows what stands for its mark, and gives the bytes of the mark. Nothing while that
    /// cannot be known.
    fn begin(&mut self, line: &str, whole: bool, out: &mut String) -> Option<usize> {
        if let Some(fence) = self.fence {
            let closing = line.trim();
            let may_close = closing.chars().all(|letter| letter == fence.letter);
            if may_close && !whole {
                return None;
            }
            if may_close && closing.len() >= fence.length {
                self.fence = None;
                return Some(self.mark(&format!("{DIM}{line}{NEITHER}"), line.len(), Line::Text, out));
            }
            return Some(self.mark(COLOUR, 0, Line::Code, out));
        }
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let rest = &line[indent..];
        let Some(letter) = rest.chars().next() else {
            return whole.then(|| self.mark("", 0, Line::Text, out));
        };
        let run = rest.len() - rest.trim_start_matches(letter).len();
        let after = rest[run..].chars().next();
        match letter {
            '`' | '~' if run >= 3 || after.is_none() => {
                if !whole {
                    return None;
                }
                // Code within a line may begin with three marks as well.
                if run >= 3 && !(letter == '`' && rest[run..].contains('`')) {
                    self.fence = Some(Fence { letter, length: run });
                    return Some(self.mark(&format!("{DIM}{line}{NEITHER}"), line.len(), Line::Text, out));
                }
            }
            '#' if run <= 6 => match after {
                None if !whole => return None,
                Some(' ' | '\t') => {
                    let text = rest[run..].trim_start_matches([' ', '\t']).len();
                    return Some(self.mark(BOLD, line.len() - text, Line::Heading, out));
                }
                _ => {}
            },
            '-' | '*' | '_' | '+' => {
                let rule = letter != '+' && rest.chars().all(|other| other == letter || other == ' ');
                if rule && !whole && (run > 1 || rest.len() < 3 || rest[1..].contains(letter)) {
                    return None;
                }
                if rule && rest.matches(letter).count() >= 3 {
                    let rule = format!("{DIM}{}{NEITHER}", "─".repeat(40));
                    return Some(self.mark(&rule, line.len(), Line::Text, out));
                }
                if after.is_none() && !whole {
                    return None;
                }
                if letter != '_' && run == 1 && matches!(after, Some(' ' | '\t')) {
                    return Some(self.mark(&format!("{}•", &line[..indent]), indent + 1, Line::Text, out));
                }
            }
            // What is quoted begins as a line does.
            '>' if self.quotes < DEEPEST => {
                self.quotes += 1;
                return Some(self.mark(&format!("{}{DIM}│{NEITHER}", &line[..indent]), indent + 1, Line::Start, out));
            }
            _ => {}
        }
        Some(self.mark("", 0, Line::Text, out))
    }

    /// Shows what stands for a mark of `length` bytes; the rest of the line is a `line`.
    fn mark(&mut self, shown: &str, length: usize, line: Line, out: &mut String) -> usize {
        out.push_str(shown);
        self.inside |= !shown.is_empty();
        self.line = line;
        length
    }
}

#[cfg(test)]
mod tests {
    use super::inline::{ITALIC, UPRIGHT};
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

    #[test]
    fn odd_text_takes_no_time_and_no_stack() {
        for text in
            ["*_".repeat(100_000), ">".repeat(200_000), "-".repeat(200_000), "`".repeat(200_000), "# ".repeat(100_000)]
        {
            assert!(rendered(&[&text]).len() > 40);
        }
        let mut markdown = Markdown::default();
        for _ in 0..20_000 {
            markdown.push("-");
        }
        assert!(rendered(&["line *a*\n".repeat(20_000).as_str()]).contains("<i>a</i>"));
    }
}
