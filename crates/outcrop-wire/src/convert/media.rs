//! Images, each way.

use super::losses::{FOREIGN_MEMBER, MEDIA_TYPE, S3, SETTING, SOURCE};
use super::place::Place;
use super::{ToConverse, ToMessages, kept};
use crate::converse::{self, ImageFormat};
use crate::messages::{self, ImageSource};
use crate::record::Other;

/// How the media type of every image begins.
const IMAGE: &str = "image/";

impl ToConverse {
    /// The image; `None` where it comes from a place that Converse does not know.
    pub(super) fn image(&mut self, image: messages::ImageBlock, place: &Place<'_>) -> Option<converse::ImageBlock> {
        let messages::ImageBlock { source, transformations, cache_control: _, extra } = image;
        self.losses.unknown(&extra, place);
        if transformations.is_some() {
            self.losses.add(&SETTING, &place.member("transformations"));
        }
        let at = place.member("source");
        match source {
            ImageSource::Base64(source) => {
                self.losses.unknown(&source.extra, &at);
                let format = source.media_type.strip_prefix(IMAGE).unwrap_or_else(|| {
                    self.losses.add(&MEDIA_TYPE, &at.member("media_type"));
                    source.media_type.rsplit('/').next().unwrap_or(&source.media_type)
                });
                Some(converse::ImageBlock::base64(ImageFormat::from(format), source.data))
            }
            // Kept on the way here; its format beside it.
            ImageSource::Other(other) if other.kind.is_empty() => {
                let restored = kept_image(other);
                if restored.is_none() {
                    self.losses.add(&SOURCE, &at);
                }
                restored
            }
            ImageSource::Url(_) | ImageSource::File(_) | ImageSource::Other(_) => {
                self.losses.add(&SOURCE, &at);
                None
            }
        }
    }
}

impl ToMessages {
    /// The image.
    pub(super) fn image(&mut self, image: converse::ImageBlock, place: &Place<'_>) -> messages::ImageBlock {
        let converse::ImageBlock { error, format, source, extra } = image;
        self.losses.foreign(&extra, place);
        if error.is_some() {
            self.losses.add(&FOREIGN_MEMBER, &place.member("error"));
        }
        messages::ImageBlock::new(match source {
            converse::ImageSource::Bytes(data) => ImageSource::base64(format!("{IMAGE}{format}"), data),
            source @ (converse::ImageSource::S3Location(_) | converse::ImageSource::Other(_)) => {
                self.losses.add(&S3, &place.member("source"));
                let mut other = kept::keep(&source);
                if let Ok(format) = crate::Json::of(&format) {
                    other.members.set("format", format);
                }
                ImageSource::Other(other)
            }
        })
    }
}

fn kept_image(mut other: Other) -> Option<converse::ImageBlock> {
    let format = other.members.take("format")?.parse().ok()?;
    let source = kept::restored_or(&other, converse::ImageSource::Other);
    Some(converse::ImageBlock { error: None, format, source, extra: Default::default() })
}
