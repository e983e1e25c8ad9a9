//! What kind of file some bytes are, by the bytes themselves: never by a name.

use std::fmt;

/// A kind of file that a model takes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// A JPEG image.
    Jpeg,
    /// A PNG image.
    Png,
    /// A GIF image.
    Gif,
    /// A WebP image.
    Webp,
    /// A PDF document.
    Pdf,
    /// Text in UTF-8.
    Text,
}

impl Format {
    /// `image/jpeg`, ...
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::Gif => "image/gif",
            Format::Webp => "image/webp",
            Format::Pdf => "application/pdf",
            Format::Text => "text/plain",
        }
    }

    /// Whether it is one of the four kinds of images.
    #[must_use]
    pub fn is_image(self) -> bool {
        matches!(self, Format::Jpeg | Format::Png | Format::Gif | Format::Webp)
    }
}

/// For people: `a JPEG image`.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Jpeg => "a JPEG image",
            Format::Png => "a PNG image",
            Format::Gif => "a GIF image",
            Format::Webp => "a WebP image",
            Format::Pdf => "a PDF",
            Format::Text => "plain text",
        })
    }
}

/// A kind of file that no model takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Foreign {
    /// For people: `an HEIC image`.
    pub what: &'static str,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

/// How the files that are taken begin. WebP is told apart by its eighth byte on.
const TAKEN: &[(&[u8], Format)] = &[
    (b"\xFF\xD8\xFF", Format::Jpeg),
    (b"\x89PNG\r\n\x1A\n", Format::Png),
    (b"GIF87a", Format::Gif),
    (b"GIF89a", Format::Gif),
    (b"%PDF-", Format::Pdf),
];

const TO_IMAGE: Option<&str> = Some("convert it to JPEG or PNG");
const TO_DOCUMENT: Option<&str> = Some("convert it to PDF, or give its text");

