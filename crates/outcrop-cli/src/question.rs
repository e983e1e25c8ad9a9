//! What is asked: the question from arguments and standard input, the files with it, and what the answer must be.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;
use std::time::Duration;

use outcrop::wire::messages::Content;
use outcrop::{Block, Client, MessageRequest, Tool, ToolChoice};

use crate::args::{self, Choice};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::schema::Schema;
use crate::{attach, checkpoint, request};

/// A request, and the schema its answer must fit.
pub(crate) struct Question {
    pub(crate) request: MessageRequest,
    pub(crate) schema: Option<Schema>,
}

impl Question {
    /// The request as it is sent: the schema travels in it by the way that the model takes.
    pub(crate) fn sent(&self, client: &Client) -> Result<MessageRequest, Failure> {
        match &self.schema {
            Some(schema) => Ok(client.messages().asking_for(&self.request, &schema.json)?),
            None => Ok(self.request.clone()),
        }
    }
}

/// Reads everything that the flags name. Files alone are a question where `files_are_enough`.
pub(crate) async fn read(
    flags: &args::Question,
    files_are_enough: bool,
    client: &Client,
    printer: &Printer,
) -> Result<Question, Failure> {
    let schema = flags.schema.as_deref().map(Schema::read).transpose()?;
    let mut request = request::begin(&flags.request);
    if let Some(path) = &flags.tools {
        request.tools = Some(tools(path)?);
    }
    request.tool_choice = flags.tool_choice.clone().map(ToolChoice::from);
    let files = &flags.request.files;
    let given = flags.prompt.join(" ");
    // Standard input is read once: as a file where `-f -` says so, else as the question or a part of it.
    let input = match files.iter().any(|path| path == Path::new("-")) {
        true => String::new(),
        false => standard_input(printer).await?,
    };
    let mut blocks = attach::read(files, client, printer).await?;
    match prompt(given, &input) {
        Some(prompt) => blocks.push(Block::text(prompt)),
        None if files_are_enough && !blocks.is_empty() => {}
        None if !blocks.is_empty() => {
            return Err(Failure::usage("there is nothing to ask about the files: no prompt")
                .hint("outcrop ask -f FILE \"What does this say?\""));
        }
        None => {
            return Err(Failure::usage("there is nothing to ask: no prompt and nothing on standard input")
                .hint("outcrop ask \"Hello, world\""));
        }
    }
    request = request.user(content(blocks));
    if let Some(lifetime) = flags.request.cache {
        checkpoint::set(&mut request, lifetime.into());
    }
    Ok(Question { request, schema })
}

/// Blocks as the content of a turn; one text is said as a string.
pub(crate) fn content(mut blocks: Vec<Block>) -> Content {
    match &mut blocks[..] {
        [Block::Text(text)] if text.cache_control.is_none() && text.extra.is_empty() => {
            Content::Text(std::mem::take(&mut text.text))
        }
        _ => Content::Blocks(blocks),
    }
}

/// Arguments, standard input, or both: first the question, then what it is about.
fn prompt(given: String, input: &str) -> Option<String> {
    let input = input.trim_end();
    match (given.trim().is_empty(), input.trim().is_empty()) {
        (false, false) => Some(format!("{given}\n\n{input}")),
        (false, true) => Some(given),
        (true, false) => Some(input.to_owned()),
        (true, true) => None,
    }
}

/// The longest question: no model takes more.
pub(crate) const LONGEST: u64 = 25_000_000;

/// The text on standard input, unless a person sits there.
async fn standard_input(printer: &Printer) -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        return Ok(String::new());
    }
    String::from_utf8(standard_input_bytes(printer).await?)
        .map_err(|_| Failure::usage("cannot read standard input: it is not UTF-8").hint("-f - takes images and PDFs"))
}

/// Everything on standard input.
pub(crate) async fn standard_input_bytes(printer: &Printer) -> Result<Vec<u8>, Failure> {
    let mut reading = tokio::task::spawn_blocking(|| {
        let mut input = Vec::new();
        std::io::stdin().take(LONGEST + 1).read_to_end(&mut input).map(|_| input)
    });
    let read = match tokio::time::timeout(Duration::from_secs(1), &mut reading).await {
        Ok(read) => read,
        Err(_) => {
            printer.note("reading standard input to its end (</dev/null leaves it out)");
            reading.await
        }
    };
    let read = read.map_err(std::io::Error::other).and_then(|read| read);
    let read = read.map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    match read.len() as u64 > LONGEST {
        false => Ok(read),
        true => {
            Err(Failure::usage(format!("standard input is longer than {LONGEST} bytes, more than a request may have")))
        }
    }
}

/// The tool definitions in a file: an array of them.
fn tools(path: &Path) -> Result<Vec<Tool>, Failure> {
    let cannot = |why: String| Failure::usage(format!("cannot read the tools in {}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| cannot(error.to_string()))?;
    let hint = r#"[{"name": "weather", "description": "...", "input_schema": {"type": "object"}}]"#;
    let tools: Vec<Tool> =
        serde_json::from_str(&text).map_err(|error| cannot(format!("no array of tools: {error}")).hint(hint))?;
    match tools.is_empty() {
        true => Err(cannot("there is none".to_owned()).hint(hint)),
        false => Ok(tools),
    }
}

impl From<Choice> for ToolChoice {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Auto => ToolChoice::auto(),
            Choice::Any => ToolChoice::any(),
            Choice::None => ToolChoice::none(),
            Choice::Tool(name) => ToolChoice::tool(name),
        }
    }
}
