//! The engine `script`: answers by rules, from a TOML file or from Rust.
//!
//! Its format is told in full by `script/format.md`, which is the documentation of [`Script::parse`].

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

    /// Reads the rules of a TOML file.
    ///
    /// ```
    /// let script = outcrop_local::Script::parse("[[rule]]\nwhen.text = \"weather\"\nreply.text = \"It rains.\"")?;
    /// # Ok::<(), outcrop_local::ScriptError>(())
    /// ```
    ///
    #[doc = include_str!("script/format.md")]
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

    /// The example of the reference is a script.
    #[test]
    fn the_example_of_the_reference_is_read() {
        let format = include_str!("script/format.md");
        let example = format.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
        let script = Script::parse(example.unwrap_or_default()).map_err(|error| error.to_string());
        assert_eq!(script.map(|script| (script.rules.len(), script.refuses)), Ok((4, true)));
    }
}
