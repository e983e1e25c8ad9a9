//! The bytes of an image -> what they really are: format and size in pixels.

use imagesize::ImageType;

/// What the head of an image says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Picture {
    /// `PNG`, `JPEG`, `GIF`, `WebP`.
    pub(super) format: &'static str,
    /// The media type that goes with it.
    pub(super) media_type: &'static str,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Reads the head of an image; `None` where the bytes are none that Claude takes.
pub(super) fn read(bytes: &[u8]) -> Option<Picture> {
    let (format, media_type) = match imagesize::image_type(bytes).ok()? {
        ImageType::Png => ("PNG", "image/png"),
        ImageType::Jpeg => ("JPEG", "image/jpeg"),
        ImageType::Gif => ("GIF", "image/gif"),
        ImageType::Webp => ("WebP", "image/webp"),
        _ => return None,
    };
    let size = imagesize::blob_size(bytes).ok()?;
    Some(Picture { format, media_type, width: size.width, height: size.height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_the_four_formats() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0";
        let gif = b"GIF89a\x05\0\x07\0\0\0\0";
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\0\x09\0\x0b\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";
        let webp = b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x1f\0\0";
        for (bytes, expected) in [
            (&png[..], ("PNG", "image/png", 640, 480)),
            (gif, ("GIF", "image/gif", 5, 7)),
            (jpeg, ("JPEG", "image/jpeg", 11, 9)),
            (webp, ("WebP", "image/webp", 64, 32)),
        ] {
            let read = read(bytes).map(|it| (it.format, it.media_type, it.width, it.height));
            assert_eq!(read, Some(expected));
        }
        for bytes in [&b""[..], b"\x89PNG\r\n\x1a\n", b"BM\x1e\0\0\0", b"<svg/>", b"%PDF-1.4"] {
            assert_eq!(read(bytes), None);
        }
    }
}
