//! The value in a reply, or why there is none.

use outcrop_wire::Json;
use outcrop_wire::messages::{Message, StopReason};
use serde::de::DeserializeOwned;

use super::ParseError;
use super::fit::{Misfit, fitted};
use super::root;

/// The value is the text.
pub(super) fn text<T: DeserializeOwned>(message: &Message) -> Result<T, ParseError> {
    let text = message.text();
    ended_well(message, &text)?;
    if text.trim().is_empty() {
        return Err(ParseError::Missing { reason: message.stop_reason.clone(), text });
    }
    fitted(&text).or_else(|misfit| {
        // Something may have been said before the value.
        let last = message.content.iter().rev().find_map(|block| block.as_text());
        last.and_then(|last| fitted(last).ok()).ok_or_else(|| invalid(misfit, text))
    })
}

/// The value is what the tool is called with. `cut` is that as text, where it never became JSON.
pub(super) fn call<T: DeserializeOwned>(
    message: &Message,
    tool: &str,
    wrapped: bool,
    cut: Option<&str>,
) -> Result<T, ParseError> {
    let Some(call) = message.tool_uses().find(|call| call.name == tool) else {
        let text = message.text();
        ended_well(message, &text)?;
        // A model that was only asked may write the value instead.
        return fitted(&text).map_err(|_| ParseError::Missing { reason: message.stop_reason.clone(), text });
    };
    let input = cut.unwrap_or(call.input.text());
    ended_well(message, input)?;
    if !wrapped {
        return fitted(input).map_err(|misfit| invalid(misfit, input.to_owned()));
    }
    let members: Result<outcrop_wire::Extra, Misfit> = fitted(input);
    let value = members.map_err(|misfit| invalid(misfit, input.to_owned()))?.take(root::MEMBER);
    // A value that may be null may be left out.
    let value = value.unwrap_or_else(Json::null);
    fitted(value.text()).map_err(|misfit| invalid(misfit, input.to_owned()))
}

fn invalid(misfit: Misfit, text: String) -> ParseError {
    ParseError::Invalid { why: misfit.to_string(), text }
}

/// A reply that declines, or was cut, holds no value, whatever it looks like.
fn ended_well(message: &Message, text: &str) -> Result<(), ParseError> {
    match &message.stop_reason {
        Some(StopReason::Refusal) => {
            let details = message.stop_details.as_ref();
            Err(ParseError::Refused {
                category: details.and_then(|details| details.category.clone()),
                explanation: details.and_then(|details| details.explanation.clone()),
                text: text.to_owned(),
            })
        }
        Some(reason @ (StopReason::MaxTokens | StopReason::ModelContextWindowExceeded)) => {
            Err(ParseError::Truncated { reason: reason.clone(), text: text.to_owned() })
        }
        _ => Ok(()),
    }
}
