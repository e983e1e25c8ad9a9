//! The lines of an AWS file, and the sections and properties that they say.

use std::ops::RangeInclusive;

use super::file::FileKind;
use super::{Action, ProfileError};

/// Only these begin a continuation line.
pub(super) const BLANK: [char; 2] = [' ', '\t'];
pub(super) const COMMENT: [char; 2] = ['#', ';'];

/// The one profile that needs no word before it.
const DEFAULT: &str = "default";

/// Sections that are no profiles: those of the aws command line itself.
const OF_THE_COMMAND_LINE: [&str; 2] = ["plugins", "preview"];

#[derive(Clone, Eq, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    /// "\n", "\r\n", or "" (and "\r") at the end of the file.
    pub(super) ending: &'static str,
}

impl Line {
    pub(super) fn new(line: &str) -> Self {
        let endings = ["\r\n", "\n", "\r"].into_iter();
        let (text, ending) =
            endings.filter_map(|ending| Some((line.strip_suffix(ending)?, ending))).next().unwrap_or((line, ""));
        Self { text: text.to_owned(), ending }
    }

    pub(super) fn is_blank(&self) -> bool {
        trim(&self.text).is_empty()
    }

    pub(super) fn is_comment(&self) -> bool {
        trim(&self.text).starts_with(COMMENT)
    }

    pub(super) fn is_header(&self) -> bool {
        self.text.starts_with('[')
    }

    pub(super) fn is_indented(&self) -> bool {
        self.text.starts_with(BLANK)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SectionKind {
    Profile,
    SsoSession,
    Services,
}

#[derive(Clone, Eq, PartialEq)]
pub(super) struct SectionData {
    pub(super) kind: SectionKind,
    pub(super) name: String,
    /// Whether the header is `[profile NAME]`: that of `default` outranks `[default]`.
    pub(super) prefixed: bool,
    pub(super) first_header: usize,
    pub(super) last_header: usize,
    pub(super) properties: Vec<Property>,
}

impl SectionData {
    pub(super) fn property(&self, key: &str) -> Option<&Property> {
        self.properties.iter().rev().find(|property| property.is(key))
    }

    pub(super) fn line_of(&self, key: &str) -> Option<usize> {
        self.property(key).map(|property| property.lines.start() + 1)
    }
}

#[derive(Clone, Eq, PartialEq)]
pub(super) struct Property {
    /// In lower case.
    pub(super) key: String,
    pub(super) value: String,
    /// Whether continuation lines are sub-properties: the line of the key had no value.
    group: bool,
    pub(super) nested: Vec<(String, String)>,
    /// From the line of the key to its last continuation.
    pub(super) lines: RangeInclusive<usize>,
}

impl Property {
    pub(super) fn is(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }
}

/// Where the reader stands: `Ignore` passes over lines that the SDKs do not judge either.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Nowhere,
    Ignore,
    In(usize),
}

pub(super) fn read_sections(kind: FileKind, path: &str, lines: &[Line]) -> Result<Vec<SectionData>, ProfileError> {
    let mut sections: Vec<SectionData> = Vec::new();
    let mut section = Place::Nowhere;
    let mut property = Place::Nowhere;
    for (index, line) in lines.iter().enumerate() {
        let error = |what: &str| ProfileError {
            action: Action::Read,
            path: path.to_owned(),
            line: Some(index + 1),
            what: what.to_owned(),
            hint: Some(format!("mend the line, or name another file: {}", kind.variable())),
        };
        if line.is_blank() || line.is_comment() {
            continue;
        }
        if line.is_header() {
            property = Place::Nowhere;
            section = match read_header(kind, &line.text).map_err(error)? {
                Some(header) => Place::In(open_section(&mut sections, header, index)),
                None => Place::Ignore,
            };
            continue;
        }
        let properties = match section {
            Place::In(at) => &mut sections[at].properties,
            Place::Ignore => continue,
            Place::Nowhere => return Err(error("expected a section such as [default] before the first property")),
        };
        if line.is_indented() {
            match property {
                Place::In(at) => continue_property(&mut properties[at], &line.text, index).map_err(error)?,
                Place::Ignore => {}
                Place::Nowhere => return Err(error("expected a property, found an indented line that continues none")),
            }
            continue;
        }
        let (key, value) = read_property(&line.text).map_err(error)?;
        property = Place::Ignore;
        if is_identifier(key) {
            property = Place::In(properties.len());
            properties.push(Property {
                key: key.to_ascii_lowercase(),
                value: value.to_owned(),
                group: value.is_empty(),
                nested: Vec::new(),
                lines: index..=index,
            });
        }
    }
    let is_default = |section: &SectionData| section.kind == SectionKind::Profile && section.name == DEFAULT;
    if sections.iter().any(|section| is_default(section) && section.prefixed) {
        sections.retain(|section| !is_default(section) || section.prefixed);
    }
    Ok(sections)
}

struct Header {
    kind: SectionKind,
    name: String,
    prefixed: bool,
}

/// What stands between the brackets.
fn inner(header: &str) -> Option<&str> {
    // After a header a comment needs no whitespace before it.
    let bare = header.split(COMMENT).next().unwrap_or(header);
    trim(bare).strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(trim)
}

/// The profile that a section of the config file would be if it had the word `profile`.
pub(super) fn without_prefix(header: &str) -> Option<String> {
    let name = inner(header).filter(|name| *name != DEFAULT && !OF_THE_COMMAND_LINE.contains(name))?;
    if name.contains(BLANK) { None } else { read_name(name) }
}

/// `None` is a section to ignore.
fn read_header(kind: FileKind, line: &str) -> Result<Option<Header>, &'static str> {
    let inner = inner(line).ok_or("expected `]` at the end of the section header")?;
    let header = |kind, name, prefixed| Some(Header { kind, name, prefixed });
    Ok(match (kind, inner.split_once(BLANK)) {
        (FileKind::Config, None) if inner == DEFAULT => header(SectionKind::Profile, inner.to_owned(), false),
        (FileKind::Config, None) => None,
        (FileKind::Config, Some((first, name))) => {
            let kind = match first {
                "profile" => Some(SectionKind::Profile),
                "sso-session" => Some(SectionKind::SsoSession),
                "services" => Some(SectionKind::Services),
                _ => None,
            };
            kind.zip(read_name(trim(name))).and_then(|(kind, name)| header(kind, name, true))
        }
        (FileKind::Credentials, _) => read_name(inner).and_then(|name| header(SectionKind::Profile, name, false)),
    })
}

