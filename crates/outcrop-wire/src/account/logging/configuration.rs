//! How logging is set up: destinations, and which kinds of data go there.

use crate::record::record;

record! {
    /// What `PUT /logging/modelinvocations` takes, and `GET` of the same gives: an empty object where nothing is set.
    #[derive(Default)]
    pub struct LoggingSetting {
        /// The configuration; none where logging is off.
        optional logging_config("loggingConfig"): LoggingConfiguration,
    }
}

record! {
    /// Where an account's records of one region go, and what is in them. S3, CloudWatch, or both.
    #[derive(Default)]
    pub struct LoggingConfiguration {
        /// A bucket of the same account and region.
        optional s3_config("s3Config"): S3Config,
        /// A log group of the same account and region.
        optional cloud_watch_config("cloudWatchConfig"): CloudWatchConfig,
        /// Whether text is logged.
        optional text_data_delivery_enabled("textDataDeliveryEnabled"): bool,
        /// Whether images are.
        optional image_data_delivery_enabled("imageDataDeliveryEnabled"): bool,
        /// Whether embeddings are.
        optional embedding_data_delivery_enabled("embeddingDataDeliveryEnabled"): bool,
        /// Whether videos are.
        optional video_data_delivery_enabled("videoDataDeliveryEnabled"): bool,
        /// Whether sounds are.
        optional audio_data_delivery_enabled("audioDataDeliveryEnabled"): bool,
    }
}

record! {
    /// A bucket, and what every key in it begins with.
    #[derive(Default)]
    pub struct S3Config {
        /// The bucket.
        required bucket_name("bucketName"): String,
        /// What the keys begin with.
        optional key_prefix("keyPrefix"): String,
    }
}

record! {
    /// A log group.
    #[derive(Default)]
    pub struct CloudWatchConfig {
        /// The group.
        required log_group_name("logGroupName"): String,
        /// The role that Bedrock takes to write there.
        required role_arn("roleArn"): String,
        /// Where bodies go that are too large for an event, or no text; without it they are dropped.
        optional large_data_delivery_s3_config("largeDataDeliveryS3Config"): S3Config,
    }
}

impl LoggingSetting {
    /// Logging as `configuration` says.
    #[must_use]
    pub fn new(configuration: LoggingConfiguration) -> Self {
        LoggingSetting { logging_config: Some(configuration), ..LoggingSetting::default() }
    }
}

impl LoggingConfiguration {
    /// Everything, to a bucket.
    #[must_use]
    pub fn to_s3(bucket: impl Into<String>, key_prefix: Option<String>) -> Self {
        let s3 = S3Config { bucket_name: bucket.into(), key_prefix, ..S3Config::default() };
        LoggingConfiguration { s3_config: Some(s3), ..LoggingConfiguration::everything() }
    }

    /// Everything, to a log group, which Bedrock writes to as the role `role_arn`.
    #[must_use]
    pub fn to_cloud_watch(group: impl Into<String>, role_arn: impl Into<String>) -> Self {
        let group =
            CloudWatchConfig { log_group_name: group.into(), role_arn: role_arn.into(), ..CloudWatchConfig::default() };
        LoggingConfiguration { cloud_watch_config: Some(group), ..LoggingConfiguration::everything() }
    }

    /// The bucket of bodies that are not in their record: that of the records, or else CloudWatch's own for them.
    #[must_use]
    pub fn large_data(&self) -> Option<&S3Config> {
        let beside = || self.cloud_watch_config.as_ref()?.large_data_delivery_s3_config.as_ref();
        self.s3_config.as_ref().or_else(beside)
    }

    fn everything() -> Self {
        let on = Some(true);
        LoggingConfiguration {
            text_data_delivery_enabled: on,
            image_data_delivery_enabled: on,
            embedding_data_delivery_enabled: on,
            video_data_delivery_enabled: on,
            audio_data_delivery_enabled: on,
            ..LoggingConfiguration::default()
        }
    }
}
