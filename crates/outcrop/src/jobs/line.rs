//! A line of a file of requests, in whichever of the forms that people have: Bedrock's own, that of Anthropic's batches,
//! a request alone, or a prompt.

use std::fmt;

use outcrop_wire::converse::ConverseRequest;
use outcrop_wire::dialect::converse::decode_converse_request;
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::{Extra, Json};

/// A line that was read: what it asks, and what its result is to be found by, where it says so.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RequestLine {
    /// `recordId`, `custom_id` or `id`.
    pub record_id: Option<String>,
    /// What is asked.
    pub asks: Asks,
}

/// What a line asks.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant)] // one at a time, and the first is what nearly every line holds
pub enum Asks {
    /// A request of the Messages API.
    Message(MessageRequest),
    /// A body of Converse: it goes as it is, into a job of that kind alone.
    Converse(ConverseRequest),
}

/// Why a line asks nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LineError {
    /// Where in it: `params.messages[0].role`; empty for the whole line.
    pub path: String,
    /// Why.
    pub why: String,
}

/// What a record may be called by.
const IDS: [&str; 3] = ["recordId", "custom_id", "id"];
/// Under which names the request stands.
const BODIES: [&str; 2] = ["modelInput", "params"];
/// Members that only bodies of Converse have (botocore service model).
const CONVERSE: [&str; 8] = [
    "inferenceConfig",
    "toolConfig",
    "guardrailConfig",
    "additionalModelRequestFields",
    "additionalModelResponseFieldPaths",
    "performanceConfig",
    "requestMetadata",
    "outputConfig",
];

/// How a record id begins that was made.
const MADE: &str = "record-";

impl RequestLine {
    /// The record id of a line that says none: `record-000007` of the seventh.
    #[must_use]
    pub fn made_id(line: u64) -> String {
        format!("{MADE}{line:06}")
    }

    /// The line that an id was made of.
    #[cfg(feature = "objects")]
    pub(super) fn line_of(id: &str) -> Option<u64> {
        let line = id.strip_prefix(MADE)?.parse().ok()?;
        (RequestLine::made_id(line) == id).then_some(line)
    }

    /// Reads a line: `{"recordId", "modelInput": {...}}` as Bedrock has it, `{"custom_id", "params": {...}}` as
    /// Anthropic's batches have it, a request of the Messages API by itself, `{"prompt": "..."}`, or a prompt as a string.
    /// What a request does not say, `template` says for it: its turns come before a prompt.
    ///
    /// ```
    /// use outcrop::MessageRequest;
    /// use outcrop::jobs::{Asks, RequestLine};
    ///
    /// let template = MessageRequest::new("haiku", 256).system("Be brief.");
    /// let line = RequestLine::read(r#"{"custom_id": "a-1", "prompt": "What is quartz?"}"#, &template)?;
    /// assert_eq!(line.record_id.as_deref(), Some("a-1"));
    /// let Asks::Message(request) = line.asks else { unreachable!() };
    /// assert_eq!(request.last_user_text().as_deref(), Some("What is quartz?"));
    ///
    /// let error = RequestLine::read(r#"{"params": {"messages": [{"role": 7}]}}"#, &template).unwrap_err();
    /// assert_eq!(error.path, "params.messages[0].role");
    /// # Ok::<(), outcrop::jobs::LineError>(())
    /// ```
    ///
    /// # Errors
    /// When it is none of these, and where in the line that shows.
    pub fn read(text: &str, template: &MessageRequest) -> Result<Self, LineError> {
        let text = text.trim();
        if text.starts_with('"') {
            let prompt: String = parse(text, "")?;
            return Ok(RequestLine { record_id: None, asks: prompted(prompt, "", template)? });
        }
        if !text.starts_with('{') {
            // What serde says of broken JSON tells more than that it is no object.
            parse::<Json>(text, "")?;
            return Err(LineError::new("", "neither an object nor a string"));
        }
        let members: Extra = parse(text, "")?;
        let record_id = record_id(&members)?;
        let bodies = BODIES.iter().filter_map(|name| Some((*name, members.value(name)?)));
        let bodies: Vec<(&str, &Json)> = bodies.collect();
        let asks = match bodies[..] {
            [(name, body)] => asked(body, name, template)?,
            [_, ..] => return Err(LineError::new("", "`modelInput` and `params`: there is one request a line")),
            [] => match members.value("prompt") {
                Some(prompt) => prompted(parse(prompt.text(), "prompt")?, "prompt", template)?,
                None if members.value("messages").is_some() => asked(&whole(&members)?, "", template)?,
                None => {
                    let why = "no request: there is no `params`, `modelInput`, `messages` or `prompt`";
                    return Err(LineError::new("", why));
                }
            },
        };
        Ok(RequestLine { record_id, asks })
    }
}

