//! `outcrop token`

use std::time::Duration;

use clap::Args;

/// Print a short-term Bedrock API key, made of AWS keys
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Token {
    /// How long it holds, at most 12h, and not longer than the AWS keys it is made of
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = duration)]
    pub(crate) duration: Duration,

    /// Print a line for a shell: eval "$(outcrop token --export)"
    #[arg(long)]
    pub(crate) export: bool,

    /// Print key, end and region as JSON
    #[arg(long, conflicts_with = "export")]
    pub(crate) json: bool,

    /// The AWS region, the only one in which the key is taken [default: AWS_REGION, AWS_DEFAULT_REGION, the AWS profile's]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// The AWS profile whose keys it is made of [default: AWS_PROFILE, `default`]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  export AWS_BEARER_TOKEN_BEDROCK=\"$(outcrop token --duration 1h)\"
  eval \"$(outcrop token --export)\"
  outcrop token --profile work --region eu-west-1 --json | jq -r .expires";

/// `12h`, `90m`, `1h30m`, `900s`.
fn duration(text: &str) -> Result<Duration, String> {
    let mut rest = text;
    let mut seconds: u64 = 0;
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((count, after)) = rest.split_once(unit) {
            let count = count.parse::<u64>().ok().filter(|_| !count.starts_with('+'));
            let added = count.and_then(|count| count.checked_mul(length)).and_then(|more| seconds.checked_add(more));
            seconds = added.ok_or("not a time such as 12h, 90m or 1h30m")?;
            rest = after;
        }
    }
    match Duration::from_secs(seconds) {
        _ if !rest.is_empty() => Err("not a time such as 12h, 90m or 1h30m".to_owned()),
        Duration::ZERO => Err("a key that does not hold is none".to_owned()),
        duration if duration > outcrop::auth::LONGEST => Err("no short-term key holds longer than 12h".to_owned()),
        duration => Ok(duration),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn times_have_units_and_end_after_twelve_hours() {
        for (text, seconds) in [("12h", 43_200), ("1h30m", 5400), ("90m", 5400), ("1h1s", 3601), ("900s", 900)] {
            assert_eq!(duration(text).map(|time| time.as_secs()), Ok(seconds), "{text}");
        }
        for wrong in ["", "12", "h", "+1h", "-1h", "1.5h", "30m1h", "1h1h", "0h", "13h", "12h1s", "99999999999999999h"]
        {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
