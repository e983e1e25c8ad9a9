//! One AWS file: its sections and properties, and its text to the byte.

use std::fmt;

use super::ProfileError;
use super::lines::{Line, SectionData, SectionKind, read_sections, without_prefix};

/// Which of the two files a text is: they name their sections differently.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FileKind {
    /// `~/.aws/config`: `[default]`, `[profile x]`, `[sso-session x]`, `[services x]`.
    Config,
    /// `~/.aws/credentials`: `[default]`, `[x]`.
    Credentials,
}

/// One AWS file: what it says, and its text to the byte.
///
/// [`Display`](fmt::Display) writes the whole file, secrets included; [`Debug`] shows section names only.
#[derive(Clone, Eq, PartialEq)]
pub struct ProfileFile {
    pub(super) kind: FileKind,
    pub(super) path: String,
    byte_order_mark: bool,
    pub(super) lines: Vec<Line>,
    /// Read from `lines`, and read again after each edit, so that the two cannot disagree.
    pub(super) sections: Vec<SectionData>,
    /// Why it could not be read, where it could not: then it is empty.
    unread: Option<String>,
}

impl ProfileFile {
    /// A file without a line, for when there is none on disk.
    pub fn empty(kind: FileKind, path: &str) -> Self {
        let (lines, sections) = (Vec::new(), Vec::new());
        Self { kind, path: path.to_owned(), byte_order_mark: false, lines, sections, unread: None }
    }

    /// A file that is there and cannot be read, for a reason such as `Permission denied`. AWS's own tools take it for
    /// empty, and so does this: it matters where something is missed.
    pub fn unreadable(kind: FileKind, path: &str, why: &str) -> Self {
        Self { unread: Some(why.to_owned()), ..Self::empty(kind, path) }
    }

    /// Reads the text of a file; `path_for_errors` only names it in messages.
    ///
    /// Sections that the SDKs ignore (`[plugins]`, `[preview]`, `[x]` without `profile` in the config file, names with
    /// characters that are not allowed) are kept unread, and so are properties with such names.
    ///
    /// # Errors
    ///
    /// With the line: a property before any section, a header without `]`, a line without `=` or without a name before
    /// it, a continuation of nothing.
    pub fn parse(kind: FileKind, path_for_errors: &str, text: &str) -> Result<Self, ProfileError> {
        let bare = text.strip_prefix(BYTE_ORDER_MARK);
        let lines: Vec<Line> = bare.unwrap_or(text).split_inclusive('\n').map(Line::new).collect();
        let sections = read_sections(kind, path_for_errors, &lines)?;
        let (path, byte_order_mark) = (path_for_errors.to_owned(), bare.is_some());
        Ok(Self { kind, path, byte_order_mark, lines, sections, unread: None })
    }

    /// Which of the two files this is.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The path that messages name.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Why it could not be read, where it is there and could not.
    pub fn unread(&self) -> Option<&str> {
        self.unread.as_deref()
    }

    /// The section of a profile. In the config file `[profile default]` replaces `[default]` altogether.
    pub fn profile(&self, name: &str) -> Option<Section<'_>> {
        self.section(SectionKind::Profile, name)
    }

    /// The names of all profiles, in the order of the file.
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        let profiles = self.sections.iter().filter(|section| section.kind == SectionKind::Profile);
        profiles.map(|section| section.name.as_str())
    }

    /// The sections of the config file that nobody reads, as they lack the word `profile`: the name of each, and its line,
    /// counted from 1.
    pub fn without_prefix(&self) -> impl Iterator<Item = (String, usize)> {
        let headers = self.lines.iter().zip(1..).filter(|(line, _)| self.kind == FileKind::Config && line.is_header());
        headers.filter_map(|(line, number)| Some((without_prefix(&line.text)?, number)))
    }

    /// The names of all SSO sessions, in the order of the file.
    pub fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        let sessions = self.sections.iter().filter(|section| section.kind == SectionKind::SsoSession);
        sessions.map(|section| section.name.as_str())
    }

    /// The section `[sso-session NAME]` of the config file.
    pub fn sso_session(&self, name: &str) -> Option<Section<'_>> {
        self.section(SectionKind::SsoSession, name)
    }

    /// The section `[services NAME]` of the config file.
    pub fn services(&self, name: &str) -> Option<Section<'_>> {
        self.section(SectionKind::Services, name)
    }

    pub(super) fn section(&self, kind: SectionKind, name: &str) -> Option<Section<'_>> {
        let mut sections = self.sections.iter();
        let data = sections.find(|section| section.kind == kind && section.name == name)?;
        Some(Section { data })
    }
}

impl fmt::Display for ProfileFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.byte_order_mark {
            write!(f, "{BYTE_ORDER_MARK}")?;
        }
        self.lines.iter().try_for_each(|line| write!(f, "{}{}", line.text, line.ending))
    }
}

impl fmt::Debug for ProfileFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sections: Vec<Section<'_>> = self.sections.iter().map(|data| Section { data }).collect();
        f.debug_struct("ProfileFile")
            .field("kind", &self.kind)
            .field("path", &self.path)
            .field("sections", &sections)
            .finish_non_exhaustive()
    }
}

/// What one section says: all sections of that name together, the later value winning.
///
/// Keys are found whatever their case. `Debug` shows keys, never values.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Section<'a> {
    pub(super) data: &'a SectionData,
}

impl<'a> Section<'a> {
    /// The value of a property; continuation lines follow after a line feed each, trimmed.
    pub fn value(&self, key: &str) -> Option<&'a str> {
        self.data.property(key).map(|property| property.value.as_str())
    }

    /// The value of an indented sub-property, as `endpoint_url` here:
    ///
    /// ```text
    /// [services local]
    /// bedrock_runtime =
    ///   endpoint_url = http://127.0.0.1:8080
    /// ```
    pub fn nested(&self, key: &str, sub_key: &str) -> Option<&'a str> {
        let mut nested = self.data.property(key)?.nested.iter().rev();
        let (_, value) = nested.find(|(name, _)| name.eq_ignore_ascii_case(sub_key))?;
        Some(value)
    }

    /// The keys, each once, in lower case, in the order of the file.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let properties = &self.data.properties;
        let first = |index: usize, key: &str| !properties[..index].iter().any(|earlier| earlier.key == key);
        let all = properties.iter().enumerate();
        all.filter(move |(index, property)| first(*index, &property.key)).map(|(_, property)| property.key.as_str())
    }

    /// What stands between the brackets of its header: `profile work`, in the credentials file `work`.
    pub fn title(&self) -> String {
        let SectionData { kind, name, prefixed, .. } = self.data;
        match kind {
            SectionKind::Profile if !prefixed => name.clone(),
            SectionKind::Profile => format!("profile {name}"),
            SectionKind::SsoSession => format!("sso-session {name}"),
            SectionKind::Services => format!("services {name}"),
        }
    }

    /// The line of a property, counted from 1.
    pub fn line_of(&self, key: &str) -> Option<usize> {
        self.data.line_of(key)
    }

    /// The line of the first header, counted from 1.
    pub fn line(&self) -> usize {
        self.data.first_header + 1
    }
}

impl fmt::Debug for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("kind", &self.data.kind)
            .field("name", &self.data.name)
            .field("line", &self.line())
            .field("keys", &self.keys().collect::<Vec<_>>())
            .finish()
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';
