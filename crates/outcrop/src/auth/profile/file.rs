//! One AWS file: its sections and properties, and edits that leave every other byte alone.

use std::fmt;
use std::ops::RangeInclusive;

use super::{Action, ProfileError};

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
    kind: FileKind,
    path: String,
    byte_order_mark: bool,
    lines: Vec<Line>,
    /// Read from `lines`, and read again after each edit, so that the two cannot disagree.
    sections: Vec<SectionData>,
}

impl ProfileFile {
    /// A file without a line, for when there is none on disk.
    pub fn empty(kind: FileKind, path: &str) -> Self {
        Self { kind, path: path.to_owned(), byte_order_mark: false, lines: Vec::new(), sections: Vec::new() }
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
        Ok(Self { kind, path: path_for_errors.to_owned(), byte_order_mark: bare.is_some(), lines, sections })
    }

    /// Sets a property in place, keeping spacing, comments and all other lines.
    ///
    /// Of a property written twice the last one, which counts, is changed. A missing section is added at the end:
    /// `[profile x]` in the config file, `[x]` in the credentials file, `[default]` in both.
    ///
    /// # Errors
    ///
    /// When the file could not say it, and is left as it was: a key or profile name with characters that are not
    /// allowed; a value with line breaks or other control characters, with whitespace around it, or with a part that
    /// would read as a comment; in the credentials file, a new section for a name that the SDKs would ignore.
    pub fn set(&mut self, profile: &str, key: &str, value: &str) -> Result<(), ProfileError> {
        check_key(key).and_then(|()| check_value(value)).map_err(|what| self.edit_error(what))?;
        let mut lines = self.lines.clone();
        match self.profile(profile).map(|section| section.data) {
            Some(section) => match section.property(key) {
                Some(property) => {
                    // Continuation lines belong to the old value; blank and comment lines between them do not.
                    let (first, last) = (*property.lines.start(), *property.lines.end());
                    replace_value(&mut lines[first].text, value);
                    drop_continuations(&mut lines, first + 1..=last);
                }
                None => insert_property(&mut lines, section.last_header, key, value),
            },
            None => {
                let header = header(self.kind, profile).map_err(|what| self.edit_error(what))?;
                append_section(&mut lines, &header, key, value);
            }
        }
        let sections = read_sections(self.kind, &self.path, &lines)?;
        self.lines = lines;
        self.sections = sections;
        Ok(())
    }

    /// Removes a property and its continuation lines wherever the profile has it; says whether it was there. An emptied
    /// section stays.
    pub fn remove(&mut self, profile: &str, key: &str) -> bool {
        let Some(section) = self.profile(profile).map(|section| section.data) else {
            return false;
        };
        let mut lines = self.lines.clone();
        let mut found = false;
        for property in section.properties.iter().rev().filter(|property| property.is(key)) {
            let (first, last) = (*property.lines.start(), *property.lines.end());
            drop_continuations(&mut lines, first + 1..=last);
            lines.remove(first);
            found = true;
        }
        match read_sections(self.kind, &self.path, &lines) {
            Ok(sections) if found => {
                self.lines = lines;
                self.sections = sections;
                true
            }
            _ => false,
        }
    }

    /// Which of the two files this is.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The path that messages name.
    pub fn path(&self) -> &str {
        &self.path
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

    /// The section `[sso-session NAME]` of the config file.
    pub fn sso_session(&self, name: &str) -> Option<Section<'_>> {
        self.section(SectionKind::SsoSession, name)
    }

