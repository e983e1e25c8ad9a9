//! JSON that is still being written: what there is of it, as a whole value at any moment.
//!
//! The arguments of a tool, and structured replies, arrive in pieces that are no JSON by themselves. A [`PartialJson`]
//! looks at each byte once, as it comes, and knows at any moment where the text can be cut and what closes it. So a
//! stream of n bytes costs n steps; only asking for the value costs as much as the value is long.
//!
//! What is unfinished is left out: a key without its value, a number that may go on, half a literal. An unfinished
//! string may be kept. Values only grow: what was given once is never taken back.

use crate::json::Json;

/// The text of one JSON value, as far as it came.
#[derive(Clone, Debug, Default)]
pub struct PartialJson {
    text: String,
    /// Up to here, and closed by `open`, it is a value; 0 while there is none.
    whole: usize,
    /// Inside a string that is a value: up to here, and closed by a quote and `open`, it is a value.
    in_string: Option<usize>,
    /// What closes the arrays and objects that are open, outermost first.
    open: Vec<u8>,
    state: State,
}

/// What may come next.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    /// A value.
    #[default]
    Value,
    /// A value, or the end of the array that just began.
    FirstValue,
    /// A key, or the end of the object that just began.
    FirstKey,
    /// A key.
    Key,
    /// The colon after a key.
    Colon,
    /// A comma or the end of what is open.
    After,
    /// The rest of a string.
    Text { is_key: bool, at: Text },
    /// The rest of a number.
    Number(Number),
    /// The rest of `true`, `false` or `null`.
    Literal(&'static [u8]),
    /// Nothing: it is no JSON.
    Broken,
}

/// Where in a string.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Text {
    Plain,
    /// After a backslash.
    Escape,
    /// Inside `\uXXXX`: digits still to come, and their value so far.
    Hex(u8, u16),
    /// After `\uD83D`, which the next escape may complete.
    HalfPair,
}

/// Where in a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Number {
    Minus,
    Zero,
    Digits,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
}

