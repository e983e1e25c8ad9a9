//! The text of a script -> its rules; a mistake is told with its line, its field, and what was expected there.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use outcrop_wire::Json;
use outcrop_wire::fault::{FAULTS, Fault, Origin, row};
use outcrop_wire::messages::{Block, Message, StopReason, ToolUseBlock, Usage};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Script;
use super::pattern::Pattern;
use super::rule::{Rule, ToolResult, When, named};
use crate::reply::{Break, Framed, Reply};

/// What is wrong with a script, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ScriptError {
    /// From 1.
    pub line: usize,
    /// `rule.2.when.turn`, rules counted from 1; empty where the text is no TOML.
    pub field: String,
    /// What was expected, and what is there.
    pub problem: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => write!(f, "line {}: {}", self.line, self.problem),
            field => write!(f, "line {}, `{field}`: {}", self.line, self.problem),
        }
    }
}

impl std::error::Error for ScriptError {}

type Result<T> = std::result::Result<T, ScriptError>;

pub(super) fn script(text: &str) -> Result<Script> {
    let parsed = DeTable::parse(text).map_err(|error| ScriptError {
        line: line(text, error.span().map_or(0, |span| span.start)),
        field: String::new(),
        problem: error.message().replace('\n', " "),
    })?;
    let mut top = Table::new(text, String::new(), parsed.span(), parsed.get_ref());
    let mut script = Script::new();
    script.refuses = match top.take("otherwise") {
        None => false,
        Some(field) => field.one_of(&[("mirror", false), ("refuse", true)])?,
    };
    if let Some(rules) = top.take("rule") {
        for field in rules.list("a list of rules, each begun with [[rule]]")? {
            script.rules.push(rule(&field)?);
        }
    }
    top.finish()?;
    Ok(script)
}

fn rule(field: &Field<'_>) -> Result<Rule> {
    let mut table = field.table()?;
    if let Some(name) = table.take("name") {
        name.text()?;
    }
    let times = table.take("times").map(|field| field.whole(1)).transpose()?;
    let when = table.take("when").map(|field| when(&field)).transpose()?.unwrap_or_default();
    let reply = table.take("reply");
    table.finish()?;
    let Some(reply) = reply else { return Err(field.error("expected a `reply`, found none")) };
    Ok(Rule { reply: self::reply(&reply)?, times, when })
}

fn when(field: &Field<'_>) -> Result<When> {
    let mut table = field.table()?;
    let when = When {
        model: table.take("model").map(|field| field.text().map(named)).transpose()?,
        text: table.take("text").map(|field| pattern(&field)).transpose()?,
        turn: table.take("turn").map(|field| field.whole(1)).transpose()?,
        tool_result: table.take("tool_result").map(|field| tool_result(&field)).transpose()?,
        stream: table.take("stream").map(|field| field.flag()).transpose()?,
        call: table.take("call").map(|field| field.whole(1)).transpose()?,
    };
    table.finish()?;
    Ok(when)
}

fn tool_result(field: &Field<'_>) -> Result<ToolResult> {
    let mut table = field.table()?;
    let wanted = ToolResult {
        name: table.take("name").map(|field| field.text().map(Pattern::whole)).transpose()?,
        text: table.take("text").map(|field| pattern(&field)).transpose()?,
        is_error: table.take("is_error").map(|field| field.flag()).transpose()?,
    };
    table.finish()?;
    Ok(wanted)
}

fn pattern(field: &Field<'_>) -> Result<Pattern> {
    const EXPECTED: &str = "a string, { contains = \"...\" } or { regex = \"...\" }";
    if let DeValue::String(part) = field.value {
        return Ok(Pattern::Contains(part.clone().into_owned()));
    }
    let mut table = field.table_or(EXPECTED)?;
    let (contains, regex) = (table.take("contains"), table.take("regex"));
    table.finish()?;
    match (contains, regex) {
        (Some(part), None) => Ok(Pattern::Contains(part.text()?.to_owned())),
        (None, Some(expression)) => {
            let wrong = |why: String| expression.error(format!("expected a regular expression: {why}"));
            Pattern::regex(expression.text()?).map_err(wrong)
        }
        _ => Err(field.expected(EXPECTED)),
    }
}

