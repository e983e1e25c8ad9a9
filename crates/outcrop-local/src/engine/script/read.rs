//! The text of a script -> its rules.

use std::time::Duration;

use outcrop_wire::Json;
use outcrop_wire::fault::{FAULTS, Fault, Origin, row};
use outcrop_wire::messages::{ApiError, Block, Message, StopReason, ToolUseBlock, Usage};
use toml::de::DeValue;

use super::Script;
use super::pattern::Pattern;
use super::rule::{NamedModel, Rule, ToolResult, When};
use crate::reply::{Break, Framed, Reply};
use crate::table::{self, Field, Result, Table};
use crate::trouble::Often;

pub(super) fn script(text: &str) -> Result<Script> {
    table::whole(text, |top| {
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
        Ok(script)
    })
}

fn rule(field: &Field<'_>) -> Result<Rule> {
    let mut table = field.table()?;
    if let Some(name) = table.take("name") {
        name.text()?;
    }
    let times = table.take("times").map(|field| field.whole(1)).transpose()?;
    let often = Often {
        every: table.take("every").map(|field| field.whole(1)).transpose()?,
        percent: table.take("percent").map(|field| field.share()).transpose()?,
        ..Often::default()
    };
    let when = table.take("when").map(|field| when(&field)).transpose()?.unwrap_or_default();
    let reply = table.take("reply");
    table.finish()?;
    let Some(reply) = reply else { return Err(field.error("expected a `reply`, found none")) };
    Ok(Rule { reply: self::reply(&reply)?, times, often, when })
}

fn when(field: &Field<'_>) -> Result<When> {
    let mut table = field.table()?;
    let when = When {
        model: table.take("model").map(|field| field.text().map(NamedModel::new)).transpose()?,
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
    // A refusal may say nothing more.
    let stops = message.stop_reason.is_some();
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
            None if says || stops => {
                return Err(field.error("expected `after`, since the reply says something before it fails"));
            }
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
    if !says && !fails && !stops {
        return Err(
            field.error("expected one of thinking, text, json, tool_use, stop_reason, error: the reply says nothing")
        );
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
        // Anthropic's own word, in Anthropic's own event.
        None if fault.anthropic_kind() == fault.code
            && frame.as_ref().is_some_and(|frame| frame.text() == Ok("event")) =>
        {
            let said = ApiError { kind: fault.code, message: fault.message, extra: Default::default() };
            fault = Fault::from_anthropic(&said, Origin::Http);
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