fn read_name(text: &str) -> Option<String> {
    for quote in ['"', '\''] {
        if let Some(name) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return is_quotable(name).then(|| name.to_owned());
        }
    }
    is_identifier(text).then(|| text.to_owned())
}

/// The place of a section, which earlier headers of the same name may have opened.
fn open_section(sections: &mut Vec<SectionData>, header: Header, line: usize) -> usize {
    let same = |section: &SectionData| {
        section.kind == header.kind && section.prefixed == header.prefixed && section.name == header.name
    };
    if let Some(at) = sections.iter().position(same) {
        sections[at].last_header = line;
        return at;
    }
    sections.push(SectionData {
        kind: header.kind,
        name: header.name,
        prefixed: header.prefixed,
        first_header: line,
        last_header: line,
        properties: Vec::new(),
    });
    sections.len() - 1
}

fn read_property(line: &str) -> Result<(&str, &str), &'static str> {
    let bare = &line[..comment_start(line)];
    let (key, value) = bare.split_once('=').ok_or("expected `key = value`, found no `=`")?;
    match trim(key) {
        "" => Err("expected `key = value`, found no name before `=`"),
        key => Ok((key, trim(value))),
    }
}

fn continue_property(property: &mut Property, line: &str, index: usize) -> Result<(), &'static str> {
    if property.group {
        let (key, value) = read_property(line)?;
        if is_identifier(key) {
            property.nested.push((key.to_ascii_lowercase(), value.to_owned()));
        }
    }
    property.value.push('\n');
    property.value.push_str(trim(line));
    property.lines = *property.lines.start()..=index;
    Ok(())
}

/// Where a comment begins that follows something, else the length. In a value it needs whitespace before it.
pub(super) fn comment_start(line: &str) -> usize {
    let marks = line.match_indices(COMMENT).map(|(at, _)| at);
    marks.into_iter().find(|at| line[..*at].ends_with(BLANK)).unwrap_or(line.len())
}

pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r'])
}

/// The characters that aws-sdk-rust allows in names.
pub(super) fn is_identifier(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c);
    !name.is_empty() && name.chars().all(allowed)
}

/// Whether a name can stand between quotes in a header.
pub(super) fn is_quotable(name: &str) -> bool {
    let banned = |c: char| c.is_control() || "\"'\\[]#;".contains(c);
    !name.is_empty() && trim(name) == name && !name.contains(banned)
}