fn reply(field: &Field<'_>) -> Result<Reply> {
    let mut table = field.table()?;
    let mut message = Message::default();
    let (thinking, text, json) = (table.take("thinking"), table.take("text"), table.take("json"));
    if let Some(text) = &text {
        message.content.push(Block::text(text.text()?));
    }
    if let Some(json) = &json {
        if text.is_some() {
            return Err(json.error("`text` is there too: a reply has one of them"));
        }
        message.content.push(Block::text(json.json()?.to_string()));
    }
    match table.take("tool_use") {
        None => {}
        Some(calls) if matches!(calls.value, DeValue::Array(_)) => {
            for call in calls.list("a call { name, input }, or a list of them")? {
                message.content.push(tool_use(&call)?);
            }
        }
        Some(call) => message.content.push(tool_use(&call)?),
    }
    message.stop_reason = table.take("stop_reason").map(|field| field.text().map(StopReason::from)).transpose()?;
    message.stop_sequence = table.take("stop_sequence").map(|field| field.text().map(str::to_owned)).transpose()?;
    if let Some(field) = table.take("usage") {
        message.usage = usage(&field)?;
    }
    let says = !message.content.is_empty() || thinking.is_some();
    let mut reply = Reply::message(message);
    if let Some(thinking) = thinking {
        reply = reply.thinking(thinking.text()?);
    }
    let (delay, pace) = (table.take("delay"), table.take("pace"));
    let (error, cut, bad_crc) = (table.take("error"), table.take("cut"), table.take("bad_crc"));
    table.finish()?;
    if let [_, second, ..] = [&error, &cut, &bad_crc].into_iter().flatten().collect::<Vec<_>>()[..] {
        return Err(second.error("expected one of `error`, `cut` and `bad_crc`, found several"));
    }
    let fails = error.is_some();
    if let Some(field) = error {
        let (fault, breach) = self::error(&field)?;
        match breach {
            Some(breach) => reply = reply.breaks(breach),
            None if says => return Err(field.error("expected `after`, since the reply says something before it fails")),
            None => reply = Reply::fault(fault),
        }
    }
    if let Some(field) = cut {
        let mut table = field.table()?;
        let after = after(&mut table)?.unwrap_or_default();
        let inside = table.take("inside").map(|field| field.flag()).transpose()?.unwrap_or_default();
        table.finish()?;
        reply = reply.breaks(if inside { Break::cut_inside(after) } else { Break::cut(after) });
    }
    if let Some(field) = bad_crc {
        let mut table = field.table()?;
        let after = after(&mut table)?.unwrap_or_default();
        table.finish()?;
        reply = reply.breaks(Break::bad_crc(after));
    }
    if !says && !fails {
        return Err(field.error("expected one of thinking, text, json, tool_use, error: the reply says nothing"));
    }
    if let Some(delay) = delay {
        reply = reply.delay(Duration::from_millis(delay.whole(0)?));
    }
    if let Some(pace) = pace {
        reply = reply.pace(Duration::from_millis(pace.whole(0)?));
    }
    Ok(reply)
}

fn tool_use(field: &Field<'_>) -> Result<Block> {
    let mut table = field.table_or("a call { name, input }, or a list of them")?;
    let (name, input, id) = (table.take("name"), table.take("input"), table.take("id"));
    table.finish()?;
    let Some(name) = name else { return Err(field.error("expected a `name`, found none")) };
    let input = match &input {
        None => Json::empty_object(),
        Some(field) => match field.value {
            DeValue::String(text) => Json::from_text(text.clone().into_owned())
                .map_err(|error| field.error(format!("expected a table or a string of JSON: {error}")))?,
            DeValue::Table(_) => Json::from(field.json()?),
            _ => return Err(field.expected("a table or a string of JSON")),
        },
    };
    let id = id.map(|field| field.text()).transpose()?.unwrap_or_default();
    Ok(Block::ToolUse(ToolUseBlock::new(id, name.text()?, input)))
}

fn usage(field: &Field<'_>) -> Result<Usage> {
    let mut table = field.table()?;
    let mut tokens = |name: &str| table.take(name).map(|field| field.whole(0)).transpose();
    let usage = Usage {
        input_tokens: tokens("input_tokens")?.unwrap_or_default(),
        output_tokens: tokens("output_tokens")?.unwrap_or_default(),
        cache_creation_input_tokens: Some(tokens("cache_creation_input_tokens")?.unwrap_or_default()),
        cache_read_input_tokens: Some(tokens("cache_read_input_tokens")?.unwrap_or_default()),
        ..Usage::default()
    };
    table.finish()?;
    Ok(usage)
}

