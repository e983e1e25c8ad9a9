//! The engine `script`: answers by rules, from a TOML file or from Rust.
//!
//! Its format is told in full by `script/format.md`, which is the documentation of [`Script::parse`].

mod pattern;
mod read;
mod rule;

use std::sync::{Mutex, PoisonError};

use outcrop_wire::fault::Fault;

pub(crate) use self::rule::NamedModel;
pub use self::rule::Rule;
use super::Ask;
use crate::check::invalid;
use crate::reply::Reply;
use crate::table::Mistake;

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
    /// # Ok::<(), outcrop_local::Mistake>(())
    /// ```
    ///
    #[doc = include_str!("script/format.md")]
    ///
    /// # Errors
    /// When the text is no TOML, or says something that is unknown or makes no sense: line, field, and what was expected.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
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
    /// How many calls each rule matched, answered or not.
    matched: Vec<u64>,
    random: fastrand::Rng,
}

impl Stage {
    pub(crate) fn new(script: Script) -> Self {
        let none = vec![0; script.rules.len()];
        let told = Told { calls: 0, used: none.clone(), matched: none, random: fastrand::Rng::new() };
        Stage { script, told: Mutex::new(told) }
    }

    /// Makes its chances those of `random`.
    pub(crate) fn seeded(&self, random: fastrand::Rng) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).random = random;
    }

    /// The reply of the first rule that matches; `None` is the mirror's.
    pub(crate) fn answer(&self, ask: &Ask<'_>) -> Result<Option<Reply>, Fault> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let Told { calls, used, matched, random } = &mut *told;
        *calls += 1;
        for ((rule, used), matched) in self.script.rules.iter().zip(used).zip(matched) {
            if rule.times.is_some_and(|times| *used >= times) || !rule.matches(ask, *calls) {
                continue;
            }
            *matched += 1;
            if rule.often.holds(*matched, random) {
                *used += 1;
                return Ok(Some(rule.reply.clone()));
            }
        }
        if !self.script.refuses {
            return Ok(None);
        }
        Err(invalid(format!(
            "outcrop local: none of the script's {} rules answers this call of {}, which is call {calls}, turn {}, {}",
            self.script.rules.len(),
            ask.request.model,
            rule::turn(ask.request),
            match ask.request.last_user_text().filter(|text| !text.is_empty()) {
                Some(text) => format!("text {:?}", text.chars().take(80).collect::<String>()),
                None => "without text".to_owned(),
            }
        )))
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
