//! Log groups of CloudWatch, where a log may go: their shapes, as far as a log of calls needs them.
//!
//! Source: botocore service model logs 2014-03-28: AWS JSON 1.1, one path, the operation in the header `X-Amz-Target`.

use crate::record::record;

/// The service that signatures are scoped to.
pub const SIGNING_SERVICE: &str = "logs";

/// The header that names the operation.
pub const TARGET_HEADER: &str = "x-amz-target";

/// What stands before the operation's name in it.
pub const TARGET_PREFIX: &str = "Logs_20140328.";

/// `Content-Type` of requests and answers.
pub const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The days that events may be kept for; without any, they are kept for ever.
pub const RETENTION_DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

record! {
    /// What a request names and wants; each operation has some of it.
    #[derive(Default)]
    pub struct LogRequest {
        /// The group.
        optional log_group_name("logGroupName"): String,
        /// What names of groups begin with.
        optional log_group_name_prefix("logGroupNamePrefix"): String,
        /// The stream.
        optional log_stream_name("logStreamName"): String,
        /// Streams to search.
        optional log_stream_names("logStreamNames"): Vec<String>,
        /// What names of streams begin with.
        optional log_stream_name_prefix("logStreamNamePrefix"): String,
        /// Days until events are removed.
        optional retention_in_days("retentionInDays"): u32,
        /// Events to write, in the order of their times.
        optional log_events("logEvents"): Vec<LogEvent>,
        /// No event before this time, in milliseconds since 1970.
        optional start_time("startTime"): i64,
        /// No event at this time or after it, in milliseconds since 1970.
        optional end_time("endTime"): i64,
        /// What events are about.
        optional filter_pattern("filterPattern"): String,
        /// Whether the oldest events come first.
        optional start_from_head("startFromHead"): bool,
        /// At most so many on a page.
        optional limit: u32,
        /// The page before gave it.
        optional next_token("nextToken"): String,
    }
}

record! {
    /// A log group.
    #[derive(Default)]
    pub struct LogGroup {
        /// Its name.
        required log_group_name("logGroupName"): String,
        /// When it was made, in milliseconds since 1970.
        lenient creation_time("creationTime"): i64,
        /// Days until its events are removed; none where they stay for ever.
        lenient retention_in_days("retentionInDays"): u32,
        /// Its ARN, with `:*` at the end.
        lenient arn: String,
        /// The same without.
        lenient log_group_arn("logGroupArn"): String,
        /// What it holds, in bytes.
        lenient stored_bytes("storedBytes"): u64,
    }
}

record! {
    /// A page of log groups.
    #[derive(Default)]
    pub struct LogGroups {
        /// The groups.
        default log_groups("logGroups"): Vec<LogGroup>,
        /// What asks for the next page.
        lenient next_token("nextToken"): String,
    }
}

record! {
    /// A stream of a group.
    #[derive(Default)]
    pub struct LogStream {
        /// Its name.
        required log_stream_name("logStreamName"): String,
        /// When it was made, in milliseconds since 1970.
        lenient creation_time("creationTime"): i64,
        /// Its ARN.
        lenient arn: String,
    }
}

record! {
    /// A page of streams.
    #[derive(Default)]
    pub struct LogStreams {
        /// The streams.
        default log_streams("logStreams"): Vec<LogStream>,
        /// What asks for the next page.
        lenient next_token("nextToken"): String,
    }
}

record! {
    /// An event.
    #[derive(Default)]
    pub struct LogEvent {
        /// When it was, in milliseconds since 1970.
        required timestamp: i64,
        /// What it says.
        required message: String,
        /// When it came, in milliseconds since 1970.
        lenient ingestion_time("ingestionTime"): i64,
        /// The stream that it is in, where several were searched.
        lenient log_stream_name("logStreamName"): String,
        /// Its id, where several were searched.
        lenient event_id("eventId"): String,
    }
}

record! {
    /// A page of events.
    #[derive(Default)]
    pub struct LogEvents {
        /// The events.
        default events: Vec<LogEvent>,
        /// What asks for the next page of a search.
        lenient next_token("nextToken"): String,
        /// What asks for later events of a stream; the same one again at its end.
        lenient next_forward_token("nextForwardToken"): String,
        /// What asks for earlier ones.
        lenient next_backward_token("nextBackwardToken"): String,
    }
}
