//! `outcrop logging read`

use std::time::Duration;

use clap::Args;
use outcrop::wire::account::logging::log_time;
use outcrop::wire::sigv4::AmzTime;
use regex_lite::Regex;

use super::Reach;

/// List the calls of an invocation log, show them as conversations, or export them
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LoggingRead {
    /// `s3://BUCKET/PREFIX`, or a folder laid out as Bedrock's bucket is; any folder inside it, or one object [default: what
    /// the logging configuration of the region names, the bucket before the log group]
    #[arg(value_name = "PLACE")]
    pub(crate) place: Option<String>,

    /// This log group of CloudWatch
    #[arg(long, value_name = "GROUP", conflicts_with = "place")]
    pub(crate) cloudwatch: Option<String>,

    /// Show each call as a conversation; large requests and answers are fetched too
    #[arg(long)]
    pub(crate) show: bool,

    /// Print each record as a line of JSON, as it was logged
    #[arg(long, conflicts_with = "show")]
    pub(crate) jsonl: bool,

    /// With --jsonl: each call in the words of the Messages API, whichever API was called; streams are added up
    #[arg(long, requires = "jsonl")]
    pub(crate) messages: bool,

    /// Only calls of this model: a name (`opus`), or a part of the id that was called
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,

    /// Only calls that were logged in this region; may be given several times. A bucket or a log group
    /// is asked in the first
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<String>,

    /// Only calls of this account, by its twelve digits
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,

    /// Only calls from this time on, UTC: `2026-03-01`, `2026-03-01T12:00`, or how long ago, `90m`, `24h`, `7d`
    #[arg(long, value_name = "TIME", value_parser = when)]
    pub(crate) since: Option<When>,

    /// Only calls before this time; a day counts whole
    #[arg(long, value_name = "TIME", value_parser = when)]
    pub(crate) until: Option<When>,

    /// Only calls that failed
    #[arg(long)]
    pub(crate) errors: bool,

    /// Only calls in whose request or answer this regular expression is found; (?i) ignores case
    #[arg(long, value_name = "PATTERN", value_parser = Regex::new)]
    pub(crate) grep: Option<Regex>,

    /// Only this call
    #[arg(long, value_name = "ID")]
    pub(crate) request_id: Option<String>,

    /// Only calls of callers whose ARN holds this
    #[arg(long, value_name = "TEXT")]
    pub(crate) identity: Option<String>,

    /// Only calls with this label; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = label)]
    pub(crate) metadata: Vec<(String, String)>,

    #[command(flatten)]
    pub(crate) reach: Reach,
}

const EXAMPLES: &str = "\
A line of the list is time, request id, operation, model, tokens in, tokens out, cost, caller, and the error or how the \
last question begins. An object or a line that cannot be read is told, and the rest is read. Of a bucket only the days and \
hours are listed that --since and --until ask for; that needs s3:ListBucket and s3:GetObject, a log group needs \
logs:FilterLogEvents. Images and documents of Converse, which lie beside their record, are named by --show and put back by \
--messages.

Examples:
  outcrop logging read --since 1h --show
  outcrop logging read s3://my-logs/bedrock --since 2026-03-01 --until 2026-03-02
  outcrop logging read --cloudwatch /bedrock/calls --since 24h --errors
  outcrop logging read logs --model opus --grep '(?i)quartz' --show
  outcrop logging read logs --metadata team=a --jsonl > records.jsonl
  outcrop logging read logs --jsonl --messages | jq .reply.usage";

/// A time that was typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum When {
    /// A second.
    At(AmzTime),
    /// A day, by its first second.
    Day(AmzTime),
    /// So long ago.
    Ago(Duration),
}

const DAY: i64 = 86_400;

impl When {
    /// The first second of it.
    pub(crate) fn begins(self, now: i64) -> i64 {
        match self {
            When::At(time) | When::Day(time) => time.unix(),
            When::Ago(time) => now.saturating_sub(i64::try_from(time.as_secs()).unwrap_or(i64::MAX)),
        }
    }

    /// The first second that is no longer before it.
    pub(crate) fn ends(self, now: i64) -> i64 {
        match self {
            When::Day(time) => time.unix() + DAY,
            other => other.begins(now),
        }
    }
}

fn when(text: &str) -> Result<When, String> {
    let wrong = || "not a time such as 2026-03-01, 2026-03-01T12:00 or 24h".to_owned();
    if let Some(day) = log_time(&format!("{text}T00:00:00")) {
        return Ok(When::Day(day));
    }
    let minute = text.strip_suffix('Z').unwrap_or(text);
    if let Some(time) = log_time(text).or_else(|| log_time(&format!("{minute}:00"))) {
        return Ok(When::At(time));
    }
    let (at, unit) = text.char_indices().last().ok_or_else(wrong)?;
    let unit: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let count = text[..at].parse::<u64>().ok().filter(|_| !text.starts_with('+'));
    count.and_then(|count| count.checked_mul(unit)).map(|time| When::Ago(Duration::from_secs(time))).ok_or_else(wrong)
}

fn label(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("not a label such as team=a")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_seconds_or_ago() {
        let now = 1_772_366_400; // 2026-03-01T12:00:00Z
        for (text, begins, ends) in [
            ("2026-03-01", now - 43_200, now + 43_200),
            ("2026-03-01T12:00", now, now),
            ("2026-03-01T12:00Z", now, now),
            ("2026-03-01 12:00:01", now + 1, now + 1),
            ("2026-03-01T12:00:01Z", now + 1, now + 1),
            ("24h", now - 86_400, now - 86_400),
            ("7d", now - 604_800, now - 604_800),
            ("0s", now, now),
        ] {
            let when = when(text).map(|when| (when.begins(now), when.ends(now)));
            assert_eq!(when, Ok((begins, ends)), "{text}");
        }
        for wrong in
            ["", "yesterday", "2026-02-30", "2026-03", "12", "+1h", "-1h", "1.5h", "é", "99999999999999999999h"]
        {
            assert!(when(wrong).is_err(), "{wrong}");
        }
    }
}