/// The record id that a line says, of a request or of a result, whatever else it holds.
#[cfg(feature = "objects")]
pub(super) fn record_id_of(line: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Ids {
        #[serde(rename = "recordId")]
        record_id: Option<String>,
        custom_id: Option<String>,
        id: Option<String>,
    }
    let ids: Ids = serde_json::from_slice(line).ok()?;
    ids.record_id.or(ids.custom_id).or(ids.id)
}

/// What a line asks as it stands there, for people and to be asked again: the body of a request, or the prompt.
#[cfg(feature = "objects")]
pub(super) fn body_of(line: &[u8]) -> Json {
    let Ok(text) = std::str::from_utf8(line) else { return Json::null() };
    let Ok(members) = serde_json::from_str::<Extra>(text) else {
        // A prompt by itself is the same as one in an object.
        let prompt = serde_json::from_str::<String>(text).ok().and_then(|prompt| Json::of(&prompt).ok());
        let members: Extra = prompt.into_iter().map(|prompt| ("prompt".to_owned(), prompt)).collect();
        return Json::of(&members).ok().filter(|_| !members.is_empty()).unwrap_or_default();
    };
    let body = BODIES.iter().find_map(|name| members.value(name).cloned());
    body.or_else(|| whole(&members).ok()).unwrap_or_default()
}

/// A request alone, but for what the line calls it by.
fn whole(members: &Extra) -> Result<Json, LineError> {
    let own = members.iter().filter(|(name, _)| !IDS.contains(name));
    let own: Extra = own.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    Json::of(&own).map_err(|error| LineError::new("", error))
}

fn record_id(members: &Extra) -> Result<Option<String>, LineError> {
    let mut ids = IDS.iter().filter_map(|name| Some((*name, members.value(name)?))).filter(|(_, id)| !id.is_null());
    let Some((name, id)) = ids.next() else { return Ok(None) };
    if let Some((other, _)) = ids.next() {
        return Err(LineError::new(other, format!("a record has one id, and `{name}` says it")));
    }
    parse(id.text(), name).map(Some)
}

fn prompted(prompt: String, path: &str, template: &MessageRequest) -> Result<Asks, LineError> {
    match prompt.trim().is_empty() {
        true => Err(LineError::new(path, "the prompt is empty")),
        false => Ok(Asks::Message(template.clone().user(prompt))),
    }
}

fn asked(body: &Json, path: &str, template: &MessageRequest) -> Result<Asks, LineError> {
    let mut members: Extra = parse(body.text(), path)?;
    if is_converse(&members) {
        let request: ConverseRequest = parse(body.text(), path)?;
        let model = request.model.clone();
        let request =
            decode_converse_request(model, body.text().as_bytes()).map_err(|error| LineError::new(path, error))?;
        return Ok(Asks::Converse(request));
    }
    let body = match members.value("max_tokens") {
        Some(_) => body.text().to_owned(),
        None => {
            members.set("max_tokens", Json::of(&template.max_tokens).unwrap_or_default());
            serde_json::to_string(&members).map_err(|error| LineError::new(path, error))?
        }
    };
    let mut request: MessageRequest = parse(&body, path)?;
    fill(&mut request, template);
    Ok(Asks::Message(request))
}

/// Whether it is a body of Converse: by its members, or by blocks that say what they are by their only member.
fn is_converse(members: &Extra) -> bool {
    if CONVERSE.iter().any(|name| members.value(name).is_some()) {
        return true;
    }
    let anthropic = ["max_tokens", "anthropic_version", "model"].iter().any(|name| members.value(name).is_some());
    let turns = members.value("messages").and_then(|turns| turns.parse::<Vec<Extra>>().ok()).unwrap_or_default();
    let mut blocks = turns.iter().filter_map(|turn| turn.value("content")?.parse::<Vec<Extra>>().ok()).flatten();
    !anthropic && blocks.next().is_some_and(|block| block.value("type").is_none())
}

/// What a request does not say, the template says for it.
fn fill(request: &mut MessageRequest, template: &MessageRequest) {
    macro_rules! fill {
        ($($field:ident)*) => { $(if request.$field.is_none() { request.$field.clone_from(&template.$field); })* };
    }
    fill!(anthropic_version betas system temperature top_p top_k stop_sequences tools tool_choice thinking cache_control);
    if let Some(asked) = &template.output_config {
        let own = request.output_config.get_or_insert_default();
        own.effort = own.effort.take().or_else(|| asked.effort.clone());
        own.format = own.format.take().or_else(|| asked.format.clone());
    }
}

/// Parses JSON that stands under `under` in the line.
fn parse<'t, T: serde::Deserialize<'t>>(text: &'t str, under: &str) -> Result<T, LineError> {
    let mut track = serde_path_to_error::Track::new();
    let mut json = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    let value = value.and_then(|value| json.end().map(|()| value));
    value.map_err(|error| {
        let path = track.path().to_string();
        // Where JSON is broken there may be no name.
        let path = path.trim_end_matches('?').trim_end_matches('.');
        let path = match (under, path) {
            (under, "") => under.to_owned(),
            ("", path) => path.to_owned(),
            (under, path) if path.starts_with('[') => format!("{under}{path}"),
            (under, path) => format!("{under}.{path}"),
        };
        LineError { path, why: told(&error, under.is_empty()) }
    })
}

