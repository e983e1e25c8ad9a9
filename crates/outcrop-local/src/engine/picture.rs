//! The bytes of an image -> its size in pixels.

use outcrop_wire::sniff::Format;

/// What the head of an image says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Picture {
    pub(super) format: Format,
    pub(super) width: u64,
    pub(super) height: u64,
}

/// Reads the head of an image of a known format; `None` where it is cut or wrong.
pub(super) fn read(format: Format, bytes: &[u8]) -> Option<Picture> {
    let size = imagesize::blob_size(bytes).ok()?;
    Some(Picture { format, width: size.width as u64, height: size.height as u64 })
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
        for (format, bytes, size) in [
            (Format::Png, &png[..], (640, 480)),
            (Format::Gif, gif, (5, 7)),
            (Format::Jpeg, jpeg, (11, 9)),
            (Format::Webp, webp, (64, 32)),
        ] {
            assert_eq!(read(format, bytes).map(|picture| (picture.width, picture.height)), Some(size), "{format}");
            for end in 0..12 {
                assert_eq!(read(format, &bytes[..end.min(bytes.len())]), None, "{format}, cut");
            }
        }
    }
}