impl PartialJson {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        PartialJson::default()
    }

    /// A text that came as one piece.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut partial = PartialJson::new();
        partial.push(text);
        partial
    }

    /// Takes the next piece, cut anywhere.
    pub fn push(&mut self, piece: &str) {
        let start = self.text.len();
        self.text.push_str(piece);
        for (at, byte) in (start..).zip(piece.bytes()) {
            self.step(byte, at);
        }
    }

    /// The text as it came.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value as far as it came, an unfinished string with what there is of it; `None` before it begins.
    ///
    /// Costs as much as the value is long.
    #[must_use]
    pub fn so_far(&self) -> Option<Json> {
        match self.in_string {
            Some(end) => self.closed(end, "\""),
            None => self.finished(),
        }
    }

    /// The value as far as it came, without an unfinished string; `None` before it begins.
    ///
    /// Costs as much as the value is long.
    #[must_use]
    pub fn finished(&self) -> Option<Json> {
        if self.whole == 0 { None } else { self.closed(self.whole, "") }
    }

    /// Whether the value is whole. A number that nothing follows may always go on.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.state == State::After && self.open.is_empty()
    }

    /// Whether what came is no beginning of a JSON value. What came before that is kept; nothing is added any more.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.state == State::Broken
    }

    fn closed(&self, end: usize, quote: &str) -> Option<Json> {
        let held = self.text.get(..end)?;
        let mut text = String::with_capacity(held.len() + quote.len() + self.open.len());
        text.push_str(held);
        text.push_str(quote);
        text.extend(self.open.iter().rev().map(|byte| char::from(*byte)));
        Json::from_text(text).ok()
    }

    fn step(&mut self, byte: u8, at: usize) {
        let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.state = match self.state {
            State::Text { is_key, at: place } => self.in_text(is_key, place, byte, at),
            State::Number(place) => match place.next(byte) {
                Some(place) => State::Number(place),
                None if place.may_end() && (blank || matches!(byte, b',' | b']' | b'}')) => {
                    self.whole = at;
                    self.after(byte, blank, at)
                }
                None => State::Broken,
            },
            State::Literal([expected]) if byte == *expected => self.value_ends(at),
            State::Literal([expected, rest @ ..]) if byte == *expected => State::Literal(rest),
            State::Literal(_) | State::Broken => State::Broken,
            state if blank => state,
            State::FirstValue if byte == b']' => self.close(byte, at),
            State::Value | State::FirstValue => self.begin(byte, at),
            State::FirstKey if byte == b'}' => self.close(byte, at),
            State::FirstKey | State::Key if byte == b'"' => State::Text { is_key: true, at: Text::Plain },
            State::Colon if byte == b':' => State::Value,
            State::After => self.after(byte, blank, at),
            State::FirstKey | State::Key | State::Colon => State::Broken,
        };
    }

    /// The first byte of a value.
    fn begin(&mut self, byte: u8, at: usize) -> State {
        match byte {
            b'{' | b'[' => {
                self.open.push(if byte == b'{' { b'}' } else { b']' });
                self.whole = at + 1;
                if byte == b'{' { State::FirstKey } else { State::FirstValue }
            }
            b'"' => {
                self.in_string = Some(at + 1);
                State::Text { is_key: false, at: Text::Plain }
            }
            b'-' => State::Number(Number::Minus),
            b'0' => State::Number(Number::Zero),
            b'1'..=b'9' => State::Number(Number::Digits),
            b't' => State::Literal(b"rue"),
            b'f' => State::Literal(b"alse"),
            b'n' => State::Literal(b"ull"),
            _ => State::Broken,
        }
    }

    /// What comes after a value.
    fn after(&mut self, byte: u8, blank: bool, at: usize) -> State {
        match (byte, self.open.last()) {
            _ if blank => State::After,
            (b',', Some(b'}')) => State::Key,
            (b',', Some(_)) => State::Value,
            (_, Some(closer)) if byte == *closer => self.close(byte, at),
            _ => State::Broken,
        }
    }

    fn close(&mut self, byte: u8, at: usize) -> State {
        debug_assert_eq!(self.open.last(), Some(&byte));
        self.open.pop();
        self.value_ends(at)
    }

    fn value_ends(&mut self, at: usize) -> State {
        self.whole = at + 1;
        State::After
    }

    fn in_text(&mut self, is_key: bool, place: Text, byte: u8, at: usize) -> State {
        let next = match (place, byte) {
            (Text::Plain | Text::HalfPair, b'"') => {
                self.in_string = None;
                return if is_key { State::Colon } else { self.value_ends(at) };
            }
            (Text::Plain | Text::HalfPair, b'\\') => Text::Escape,
            // Control characters have to be escaped.
            (Text::Plain | Text::HalfPair, 0..0x20) => return State::Broken,
            (Text::Plain | Text::HalfPair, _) => Text::Plain,
            (Text::Escape, b'u') => Text::Hex(4, 0),
            (Text::Escape, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Text::Plain,
            (Text::Escape, _) => return State::Broken,
            (Text::Hex(left, value), _) => match char::from(byte).to_digit(16) {
                None => return State::Broken,
                Some(digit) => {
                    let value = value << 4 | u16::try_from(digit).unwrap_or_default();
                    match (left, value) {
                        // The first half of a pair is no character yet.
                        (1, 0xD800..=0xDBFF) => Text::HalfPair,
                        (1, _) => Text::Plain,
                        _ => Text::Hex(left - 1, value),
                    }
                }
            },
        };
        if next == Text::Plain && !is_key {
            self.in_string = Some(at + 1);
        }
        State::Text { is_key, at: next }
    }
}

