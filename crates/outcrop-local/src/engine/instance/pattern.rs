//! A regular expression -> a short text that it matches: literals, classes, quantifiers, choices.

use regex_lite::Regex;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Longer texts are not made.
const LONGEST: usize = 4096;

/// Repetitions that go on are tried one by one up to here.
const MORE: usize = 64;

/// What is taken of a class, the first that is in it.
const LIKED: &str = "a0A1b2c3d4e5f6ghijklmnopqrstuvwxyz789BCDEFGHIJKLMNOPQRSTUVWXYZ -_.@/:,;+#%&()='\"!?*";

/// A text that `pattern` matches, at least `least` and at most `most` characters long; another one for each `variant`
/// where there are several. `None` where none is found, or the expression looks around itself.
pub(super) fn example(pattern: &str, least: usize, most: usize, variant: usize) -> Option<String> {
    // Schemas mean ASCII by `\d` and `\w`.
    let parse = |unicode| ParserBuilder::new().unicode(unicode).utf8(unicode).build().parse(pattern).ok();
    let hir = parse(false).or_else(|| parse(true))?;
    let regex = Regex::new(pattern).ok()?;
    let fits = |text: &str| {
        let length = text.chars().count();
        length >= least && length <= most && regex.is_match(text)
    };
    // Repetitions grow until the text is long enough; where nothing says how it ends, anything may follow.
    (0..=MORE.min(least)).chain([least]).find_map(|more| {
        let mut writing = Writing { text: String::new(), more, variant };
        writing.write(&hir)?;
        let text = writing.text;
        let missing = least.saturating_sub(text.chars().count());
        let longer = format!("{text}{}", "a".repeat(missing));
        [text, longer].into_iter().find(|text| fits(text))
    })
}

/// Whether `text` matches; what is no expression here matches nothing.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
}

struct Writing {
    text: String,
    /// How often repetitions go on beyond what they must.
    more: usize,
    variant: usize,
}

impl Writing {
    fn write(&mut self, hir: &Hir) -> Option<()> {
        if self.text.len() > LONGEST {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => self.text.push(letter(class, self.variant)?),
            HirKind::Repetition(repetition) => {
                let times = repetition.min as usize + self.more;
                let most = repetition.max.map_or(usize::MAX, |most| most as usize);
                for _ in 0..times.min(most) {
                    self.write(&repetition.sub)?;
                }
            }
            HirKind::Capture(capture) => self.write(&capture.sub)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part))?,
            HirKind::Alternation(parts) => self.write(parts.get(self.variant % parts.len().max(1))?)?,
        }
        Some(())
    }
}

fn letter(class: &Class, variant: usize) -> Option<char> {
    let within = |letter: char| match class {
        Class::Unicode(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&letter)),
        Class::Bytes(class) => u8::try_from(letter)
            .is_ok_and(|byte| class.iter().any(|range| (range.start()..=range.end()).contains(&byte))),
    };
    let liked: Vec<char> = LIKED.chars().filter(|letter| within(*letter)).collect();
    match (liked.get(variant % liked.len().max(1)), class) {
        (Some(letter), _) => Some(*letter),
        (None, Class::Unicode(class)) => class.iter().next().map(|range| range.start()),
        (None, Class::Bytes(class)) => class.iter().next().map(|range| char::from(range.start())),
    }
}

#[cfg(test)]
mod tests {
    use super::example;

    #[test]
    fn a_text_is_made_that_the_expression_matches() {
        for (pattern, least, expected) in [
            ("^[A-Z]{3}-\\d{2,}$", 0, Some("AAA-00")),
            ("^[A-Z]{3}-\\d{2,}$", 8, Some("AAA-0000")),
            ("^(red|green)(, (red|green))*$", 0, Some("red")),
            ("^\\+?[1-9]\\d{1,14}$", 0, Some("10")),
            ("[äö]x", 0, Some("äx")),
            ("^\\w+@\\w+\\.example$", 0, Some("a@a.example")),
            ("^[A-Z]", 3, Some("Aaa")),
            ("", 3, Some("aaa")),
            ("^a{2}$", 3, None),
            ("(?=x)x", 0, None),
            ("(", 0, None),
            ("^(a{1000}){1000}$", 0, None),
        ] {
            assert_eq!(example(pattern, least, usize::MAX, 0).as_deref(), expected, "{pattern}");
        }
        assert_eq!(example("^[A-C]$", 0, 1, 2).as_deref(), Some("C"));
    }
}
