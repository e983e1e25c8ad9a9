//! The engine `script`: answers by rules, from a TOML file or from Rust.
//!
//! The first rule that matches a call answers it. A call is checked as for every engine before any rule sees it. Where
//! no rule matches, the mirror answers, or with `otherwise = "refuse"` an error does.
//!
//! ```toml
//! otherwise = "refuse"               # or "mirror", which is what holds when nothing is said
//!
//! [[rule]]
//! name = "throttled once"            # for people
//! times = 1                          # answers at most so often
//! reply.error = { code = "ThrottlingException", message = "Too many requests, please wait before trying again." }
//!
//! [[rule]]
//! when.text = "weather"
//! when.turn = 1
//! reply.thinking = "I should look that up."
//! reply.tool_use = { name = "weather", input = { city = "Oslo" } }
//!
//! [[rule]]
//! when.tool_result = { name = "weather", text = { regex = "(?i)rain|snow" } }
//! reply.text = "Take an umbrella."
//! reply.pace = 20
//!
//! [[rule]]
//! when.model = "us.anthropic.claude-*"
//! when.stream = true
//! reply.text = "This breaks off in the middle."
//! reply.cut = { after = 4, inside = true }
//! ```
//!
//! All of `when` must hold; a rule without it always matches.
//!
//! | `when.` | holds where |
//! |---|---|
//! | `model` | the model is this: a name (`opus`, `claude-opus-4-6`), an id, or a pattern with `*` for either |
//! | `text` | the text of the user's last turn has this in it: a string, `{ contains = "..." }` or `{ regex = "..." }` |
//! | `turn` | the user's last turn is the user's so manieth, results of tools included; from 1 |
//! | `tool_result` | the user's last turn brings a result: of the tool `name` (`*` as above), with `text` (as above), with `is_error`; `{}` is any |
//! | `stream` | the reply is to be streamed (`true`) or whole (`false`) |
//! | `call` | it is the so manieth call that reaches the script; from 1 |
//!
//! | `reply.` | is |
//! |---|---|
//! | `thinking` | what the reply thinks first |
//! | `text`, or `json` | its text; or a value whose JSON is its text |
//! | `tool_use` | `{ name, input, id }`, or a list of them; `input` is a table, or a string of JSON that goes out as it is |
//! | `stop_reason` | `tool_use` where a tool is called, else `end_turn`, until it is said |
//! | `stop_sequence` | the stop sequence that was written |
//! | `usage` | `input_tokens`, `output_tokens`, `cache_creation_input_tokens`, `cache_read_input_tokens`; estimated until said |
//! | `delay` | milliseconds before the first byte |
//! | `pace` | milliseconds before each event |
//! | `error` | `{ code, message }`: an HTTP answer with AWS's status for the code, or with `status`. With `after = n` it comes after n events of a stream, 0 being its first frame; `frame` is `"exception"`, `"error"` or `"event"` (Anthropic's own) |
//! | `cut` | `{ after = n }`: the connection closes after n events; with `inside = true` in the middle of the next one |
//! | `bad_crc` | `{ after = n }`: the frame after n events has a checksum that does not fit |
//!
//! Of `error`, `cut` and `bad_crc` a reply has one at most. Nothing of them is lost on a whole reply: a cut comes in the
//! middle of its body and an error is an HTTP answer; only `bad_crc` has no frame to spoil there.

mod pattern;
mod read;
mod rule;
mod table;

use std::sync::{Mutex, PoisonError};

use outcrop_wire::fault::Fault;

pub use self::rule::Rule;
pub use self::table::ScriptError;
use super::Ask;
use crate::check::invalid;
use crate::reply::Reply;

/// Rules that answer calls; the first one that matches does.
///
/// ```
/// use outcrop_local::{Local, Reply, Rule, Script};
///
/// let script = Script::new()
///     .rule(Rule::new(Reply::error("ThrottlingException", "Too many requests")).times(1))
///     .rule(Rule::new(Reply::text("It rains.")).text("weather"))
///     .otherwise_refuse();
/// let local = Local::builder().script(script).build();
/// # let _ = local;
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Script {
    pub(crate) rules: Vec<Rule>,
    pub(crate) refuses: bool,
}

impl Script {
    /// One without rules.
    pub fn new() -> Self {
        Script::default()
    }

    /// Reads the rules of a TOML file. Its format is told in full by `outcrop-local/src/engine/script.rs`:
    ///
    /// ```
    /// let script = outcrop_local::Script::parse(r#"
    ///     [[rule]]
    ///     when.text = "weather"
    ///     reply.text = "It rains."
    /// "#)?;
    /// # Ok::<(), outcrop_local::ScriptError>(())
    /// ```
    ///
    /// # Errors
    /// When the text is no TOML, or says something that is unknown or makes no sense: line, field, and what was expected.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        read::script(text)
    }

    /// Adds a rule, to be asked after those before it.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Refuses what no rule answers. The mirror answers it otherwise.
    pub fn otherwise_refuse(mut self) -> Self {
        self.refuses = true;
        self
    }
}

/// A script that is played.
#[derive(Debug)]
pub(crate) struct Stage {
    script: Script,
    told: Mutex<Told>,
}

#[derive(Debug)]
struct Told {
    calls: u64,
    /// How often each rule answered.
    used: Vec<u64>,
}

impl Stage {
    pub(crate) fn new(script: Script) -> Self {
        let told = Told { calls: 0, used: vec![0; script.rules.len()] };
        Stage { script, told: Mutex::new(told) }
    }

    /// The reply of the first rule that matches; `None` is the mirror's.
    pub(crate) fn answer(&self, ask: &Ask<'_>) -> Result<Option<Reply>, Fault> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.calls += 1;
        let calls = told.calls;
        let matching = self
            .script
            .rules
            .iter()
            .zip(&mut told.used)
            .find(|(rule, used)| rule.times.is_none_or(|times| **used < times) && rule.matches(ask, calls));
        match matching {
            Some((rule, used)) => {
                *used += 1;
                Ok(Some(rule.reply.clone()))
            }
            None if self.script.refuses => Err(invalid(format!(
                "outcrop local: none of the script's {} rules answers this call of {}, which is call {calls}, turn {}, {}",
                self.script.rules.len(),
                ask.request.model,
                rule::turn(ask.request),
                match ask.request.last_user_text().filter(|text| !text.is_empty()) {
                    Some(text) => format!("text {:?}", text.chars().take(80).collect::<String>()),
                    None => "without text".to_owned(),
                }
            ))),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example at the top of this file is a script.
    #[test]
    fn the_example_of_the_reference_is_read() {
        let source = include_str!("script.rs");
        let example = source.split("//! ```toml\n").nth(1).and_then(|rest| rest.split("//! ```").next());
        let example: String = example
            .unwrap_or_default()
            .lines()
            .map(|line| format!("{}\n", line.trim_start_matches("//!").trim_start()))
            .collect();
        let script = Script::parse(&example).map_err(|error| error.to_string());
        assert_eq!(script.map(|script| (script.rules.len(), script.refuses)), Ok((4, true)));
    }
}
