//! The media of a request, weighed: how many images and documents, where, how large, from which sources; and whether
//! that is within limits. The limits themselves are data of a model on a surface.

use std::fmt::Write as _;

use crate::capability::Capabilities;
use crate::messages::{ImageSource, MediaSource, MessageRequest, Source};

/// The images and documents of a request, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaNeeds {
    /// Each of them.
    pub pieces: Vec<MediaPiece>,
}

/// An image or a document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MediaPiece {
    /// Where it stands: `messages.0.content.2`.
    pub place: String,
    /// Whether it is an image; else it is a document.
    pub is_image: bool,
    /// The type of its source: `base64`, `url`, ...
    pub source: String,
    /// `image/png`, `application/pdf`, ..., where it is said.
    pub media_type: Option<String>,
    /// Bytes of its data as sent: of base64 where it is that.
    pub encoded: u64,
}

impl MediaPiece {
    /// Bytes of the file itself: three for four of base64.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        if self.source == "base64" { self.encoded / 4 * 3 } else { self.encoded }
    }
}

/// What a model on a surface takes of media; `None` says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits<'a> {
    /// Bytes of one image **in base64**: the service counts them so (`image exceeds 5 MB maximum: 6737924 bytes >
    /// 5242880 bytes` for a file of 4.8 MB, aws-sdk-js-v3 issue 6785).
    pub image_bytes: Option<u64>,
    /// Images and PDFs of one request, counted together, each PDF as a page at least (`Too much media: 0 document pages +
    /// 101 images > 100`).
    pub images: Option<u64>,
    /// Documents of one message.
    pub documents: Option<u64>,
    /// Bytes of the whole body.
    pub body_bytes: Option<u64>,
    /// The types of sources that are taken: `base64`, `text`, `content`.
    pub sources: Option<Vec<&'a str>>,
}

/// Why the media of a request cannot be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MediaProblem {
    /// What is wrong, where, and the limit.
    pub why: String,
    /// What to do about it.
    pub hint: String,
}

impl<'a> Limits<'a> {
    /// By the rows of the catalogue.
    #[must_use]
    pub fn of(accepts: &Capabilities<'a>) -> Self {
        Limits {
            image_bytes: accepts.image_bytes(),
            images: accepts.images(),
            documents: accepts.documents(),
            body_bytes: accepts.max_body(),
            sources: accepts.sources(),
        }
    }

