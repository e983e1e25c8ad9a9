//! Tags put on what the account has, told and taken away: `TagResource`, `UntagResource`, `ListTagsForResource`.
//!
//! Source: botocore service model bedrock 2023-04-20.

use super::tag::Tag;
use crate::record::record;

record! {
    /// The body of `TagResource`.
    pub struct TagRequest {
        /// The ARN of what is tagged.
        required resource_arn("resourceARN"): String,
        /// What is put on it; a key that is there already says something else from now on.
        required tags: Vec<Tag>,
    }
}

record! {
    /// The body of `UntagResource`.
    pub struct UntagRequest {
        /// The ARN of what was tagged.
        required resource_arn("resourceARN"): String,
        /// The keys of what is taken away.
        required tag_keys("tagKeys"): Vec<String>,
    }
}

record! {
    /// The body of `ListTagsForResource`.
    pub struct TagsRequest {
        /// The ARN of what was tagged.
        required resource_arn("resourceARN"): String,
    }
}

record! {
    /// The answer of `ListTagsForResource`.
    #[derive(Default)]
    pub struct Tags {
        /// All of them.
        default tags: Vec<Tag>,
    }
}