/// What serde says, without a place that is one of a part of the line.
fn told(error: &serde_json::Error, of_the_line: bool) -> String {
    let text = error.to_string();
    let at = text.rfind(" at line ");
    match (at, error.is_eof()) {
        (_, true) => "the JSON is cut off".to_owned(),
        (Some(at), _) if of_the_line && error.is_syntax() => format!("{}, at column {}", &text[..at], error.column()),
        (Some(at), _) => text[..at].to_owned(),
        (None, _) => text,
    }
}

impl LineError {
    pub(super) fn new(path: &str, why: impl fmt::Display) -> Self {
        LineError { path: path.to_owned(), why: why.to_string() }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.is_empty() {
            true => f.write_str(&self.why),
            false => write!(f, "{}: {}", self.path, self.why),
        }
    }
}

impl std::error::Error for LineError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> MessageRequest {
        MessageRequest::new("haiku", 99).system("Be brief.").temperature(0.5)
    }

    fn message(text: &str) -> (Option<String>, MessageRequest) {
        let line = RequestLine::read(text, &template()).expect(text);
        match line.asks {
            Asks::Message(request) => (line.record_id, request),
            Asks::Converse(_) => panic!("{text}"),
        }
    }

    #[test]
    fn every_form_of_a_line_is_understood() {
        for (text, id) in [
            (
                r#"{"recordId":"a","modelInput":{"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}}"#,
                Some("a"),
            ),
            (
                r#"{"custom_id":"a","params":{"model":"haiku","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}}"#,
                Some("a"),
            ),
            (r#"{"params":{"messages":[{"role":"user","content":"Hi"}]}}"#, None),
            (r#"{"id":"a","messages":[{"role":"user","content":"Hi"}]}"#, Some("a")),
            (r#"{"recordId":null,"id":"a","prompt":"Hi"}"#, Some("a")),
            (r#"  "Hi"  "#, None),
        ] {
            let (found, request) = message(text);
            assert_eq!(found.as_deref(), id, "{text}");
            assert_eq!(request.last_user_text().as_deref(), Some("Hi"), "{text}");
            assert_eq!(request.temperature, Some(0.5), "{text}");
            assert_eq!(request.max_tokens, if text.contains("max_tokens") { 5 } else { 99 }, "{text}");
            assert!(request.extra.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_a_request_says_itself_stands() {
        let (_, request) = message(r#"{"params":{"system":"Rhyme.","temperature":1,"messages":[]}}"#);
        assert_eq!((request.system, request.temperature), (Some("Rhyme.".into()), Some(1.0)));
    }

    #[test]
    fn bodies_of_converse_are_told_apart() {
        for text in [
            r#"{"recordId":"a","modelInput":{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}}"#,
            r#"{"modelInput":{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":5}}}"#,
        ] {
            let line = RequestLine::read(text, &template()).expect(text);
            assert!(matches!(line.asks, Asks::Converse(_)), "{text}");
        }
    }

    #[test]
    fn a_mistake_has_its_place() {
        for (text, told) in [
            ("", "the JSON is cut off"),
            ("Hello", "expected value, at column 1"),
            ("[1]", "neither an object nor a string"),
            (r#"{"a":1,}"#, "trailing comma, at column 8"),
            (r#"{"params":{"messages":["#, "params: the JSON is cut off"),
            (r#""  ""#, "the prompt is empty"),
            (r#"{"prompt":7}"#, "prompt: invalid type: integer `7`, expected a string"),
            (r#"{"custom_id":"a"}"#, "no request: there is no `params`, `modelInput`, `messages` or `prompt`"),
            (r#"{"custom_id":7,"prompt":"a"}"#, "custom_id: invalid type: integer `7`, expected a string"),
            (r#"{"custom_id":"a","id":"b","prompt":"a"}"#, "id: a record has one id, and `custom_id` says it"),
            (r#"{"params":{},"modelInput":{}}"#, "`modelInput` and `params`: there is one request a line"),
            (r#"{"params":{}}"#, "params: missing field `messages`"),
            (r#"{"params":"a"}"#, "params: invalid type: string \"a\", expected an object"),
        ] {
            let error = RequestLine::read(text, &template()).expect_err(text);
            assert_eq!(error.to_string(), told, "{text}");
        }
        let error =
            RequestLine::read(r#"{"params":{"max_tokens":-1,"messages":[]}}"#, &template()).expect_err("negative");
        assert_eq!(error.path, "params.max_tokens");
        let error = RequestLine::read(r#"{"messages":[{"role":"user","content":[{"type":"text"}]}]}"#, &template());
        assert!(error.expect_err("no text").path.starts_with("messages[0].content"));
    }
}