/// The fault, and where in a stream it comes, if it comes in one.
fn error(field: &Field<'_>) -> Result<(Fault, Option<Break>)> {
    let mut table = field.table()?;
    let (code, message, status) = (table.take("code"), table.take("message"), table.take("status"));
    let (after, frame) = (after(&mut table)?, table.take("frame"));
    table.finish()?;
    let Some(code) = code else { return Err(field.error("expected a `code`, found none")) };
    let message = message.map(|field| field.text().map(str::to_owned)).transpose()?.unwrap_or_default();
    let mut fault = Fault::new(code.text()?, message, Origin::Http);
    match &status {
        Some(status) => {
            let wrong = || status.expected("a status from 400 to 599");
            let number = u16::try_from(status.whole(400)?).map_err(|_| wrong())?;
            fault.status = Some(number).filter(|number| *number < 600).ok_or_else(wrong)?;
        }
        None if row(&fault.code).is_none() => {
            let known: Vec<&str> = FAULTS.iter().map(|row| row.code).collect();
            return Err(code.error(format!(
                "expected a code of AWS's ({}), or a `status` beside another one, found {:?}",
                known.join(", "),
                fault.code
            )));
        }
        None => {}
    }
    let framed = match &frame {
        None => Framed::default(),
        Some(_) if after.is_none() => {
            return Err(field.error("expected `after` beside `frame`: only a fault inside a stream is framed"));
        }
        Some(frame) => {
            let forms = [("exception", Framed::Exception), ("error", Framed::Error), ("event", Framed::Event)];
            frame.one_of(&forms)?
        }
    };
    let breach = after.map(|after| Break::fault(after, fault.clone(), framed));
    Ok((fault, breach))
}

fn after(table: &mut Table<'_>) -> Result<Option<usize>> {
    let events = table.take("after").map(|field| field.whole(0)).transpose()?;
    Ok(events.map(|events| usize::try_from(events).unwrap_or(usize::MAX)))
}

/// A table whose members are taken one by one; what is left over at the end is unknown.
struct Table<'a> {
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

    fn take(&mut self, name: &str) -> Option<Field<'a>> {
        self.asked.push(name.to_owned());
        let (key, value) = self.members.iter().find(|(key, _)| key.get_ref() == name)?;
        Some(Field::new(self.source, self.inner(name), key.span(), value))
    }

    fn inner(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    fn finish(self) -> Result<()> {
        let unknown = |(key, _): &(&Spanned<_>, _)| !self.asked.iter().any(|name| name == key.get_ref());
        // The first of the file, not of the alphabet.
        let first = self.members.iter().filter(unknown).min_by_key(|(key, _)| key.span().start);
        let Some((key, _)) = first else { return Ok(()) };
        Err(ScriptError {
            line: line(self.source, key.span().start.max(self.span.start)),
            field: self.inner(key.get_ref()),
            problem: format!("expected one of {}, found this", self.asked.join(", ")),
        })
    }
}

/// A value, and where it stands.
struct Field<'a> {
    source: &'a str,
    place: String,
    /// Of its name, where it has one: the value of a dotted key has no place of its own.
    span: Range<usize>,
    value: &'a DeValue<'a>,
}

impl<'a> Field<'a> {
    fn new(source: &'a str, place: String, span: Range<usize>, value: &'a Spanned<DeValue<'a>>) -> Self {
        Field { source, place, span, value: value.get_ref() }
    }

    fn error(&self, problem: impl Into<String>) -> ScriptError {
        ScriptError { line: line(self.source, self.span.start), field: self.place.clone(), problem: problem.into() }
    }

    fn expected(&self, what: &str) -> ScriptError {
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

    fn text(&self) -> Result<&'a str> {
        match self.value {
            DeValue::String(text) => Ok(text),
            _ => Err(self.expected("a string")),
        }
    }

    fn flag(&self) -> Result<bool> {
        match self.value {
            DeValue::Boolean(flag) => Ok(*flag),
            _ => Err(self.expected("true or false")),
        }
    }

    fn whole(&self, least: u64) -> Result<u64> {
        let number = match self.value {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        number
            .filter(|number| *number >= least)
            .ok_or_else(|| self.expected(&format!("a whole number, at least {least}")))
    }

    fn one_of<T: Clone>(&self, words: &[(&str, T)]) -> Result<T> {
        let word = match self.value {
            DeValue::String(text) => words.iter().find(|(word, _)| *word == text.as_ref()),
            _ => None,
        };
        word.map(|(_, meaning)| meaning.clone()).ok_or_else(|| {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            self.expected(&words.join(" or "))
        })
    }

    fn table(&self) -> Result<Table<'a>> {
        self.table_or("a table")
    }

    fn table_or(&self, expected: &str) -> Result<Table<'a>> {
        match self.value {
            DeValue::Table(members) => Ok(Table::new(self.source, self.place.clone(), self.span.clone(), members)),
            _ => Err(self.expected(expected)),
        }
    }

    fn list(&self, expected: &str) -> Result<Vec<Field<'a>>> {
        let DeValue::Array(values) = self.value else { return Err(self.expected(expected)) };
        let place = |number: usize| format!("{}.{number}", self.place);
        let fields =
            values.iter().zip(1..).map(|(value, number)| Field::new(self.source, place(number), value.span(), value));
        Ok(fields.collect())
    }

    fn json(&self) -> Result<serde_json::Value> {
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
