//! Bedrock's log of model invocations: how it is set up, its records, and where they lie in S3.
//!
//! Off by default; one configuration an account and region, with destinations in both alone. What goes through
//! bedrock-runtime is logged, what goes through Mantle is not. A record is one line of JSON: in objects of S3, gzipped
//! and many an object, or as the message of a CloudWatch event.
//!
//! [`ModelInvocationLog`] is the record, [`ModelInvocationLog::request`] and [`ModelInvocationLog::reply`] say it in the
//! words of Messages, [`LogObject`] reads the records of an object, [`LogKey`] says what an object is by its key.
//!
//! Facts: AWS user guide, "Monitor model invocation using CloudWatch Logs and Amazon S3"; botocore service model bedrock
//! 2023-04-20; published records.

mod configuration;
mod conversation;
mod key;
mod media;
mod object;
mod permission;
mod record;

pub use configuration::{CloudWatchConfig, LoggingConfiguration, LoggingSetting, S3Config};
pub use conversation::{LogBodyError, LogSide, LoggedReply};
pub use key::{LOGS_FOLDER, LogHour, LogKey, LogPlace, LogRole, PERMISSION_CHECK, S3Path};
pub use media::change_blocks;
pub use object::{LONGEST_LINE, LogObject, LogTrouble, LogTroubleKind, read_body};
pub use permission::{
    BucketPermission, LOG_GROUP_REFUSED, LOG_STREAM, LOGS_WRITER, LogGroupPermission, PERMISSION_NOTICE,
    RECOMMENDED_DAYS, role_account,
};
pub use record::{LogIdentity, LogInput, LogOperation, LogOrder, LogOutput, ModelInvocationLog, log_time};