/// Files that people try: where the mark stands, the mark, what it is, and what to do. The first row that fits.
const FOREIGN: &[(usize, &[u8], &str, Option<&str>)] = &[
    (4, b"ftyphei", "an HEIC image", TO_IMAGE),
    (4, b"ftyphev", "an HEIC image", TO_IMAGE),
    (4, b"ftypmif1", "an HEIC image", TO_IMAGE),
    (4, b"ftypmsf1", "an HEIC image", TO_IMAGE),
    (4, b"ftypavi", "an AVIF image", TO_IMAGE),
    (4, b"ftyp", "a video or sound in MP4", None),
    (0, b"II*\0", "a TIFF image", TO_IMAGE),
    (0, b"MM\0*", "a TIFF image", TO_IMAGE),
    (0, b"BM", "a BMP image", TO_IMAGE),
    (0, b"\0\0\x01\0", "an icon", TO_IMAGE),
    (0, b"\0\0\0\x0CJXL ", "a JPEG XL image", TO_IMAGE),
    (0, b"\xFF\x0A", "a JPEG XL image", TO_IMAGE),
    (0, b"\0\0\0\x0CjP  ", "a JPEG 2000 image", TO_IMAGE),
    (0, b"8BPS", "a Photoshop image", TO_IMAGE),
    (0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an Office document of the old kind (doc, xls, ppt)", TO_DOCUMENT),
    (0, b"\x1F\x8B", "a gzip archive", Some("unpack it")),
    (0, b"7z\xBC\xAF\x27\x1C", "a 7z archive", Some("unpack it")),
    (0, b"Rar!\x1A\x07", "a RAR archive", Some("unpack it")),
    (0, b"\x28\xB5\x2F\xFD", "a zstd archive", Some("unpack it")),
    (0, b"OggS", "sound or video in Ogg", None),
    (0, b"ID3", "sound in MP3", None),
    (0, b"RIFF", "sound or video in RIFF", None),
    (0, b"\x1A\x45\xDF\xA3", "a video in Matroska or WebM", None),
    (0, b"\x7FELF", "a program", None),
    (0, b"MZ", "a program", None),
    (0, b"\xFF\xFE", "text in UTF-16", Some("convert it to UTF-8")),
    (0, b"\xFE\xFF", "text in UTF-16", Some("convert it to UTF-8")),
];

/// What a ZIP archive is by the folders in it.
const ZIPPED: &[(&[u8], &str)] = &[
    (b"word/", "a Word document (docx)"),
    (b"xl/", "an Excel workbook (xlsx)"),
    (b"ppt/", "a PowerPoint presentation (pptx)"),
    (b"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"mimetypeapplication/epub", "an EPUB book"),
];

/// A PDF may have other bytes before its mark, up to here (ISO 32000-1, annex H).
const PDF_WITHIN: usize = 1024;

/// How far names of files are looked for at both ends of an archive.
const ZIP_ENDS: usize = 8 * 1024;

/// What `bytes` are.
///
/// # Errors
/// When no model takes such a file; the error says what it is.
pub fn sniff(bytes: &[u8]) -> Result<Format, Foreign> {
    if let Some((_, format)) = TAKEN.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Ok(*format);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Format::Webp);
    }
    // Text may hold any of the marks below.
    if std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0) {
        return Ok(Format::Text);
    }
    if memchr::memmem::find(&bytes[..bytes.len().min(PDF_WITHIN)], b"%PDF-").is_some() {
        return Ok(Format::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let (head, tail) = (&bytes[..bytes.len().min(ZIP_ENDS)], &bytes[bytes.len().saturating_sub(ZIP_ENDS)..]);
        let holds = |name: &[u8]| [head, tail].iter().any(|end| memchr::memmem::find(end, name).is_some());
        return Err(match ZIPPED.iter().find(|(name, _)| holds(name)) {
            Some((_, what)) => Foreign { what, hint: TO_DOCUMENT },
            None => Foreign { what: "a ZIP archive", hint: Some("unpack it") },
        });
    }
    let known = FOREIGN.iter().find(|(at, mark, ..)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(mark)));
    Err(known.map_or(Foreign { what: "bytes of a kind not known here", hint: None }, |(.., what, hint)| Foreign {
        what,
        hint: *hint,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_bytes() {
        for (bytes, expected) in [
            (&b"\xFF\xD8\xFF\xE0\0\x10JFIF"[..], Format::Jpeg),
            (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", Format::Png),
            (b"GIF87a..", Format::Gif),
            (b"GIF89a..", Format::Gif),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Format::Webp),
            (b"%PDF-1.7\n", Format::Pdf),
            (b"\xFFgarbage before the mark\n%PDF-1.4\n", Format::Pdf),
            ("Grüße".as_bytes(), Format::Text),
            (b"a text about %PDF-1.7", Format::Text),
            (b"BM is how bitmaps begin", Format::Text),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Format::Text),
        ] {
            assert_eq!(sniff(bytes), Ok(expected), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_not_taken_is_named() {
        for (bytes, expected) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0"[..], "HEIC"),
            (b"\0\0\0\x1Cftypavif\0\0\0\0", "AVIF"),
            (b"\0\0\0\x1Cftypisom\0\0\0\0", "MP4"),
            (b"II*\0\x08\0\0\0", "TIFF"),
            (b"BM\x36\0\0\0\0\0", "BMP"),
            (b"PK\x03\x04\x14\0\x06\0word/document.xml\xB5\0", "docx"),
            (b"PK\x03\x04\x14\0\x06\0[Content_Types].xml\xB5\0xl/workbook.xml", "xlsx"),
            (b"PK\x03\x04\x14\0\x06\0a.txt\0", "ZIP"),
            (b"\xFF\xFEa\0b\0", "UTF-16"),
            (b"RIFF\x24\0\0\0WAVEfmt \x10", "RIFF"),
            (b"\x00\x01\x02\xFF", "not known"),
            (b"caf\xE9", "not known"),
        ] {
            let foreign = sniff(bytes).expect_err("not taken");
            assert!(foreign.what.contains(expected), "{bytes:?}: {}", foreign.what);
        }
    }

    #[test]
    fn any_beginning_is_something() {
        for (_, mark, ..) in FOREIGN {
            for length in 0..mark.len() {
                let _ = sniff(&mark[..length]);
            }
        }
        assert_eq!(sniff(b""), Ok(Format::Text), "nothing is no text of another kind");
    }
}
