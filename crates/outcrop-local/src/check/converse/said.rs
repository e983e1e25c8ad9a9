//! What is said: by whom first, and that it is something.

use outcrop_wire::converse::{ContentBlock, ConverseRequest, Role};

use crate::check::{BY_THE_MODEL, Verdict, refuse};

/// Quoted, also for a conversation without messages.
const FIRST: &str = "A conversation must start with a user message. Try again with a conversation that starts with a \
                     user message.";

/// The most images of a message.
const MOST_IMAGES: usize = 20;

pub(super) fn check(request: &ConverseRequest) -> Verdict {
    // A message of the system may not come first either, but that the model says (see `turns`).
    match request.messages.first().map(|message| &message.role) {
        None | Some(Role::Assistant) => return refuse(FIRST),
        Some(_) => {}
    }
    for (at, message) in request.messages.iter().enumerate() {
        // Quoted (theopenco/llmgateway pull request 3127, 2026-07): of either role.
        if message.content.is_empty() {
            return refuse(format_args!(
                "The content field in the Message object at messages.{at} is empty. Add a ContentBlock object to the \
                 content field and try again."
            ));
        }
        let images = message.content.iter().filter(|block| matches!(block, ContentBlock::Image(_))).count();
        // Documented (service model, `Message`). The words are those of the model (quoted, boto/boto3 issue 4632).
        if images > MOST_IMAGES {
            return refuse(format_args!("{BY_THE_MODEL}messages: too many images: {images} > {MOST_IMAGES}"));
        }
        for (index, block) in message.content.iter().enumerate() {
            // Quoted (OpenHands issue 5339): empty, or nothing but blanks.
            if matches!(block, ContentBlock::Text(text) if text.trim().is_empty()) {
                return refuse(format_args!(
                    "The text field in the ContentBlock object at messages.{at}.content.{index} is blank. Add text to the \
                     text field, and try again."
                ));
            }
        }
    }
    Ok(())
}
