//! A message: who speaks, and what.

use super::{ContentBlock, Role};
use crate::record::record;

record! {
    /// A message of the conversation.
    sorted pub struct Message {
        /// What is said.
        required content: Vec<ContentBlock>,
        /// Who speaks.
        required role: Role,
    }
}

/// What a message may be made of: text, a block, or blocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content(pub Vec<ContentBlock>);

impl Message {
    /// The user speaks.
    pub fn user(content: impl Into<Content>) -> Self {
        Message::new(Role::User, content)
    }

    /// The model spoke.
    pub fn assistant(content: impl Into<Content>) -> Self {
        Message::new(Role::Assistant, content)
    }

    /// Instructions in the middle of a conversation (newer models only).
    pub fn system(content: impl Into<Content>) -> Self {
        Message::new(Role::System, content)
    }

    /// Someone speaks.
    pub fn new(role: Role, content: impl Into<Content>) -> Self {
        Message { content: content.into().0, role, extra: Default::default() }
    }

    /// All text, blocks joined without separator (citations split one text over several blocks).
    #[must_use]
    pub fn text(&self) -> String {
        self.content.iter().flat_map(ContentBlock::texts).collect()
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Content(vec![ContentBlock::text(text)])
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Content(vec![ContentBlock::Text(text)])
    }
}

impl From<ContentBlock> for Content {
    fn from(block: ContentBlock) -> Self {
        Content(vec![block])
    }
}

impl From<Vec<ContentBlock>> for Content {
    fn from(blocks: Vec<ContentBlock>) -> Self {
        Content(blocks)
    }
}

impl<const N: usize> From<[ContentBlock; N]> for Content {
    fn from(blocks: [ContentBlock; N]) -> Self {
        Content(blocks.into())
    }
}