    /// The section `[services NAME]` of the config file.
    pub fn services(&self, name: &str) -> Option<Section<'_>> {
        self.section(SectionKind::Services, name)
    }

    fn section(&self, kind: SectionKind, name: &str) -> Option<Section<'_>> {
        let mut sections = self.sections.iter();
        let data = sections.find(|section| section.kind == kind && section.name == name)?;
        Some(Section { data })
    }

    fn edit_error(&self, what: &str) -> ProfileError {
        ProfileError { action: Action::Edit, path: self.path.clone(), line: None, what: what.to_owned() }
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
    data: &'a SectionData,
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

    /// The line of a property, counted from 1.
    pub(super) fn line_of(&self, key: &str) -> Option<usize> {
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

/// Only these begin a continuation line.
const BLANK: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

#[derive(Clone, Eq, PartialEq)]
struct Line {
    text: String,
    /// "\n", "\r\n", or "" (and "\r") at the end of the file.
    ending: &'static str,
}

impl Line {
    fn new(line: &str) -> Self {
        let endings = ["\r\n", "\n", "\r"].into_iter();
        let (text, ending) =
            endings.filter_map(|ending| Some((line.strip_suffix(ending)?, ending))).next().unwrap_or((line, ""));
        Self { text: text.to_owned(), ending }
    }

    fn is_blank(&self) -> bool {
        trim(&self.text).is_empty()
    }

    fn is_comment(&self) -> bool {
        trim(&self.text).starts_with(COMMENT)
    }

    fn is_header(&self) -> bool {
        self.text.starts_with('[')
    }

    fn is_indented(&self) -> bool {
        self.text.starts_with(BLANK)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SectionKind {
    Profile,
    SsoSession,
    Services,
}

#[derive(Clone, Eq, PartialEq)]
struct SectionData {
    kind: SectionKind,
    name: String,
    /// Whether the header is `[profile NAME]`: that of `default` outranks `[default]`.
    prefixed: bool,
    first_header: usize,
    last_header: usize,
    properties: Vec<Property>,
}

impl SectionData {
    fn property(&self, key: &str) -> Option<&Property> {
        self.properties.iter().rev().find(|property| property.is(key))
    }

    fn line_of(&self, key: &str) -> Option<usize> {
        self.property(key).map(|property| property.lines.start() + 1)
    }
}

#[derive(Clone, Eq, PartialEq)]
struct Property {
    /// In lower case.
    key: String,
    value: String,
    /// Whether continuation lines are sub-properties: the line of the key had no value.
    group: bool,
    nested: Vec<(String, String)>,
    /// From the line of the key to its last continuation.
    lines: RangeInclusive<usize>,
}

impl Property {
    fn is(&self, key: &str) -> bool {
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

fn read_sections(kind: FileKind, path: &str, lines: &[Line]) -> Result<Vec<SectionData>, ProfileError> {
    let mut sections: Vec<SectionData> = Vec::new();
    let mut section = Place::Nowhere;
    let mut property = Place::Nowhere;
    for (index, line) in lines.iter().enumerate() {
        let error = |what: &str| ProfileError {
            action: Action::Read,
            path: path.to_owned(),
            line: Some(index + 1),
            what: what.to_owned(),
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
    let is_default = |section: &SectionData| section.kind == SectionKind::Profile && section.name == "default";
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

/// `None` is a section to ignore.
fn read_header(kind: FileKind, line: &str) -> Result<Option<Header>, &'static str> {
    // After a header a comment needs no whitespace before it.
    let bare = line.split(COMMENT).next().unwrap_or(line);
    let inner = trim(bare).strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let inner = trim(inner.ok_or("expected `]` at the end of the section header")?);
    let header = |kind, name, prefixed| Some(Header { kind, name, prefixed });
    Ok(match (kind, inner.split_once(BLANK)) {
        (FileKind::Config, None) if inner == "default" => header(SectionKind::Profile, inner.to_owned(), false),
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
fn comment_start(line: &str) -> usize {
    let marks = line.match_indices(COMMENT).map(|(at, _)| at);
    marks.into_iter().find(|at| line[..*at].ends_with(BLANK)).unwrap_or(line.len())
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r'])
}

/// The characters that aws-sdk-rust allows in names.
fn is_identifier(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c);
    !name.is_empty() && name.chars().all(allowed)
}

/// Whether a name can stand between quotes in a header.
fn is_quotable(name: &str) -> bool {
    let banned = |c: char| c.is_control() || "\"'\\[]#;".contains(c);
    !name.is_empty() && trim(name) == name && !name.contains(banned)
}

fn header(kind: FileKind, profile: &str) -> Result<String, &'static str> {
    match kind {
        _ if profile == "default" => Ok("[default]".to_owned()),
        FileKind::Config if is_identifier(profile) => Ok(format!("[profile {profile}]")),
        FileKind::Config if is_quotable(profile) => Ok(format!("[profile \"{profile}\"]")),
        FileKind::Credentials if is_identifier(profile) => Ok(format!("[{profile}]")),
        _ => Err("the profile name has characters that AWS tools do not read here"),
    }
}

fn check_key(key: &str) -> Result<(), &'static str> {
    // A key that begins with `[` or a comment mark is no identifier either.
    if is_identifier(key) { Ok(()) } else { Err("the key is empty or has characters other than A-Z a-z 0-9 _-/.%@:+") }
}

fn check_value(value: &str) -> Result<(), &'static str> {
    if value.contains(char::is_control) {
        return Err("the value has a line break or another control character");
    }
    if trim(value) != value {
        return Err("the value has whitespace around it, which would be lost");
    }
    let comment = |(at, _): (usize, &str)| at == 0 || value[..at].ends_with(BLANK);
    if value.match_indices(COMMENT).any(comment) {
        return Err("the value has a part that would be read as a comment");
    }
    Ok(())
}

fn replace_value(line: &mut String, value: &str) {
    let comment = comment_start(line);
    let Some(equals) = line.find('=').filter(|equals| *equals < comment) else {
        return;
    };
    let old = &line[equals + 1..comment];
    let spaced = if trim(old).is_empty() {
        let before_comment = if comment < line.len() { " " } else { "" };
        format!(" {value}{before_comment}")
    } else {
        old.replacen(trim(old), value, 1)
    };
    line.replace_range(equals + 1..comment, &spaced);
}

fn drop_continuations(lines: &mut Vec<Line>, range: RangeInclusive<usize>) {
    let mut index = 0;
    lines.retain(|line| {
        let drop = range.contains(&index) && line.is_indented() && !line.is_blank();
        index += 1;
        !drop
    });
}

/// Adds a property at the end of the section whose header stands at `header`.
fn insert_property(lines: &mut Vec<Line>, header: usize, key: &str, value: &str) {
    let end = lines.iter().skip(header + 1).position(Line::is_header).map_or(lines.len(), |length| header + 1 + length);
    // Unindented comments before the next header more likely speak of what follows.
    let loose = |line: &Line| line.is_blank() || (line.is_comment() && !line.is_indented());
    let at = lines[header + 1..end].iter().rposition(|line| !loose(line)).map_or(header + 1, |last| header + 2 + last);
    let ending = usual_ending(lines);
    end_line(&mut lines[at - 1], ending);
    lines.insert(at, Line { text: format!("{key} = {value}").trim_end().to_owned(), ending });
}

fn append_section(lines: &mut Vec<Line>, header: &str, key: &str, value: &str) {
    let ending = usual_ending(lines);
    let gap = lines.last().is_some_and(|line| !line.is_blank());
    if let Some(last) = lines.last_mut() {
        end_line(last, ending);
    }
    if gap {
        lines.push(Line { text: String::new(), ending });
    }
    lines.push(Line { text: header.to_owned(), ending });
    insert_property(lines, lines.len() - 1, key, value);
}

fn usual_ending(lines: &[Line]) -> &'static str {
    lines.first().map(|line| line.ending).filter(|ending| ending.ends_with('\n')).unwrap_or("\n")
}

fn end_line(line: &mut Line, ending: &'static str) {
    match line.ending {
        "" => line.ending = ending,
        "\r" => line.ending = "\r\n",
        _ => {}
    }
}
