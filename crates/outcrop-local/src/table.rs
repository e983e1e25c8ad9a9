//! A table of a TOML file, read member by member: a mistake is told with its line, its field, and what was expected there.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong with a script or an account file, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// `rule.2.when.turn`, what stands in a list counted from 1; empty where the text is no TOML.
    pub field: String,
    /// What was expected, and what is there.
    pub problem: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(f, "line {}: {}", self.line, self.problem),
            field => write!(f, "line {}, `{field}`: {}", self.line, self.problem),
        }
    }
}

impl std::error::Error for Mistake {}

pub(crate) type Result<T> = std::result::Result<T, Mistake>;

/// Reads the members of a whole text; those that `read` does not take are unknown.
pub(crate) fn whole<T>(text: &str, read: impl FnOnce(&mut Table<'_>) -> Result<T>) -> Result<T> {
    let parsed = DeTable::parse(text).map_err(|error| Mistake {
        line: line(text, error.span().map_or(0, |span| span.start)),
        field: String::new(),
        problem: error.message().replace('\n', " "),
    })?;
    let mut top = Table::new(text, String::new(), parsed.span(), parsed.get_ref());
    let read = read(&mut top)?;
    top.finish()?;
    Ok(read)
}

/// A table whose members are taken one by one; what is left over at the end is unknown.
pub(crate) struct Table<'a> {
    source: &'a str,
    place: String,
    span: Range<usize>,
    members: &'a DeTable<'a>,
    asked: Vec<String>,
}

impl<'a> Table<'a> {
    fn new(source: &'a str, place: String, span: Range<usize>, members: &'a DeTable<'a>) -> Self {
        Table { source, place, span, members, asked: Vec::new() }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Field<'a>> {
        self.asked.push(name.to_owned());
        let (key, value) = self.members.iter().find(|(key, _)| key.get_ref() == name)?;
        Some(Field::new(self.source, self.inner(name), key.span(), value))
    }

    /// Every member by its name, in the order of the alphabet: none is unknown.
    pub(crate) fn all(&self) -> Vec<(String, Field<'a>)> {
        let field = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            (name.clone().into_owned(), Field::new(self.source, self.inner(name), key.span(), value))
        };
        self.members.iter().map(field).collect()
    }

    fn inner(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    pub(crate) fn finish(self) -> Result<()> {
        let unknown = |(key, _): &(&Spanned<_>, _)| !self.asked.iter().any(|name| name == key.get_ref());
        // The first of the file, not of the alphabet.
        let first = self.members.iter().filter(unknown).min_by_key(|(key, _)| key.span().start);
        let Some((key, _)) = first else { return Ok(()) };
        Err(Mistake {
            line: line(self.source, key.span().start.max(self.span.start)),
            field: self.inner(key.get_ref()),
            problem: format!("expected one of {}, found this", self.asked.join(", ")),
        })
    }
}

/// A value, and where it stands.
pub(crate) struct Field<'a> {
    source: &'a str,
    place: String,
    /// Of its name, where it has one: the value of a dotted key has no place of its own.
    span: Range<usize>,
    pub(crate) value: &'a DeValue<'a>,
}

impl<'a> Field<'a> {
    pub(crate) fn new(source: &'a str, place: String, span: Range<usize>, value: &'a Spanned<DeValue<'a>>) -> Self {
        Field { source, place, span, value: value.get_ref() }
    }

    pub(crate) fn error(&self, problem: impl Into<String>) -> Mistake {
        Mistake { line: line(self.source, self.span.start), field: self.place.clone(), problem: problem.into() }
    }

    pub(crate) fn expected(&self, what: &str) -> Mistake {
        let found = match self.value {
            DeValue::String(text) => format!("{:?}", text.chars().take(40).collect::<String>()),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Datetime(_) => "a date".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        self.error(format!("expected {what}, found {found}"))
    }

    pub(crate) fn text(&self) -> Result<&'a str> {
        match self.value {
            DeValue::String(text) => Ok(text),
            _ => Err(self.expected("a string")),
        }
    }

    pub(crate) fn flag(&self) -> Result<bool> {
        match self.value {
            DeValue::Boolean(flag) => Ok(*flag),
            _ => Err(self.expected("true or false")),
        }
    }

    pub(crate) fn whole(&self, least: u64) -> Result<u64> {
        let number = match self.value {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        number
            .filter(|number| *number >= least)
            .ok_or_else(|| self.expected(&format!("a whole number, at least {least}")))
    }

    pub(crate) fn share(&self) -> Result<f64> {
        let number: Option<f64> = match self.value {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| self.expected("a number from 0 to 100"))
    }

    pub(crate) fn one_of<T: Clone>(&self, words: &[(&str, T)]) -> Result<T> {
        let word = match self.value {
            DeValue::String(text) => words.iter().find(|(word, _)| *word == text.as_ref()),
            _ => None,
        };
        word.map(|(_, meaning)| meaning.clone()).ok_or_else(|| {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            self.expected(&words.join(" or "))
        })
    }

    pub(crate) fn table(&self) -> Result<Table<'a>> {
        self.table_or("a table")
    }

    pub(crate) fn table_or(&self, expected: &str) -> Result<Table<'a>> {
        match self.value {
            DeValue::Table(members) => Ok(Table::new(self.source, self.place.clone(), self.span.clone(), members)),
            _ => Err(self.expected(expected)),
        }
    }

    pub(crate) fn list(&self, expected: &str) -> Result<Vec<Field<'a>>> {
        let DeValue::Array(values) = self.value else { return Err(self.expected(expected)) };
        let place = |number: usize| format!("{}.{number}", self.place);
        let fields =
            values.iter().zip(1..).map(|(value, number)| Field::new(self.source, place(number), value.span(), value));
        Ok(fields.collect())
    }

    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        json(self.value).ok_or_else(|| self.error("expected a value that JSON has"))
    }
}

fn json(value: &DeValue<'_>) -> Option<serde_json::Value> {
    Some(match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => number.into(),
            Err(_) => u64::from_str_radix(number.as_str(), number.radix()).ok()?.into(),
        },
        DeValue::Float(number) => {
            serde_json::Number::from_f64(number.as_str().parse().ok()?).map(serde_json::Value::Number)?
        }
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(values) => values.iter().map(|value| json(value.get_ref())).collect::<Option<Vec<_>>>()?.into(),
        DeValue::Table(members) => {
            let members =
                members.iter().map(|(name, value)| Some((name.get_ref().to_string(), json(value.get_ref())?)));
            serde_json::Value::Object(members.collect::<Option<_>>()?)
        }
    })
}

/// The line of a byte, from 1.
fn line(source: &str, at: usize) -> usize {
    source.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}