    /// Whether a body of `length` bytes may be sent.
    ///
    /// # Errors
    /// When it is too long.
    pub fn check_body(&self, length: u64) -> Result<(), MediaProblem> {
        match self.body_bytes {
            Some(limit) if length > limit => Err(MediaProblem {
                why: format!("the request is {length} bytes long; the limit is {limit} bytes for a whole request"),
                hint: "send less text, or fewer and smaller images and documents".to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

impl MediaNeeds {
    /// Of a typed request.
    #[must_use]
    pub fn of(request: &MessageRequest) -> Self {
        let mut pieces = Vec::new();
        request.each_source(|place, source| pieces.push(MediaPiece::of(place, &source)));
        MediaNeeds { pieces }
    }

    /// Whether all of it may be sent. The first problem is told.
    ///
    /// # Errors
    /// When something is over a limit, or from a source that is not taken.
    pub fn check(&self, limits: &Limits<'_>) -> Result<(), MediaProblem> {
        for piece in &self.pieces {
            piece.check(limits)?;
        }
        let images = self.pieces.iter().filter(|piece| piece.is_image).count() as u64;
        let is_pdf = |piece: &&MediaPiece| piece.media_type.as_deref() == Some("application/pdf");
        let documents = self.pieces.iter().filter(is_pdf).count() as u64;
        if let Some(limit) = limits.images
            && images + documents > limit
        {
            let mut why = format!("the request holds {images} images");
            if documents > 0 {
                // Writing to a string does not fail.
                let _ = write!(why, " and {documents} PDFs");
            }
            why.push_str(&format!("; the limit is {limit} together"));
            return Err(MediaProblem { why, hint: "leave out the oldest ones, or make one PDF of several".to_owned() });
        }
        if let Some(limit) = limits.documents {
            self.check_documents(limit)?;
        }
        let encoded = self.pieces.iter().fold(0u64, |sum, piece| sum.saturating_add(piece.encoded));
        limits.check_body(encoded)
    }

    fn check_documents(&self, limit: u64) -> Result<(), MediaProblem> {
        let mut message = ("", 0u64);
        for piece in self.pieces.iter().filter(|piece| !piece.is_image) {
            // `messages.0` of `messages.0.content.2`.
            let end = piece.place.match_indices('.').nth(1).map_or(piece.place.len(), |(at, _)| at);
            let place = &piece.place[..end];
            message = if message.0 == place { (place, message.1 + 1) } else { (place, 1) };
            if message.1 > limit {
                let why = format!("{place} holds more than {limit} documents, the most that a message may have here");
                let hint = "make one document of several, or take a surface without this limit: auto, invoke";
                return Err(MediaProblem { why, hint: hint.to_owned() });
            }
        }
        Ok(())
    }
}

impl MediaPiece {
    fn of(place: String, source: &Source<'_>) -> Self {
        let (is_image, kind, text) = match source {
            Source::Image(ImageSource::Base64(source)) => (true, "base64", Some((&source.media_type, &source.data))),
            Source::Image(other) => (true, other.kind(), None),
            Source::Document(MediaSource::Base64(source)) => {
                (false, "base64", Some((&source.media_type, &source.data)))
            }
            Source::Document(MediaSource::Text(source)) => (false, "text", Some((&source.media_type, &source.data))),
            Source::Document(other) => (false, other.kind(), None),
        };
        MediaPiece {
            place,
            is_image,
            source: kind.to_owned(),
            media_type: text.map(|(media_type, _)| media_type.clone()),
            encoded: text.map_or(0, |(_, data)| data.len() as u64),
        }
    }

    fn check(&self, limits: &Limits<'_>) -> Result<(), MediaProblem> {
        let what = if self.is_image { "image" } else { "document" };
        if let Some(taken) = &limits.sources
            && !taken.contains(&self.source.as_str())
        {
            let why = format!(
                "{}: the {what} comes from `{}`, which is not taken here; taken are {}",
                self.place,
                self.source,
                taken
                    .iter()
                    // An image is bytes wherever it comes from.
                    .filter(|source| !self.is_image || matches!(**source, "base64" | "url" | "file"))
                    .map(|source| format!("`{source}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            let hint = match self.source.as_str() {
                "url" => "give its bytes, or let it be fetched first: `download_media(true)`",
                "file" => "give its bytes: files uploaded to Anthropic's own API cannot be reached from here",
                _ => "give its bytes",
            };
            return Err(MediaProblem { why, hint: hint.to_owned() });
        }
        if let Some(limit) = limits.image_bytes.filter(|limit| self.is_image && self.encoded > *limit) {
            return Err(MediaProblem {
                why: format!(
                    "{}: the image is {} bytes long, {} in base64; the limit is {limit} bytes of base64 an image",
                    self.place,
                    self.bytes(),
                    self.encoded
                ),
                hint: format!("make the file smaller than {} bytes: base64 makes four bytes of three", limit / 4 * 3),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::messages::{Block, DocumentBlock, ImageBlock, ResultBlock, SourceBlock, Turn};
    use crate::model::Model;
    use crate::surface::Surface;

    fn image(bytes: usize) -> ImageBlock {
        ImageBlock::new(ImageSource::base64("image/png", "A".repeat(bytes)))
    }

    fn request() -> MessageRequest {
        let pdf = DocumentBlock::new(MediaSource::base64("application/pdf", "A".repeat(800)));
        let blocks = DocumentBlock::new(MediaSource::content([SourceBlock::text("x"), image(8).into()]));
        let result = Block::tool_result("t", [ResultBlock::Image(image(12)), ResultBlock::Document(pdf)]);
        MessageRequest::new("opus", 1).user("no media").turn(Turn::user([
            Block::text("x"),
            Block::Image(image(4)),
            Block::Document(blocks),
            result,
        ]))
    }

    #[test]
    fn a_message_has_so_many_documents_and_no_more() {
        let document = || Block::Document(DocumentBlock::new(MediaSource::base64("application/pdf", "AAAA")));
        let turn = |count| Turn::user((0..count).map(|_| document()).collect::<Vec<_>>());
        let of = |counts: &[usize]| {
            let messages = counts.iter().map(|count| turn(*count)).collect();
            MediaNeeds::of(&MessageRequest { messages, ..MessageRequest::new("opus", 16) })
        };
        let limits = Limits { documents: Some(5), ..Limits::default() };
        assert_eq!(of(&[5, 5]).check(&limits), Ok(()));
        let problem = of(&[1, 6]).check(&limits).expect_err("one too many");
        assert!(problem.why.starts_with("messages.1 holds more than 5 documents"), "{}", problem.why);
        assert_eq!(of(&[6]).check(&Limits::default()), Ok(()));
    }

    #[test]
    fn every_place_of_media_is_found() {
        let needs = MediaNeeds::of(&request());
        let found: Vec<_> = needs
            .pieces
            .iter()
            .map(|piece| (piece.place.as_str(), piece.is_image, piece.source.as_str(), piece.encoded, piece.bytes()))
            .collect();
        assert_eq!(
            found,
            [
                ("messages.1.content.1", true, "base64", 4, 3),
                ("messages.1.content.2", false, "content", 0, 0),
                ("messages.1.content.2.source.content.1", true, "base64", 8, 6),
                ("messages.1.content.3.content.0", true, "base64", 12, 9),
                ("messages.1.content.3.content.1", false, "base64", 800, 600),
            ]
        );
        assert_eq!(needs.check(&Limits::default()), Ok(()), "no limits, no problem");
    }

    #[test]
    fn a_limit_is_named_with_what_is_over_it() {
        let needs = MediaNeeds::of(&request());
        let with = |limits: Limits<'_>| needs.check(&limits).map_err(|problem| problem.why);
        assert_eq!(with(Limits { image_bytes: Some(12), images: Some(5), ..Limits::default() }), Ok(()));
        assert_eq!(
            with(Limits { image_bytes: Some(11), ..Limits::default() }).expect_err("over"),
            "messages.1.content.3.content.0: the image is 9 bytes long, 12 in base64; the limit is 11 bytes of base64 an image"
        );
        assert_eq!(
            with(Limits { images: Some(3), ..Limits::default() }).expect_err("over"),
            "the request holds 3 images and 1 PDFs; the limit is 3 together"
        );
        assert_eq!(
            with(Limits { body_bytes: Some(800), ..Limits::default() }).expect_err("over"),
            "the request is 824 bytes long; the limit is 800 bytes for a whole request"
        );
    }

    #[test]
    fn limits_come_from_the_catalogue() {
        let catalogue = Catalogue::built_in();
        let accepts = catalogue.accepts(Some(Model::CLAUDE_OPUS_4_6), Surface::InvokeModel, "2026-11-23");
        let limits = Limits::of(&accepts);
        assert_eq!(limits.image_bytes, Some(5_242_880));
        assert!(limits.sources.is_some_and(|sources| sources.contains(&"base64") && !sources.contains(&"url")));
    }

    #[test]
    fn sources_that_are_not_taken_are_refused_with_a_way_out() {
        let limits = Limits { sources: Some(vec!["base64", "text", "content"]), ..Limits::default() };
        assert_eq!(MediaNeeds::of(&request()).check(&limits), Ok(()));
        for (block, source, hint) in [
            (Block::Image(ImageBlock::new(ImageSource::url("https://x.test/a.png"))), "url", "download_media(true)"),
            (Block::Document(DocumentBlock::new(MediaSource::file("file_1"))), "file", "Anthropic's own API"),
        ] {
            let needs = MediaNeeds::of(&MessageRequest::new("opus", 1).user(block));
            let problem = needs.check(&limits).expect_err("refused");
            assert!(
                problem.why.starts_with("messages.0.content.0: the ") && problem.why.contains(source),
                "{problem:?}"
            );
            assert!(problem.hint.contains(hint), "{problem:?}");
        }
    }
}