impl Number {
    /// Where the number is after `byte`; `None` when that is no part of it.
    fn next(self, byte: u8) -> Option<Number> {
        use Number::{Digits, Exponent, ExponentDigits, ExponentSign, Fraction, Minus, Point, Zero};
        Some(match (self, byte) {
            (Minus, b'0') => Zero,
            (Minus | Digits, b'0'..=b'9') => Digits,
            (Zero | Digits, b'.') => Point,
            (Point | Fraction, b'0'..=b'9') => Fraction,
            (Zero | Digits | Fraction, b'e' | b'E') => Exponent,
            (Exponent, b'+' | b'-') => ExponentSign,
            (Exponent | ExponentSign | ExponentDigits, b'0'..=b'9') => ExponentDigits,
            _ => return None,
        })
    }

    fn may_end(self) -> bool {
        matches!(self, Number::Zero | Number::Digits | Number::Fraction | Number::ExponentDigits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: Option<Json>) -> String {
        json.map_or_else(|| "-".to_owned(), |json| json.text().to_owned())
    }

    #[test]
    fn what_is_unfinished_is_left_out_and_strings_may_stay() {
        for (text, so_far, finished) in [
            ("", "-", "-"),
            (" ", "-", "-"),
            ("{", "{}", "{}"),
            (r#"{"a"#, "{}", "{}"),
            (r#"{"a":"#, "{}", "{}"),
            (r#"{"a":1"#, "{}", "{}"),
            (r#"{"a":1,"#, r#"{"a":1}"#, r#"{"a":1}"#),
            (r#"{"a":1,"b":"#, r#"{"a":1}"#, r#"{"a":1}"#),
            (r#"{"a":tru"#, "{}", "{}"),
            (r#"{"a":true"#, r#"{"a":true}"#, r#"{"a":true}"#),
            (r#"{"a":"Pa"#, r#"{"a":"Pa"}"#, "{}"),
            (r#"{"a":["x",{"b":"y"#, r#"{"a":["x",{"b":"y"}]}"#, r#"{"a":["x",{}]}"#),
            (r#"["a\"#, r#"["a"]"#, "[]"),
            (r#"["a\u00e"#, r#"["a"]"#, "[]"),
            (r#"["a\ud83d"#, r#"["a"]"#, "[]"),
            (r#"["a\ud83d\ude00"#, r#"["a\ud83d\ude00"]"#, "[]"),
            (r#"["a\ud83d b"#, r#"["a\ud83d b"]"#, "[]"),
            ("[1.5e+3", "[]", "[]"),
            ("[1.5e+3 ", "[1.5e+3 ]", "[1.5e+3 ]"),
            (r#"{"a":[]}  "#, r#"{"a":[]}"#, r#"{"a":[]}"#),
        ] {
            let partial = PartialJson::of(text);
            let expected = (so_far.replace(' ', ""), finished.replace(' ', ""));
            let found = (shown(partial.so_far()).replace(' ', ""), shown(partial.finished()).replace(' ', ""));
            assert_eq!((found, partial.is_broken()), (expected, false), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_keeps_what_came_before() {
        for (text, so_far) in [
            (r#"{"a":1,}"#, r#"{"a":1}"#),
            (r#"{"a":01}"#, "{}"),
            (r#"{"a":"x" "b""#, r#"{"a":"x"}"#),
            (r#"{"a":1}}"#, r#"{"a":1}"#),
            ("[1]x", "[1]"),
            ("[tru]", "[]"),
            ("<html>", "-"),
            ("[1,]", "[1]"),
            ("[-]", "[]"),
        ] {
            let partial = PartialJson::of(text);
            assert_eq!((shown(partial.so_far()).as_str(), partial.is_broken()), (so_far, true), "{text}");
        }
    }

    #[test]
    fn it_knows_when_it_is_whole() {
        for (text, whole) in [("{}", true), ("{} ", true), ("{", false), ("12", false), ("12 ", true), ("\"x\"", true)]
        {
            assert_eq!(PartialJson::of(text).is_whole(), whole, "{text}");
        }
    }
}
