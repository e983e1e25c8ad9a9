//! `outcrop logging status`, `enable` and `disable`

use clap::Args;

use super::Reach;

/// In which regions, whose account, and how what came of it is told
#[derive(Args, Debug)]
#[command(next_help_heading = "Regions")]
pub(crate) struct InRegions {
    /// In this region; may be given several times [default: AWS_REGION, AWS_DEFAULT_REGION, the AWS profile's]
    #[arg(long, value_name = "REGION", conflicts_with = "all_regions")]
    pub(crate) region: Vec<String>,

    /// In every region where the catalogue knows Bedrock
    #[arg(long)]
    pub(crate) all_regions: bool,

    /// Print what came of it as JSON
    #[arg(long, help_heading = "Options")]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) reach: Reach,
}

/// Say whether and where calls are logged, and for how long that is kept
#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct LoggingStatus {
    #[command(flatten)]
    pub(crate) at: InRegions,
}

const STATUS: &str = "\
Examples:
  outcrop logging status
  outcrop logging status --all-regions --json | jq -r '.[] | select(.enabled | not) | .region'";

/// Have calls logged, in S3 or in CloudWatch
#[derive(Args, Debug)]
#[command(after_help = ENABLE)]
pub(crate) struct LoggingEnable {
    /// To this bucket, below this prefix; `{region}` in it is the region
    #[arg(long, value_name = "s3://BUCKET/PREFIX", required_unless_present = "cloudwatch")]
    pub(crate) s3: Option<String>,

    /// To this log group
    #[arg(long, value_name = "GROUP", requires = "role")]
    pub(crate) cloudwatch: Option<String>,

    /// Make the log group where there is none; it keeps events for 30 days
    #[arg(long, requires = "cloudwatch")]
    pub(crate) create: bool,

    /// The role that Bedrock takes to write to the log group
    #[arg(long, value_name = "ARN", requires = "cloudwatch")]
    pub(crate) role: Option<String>,

    /// Where bodies go that are too large for the log group, and media; without it they are lost there
    #[arg(long, value_name = "s3://BUCKET/PREFIX", requires = "cloudwatch")]
    pub(crate) large_data: Option<String>,

    /// Log no text: neither requests nor answers
    #[arg(long)]
    pub(crate) no_text: bool,

    /// Log no images and documents
    #[arg(long)]
    pub(crate) no_images: bool,

    /// Log no embeddings
    #[arg(long)]
    pub(crate) no_embeddings: bool,

    /// Log no videos
    #[arg(long)]
    pub(crate) no_video: bool,

    /// Log no sounds
    #[arg(long)]
    pub(crate) no_audio: bool,

    /// Do not look whether Bedrock may write there before it is asked to
    #[arg(long)]
    pub(crate) skip_checks: bool,

    /// Put it in place of another configuration
    #[arg(long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) at: InRegions,
}

const ENABLE: &str = "\
A destination is in the account and the region of the calls. What Bedrock lacks to write there is told before anything is \
set, with the policy to paste. --create needs logs:CreateLogGroup and logs:PutRetentionPolicy.

Examples:
  outcrop logging enable --s3 s3://my-logs/bedrock
  outcrop logging enable --s3 's3://my-logs-{region}' --region us-east-1 --region eu-west-1
  outcrop logging enable --cloudwatch /bedrock/calls --create --role arn:aws:iam::123456789012:role/logs \\
    --large-data s3://my-logs/large --no-images";

/// Have calls logged no longer; what is logged stays
#[derive(Args, Debug)]
pub(crate) struct LoggingDisable {
    #[command(flatten)]
    pub(crate) at: InRegions,
}
