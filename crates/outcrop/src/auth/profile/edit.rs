//! Edits of an AWS file that leave every other byte alone.

use std::ops::RangeInclusive;

use super::file::{FileKind, ProfileFile};
use super::lines::{BLANK, COMMENT, Line, SectionKind, comment_start, is_identifier, is_quotable, read_sections, trim};
use super::{Action, ProfileError};

impl ProfileFile {
    ///
    /// # Errors
    ///
    /// When the file could not say it, and is left as it was: a key or profile name with characters that are not
    /// allowed; a value with line breaks or other control characters, with whitespace around it, or with a part that
    /// would read as a comment; in the credentials file, a new section for a name that the SDKs would ignore.
    pub fn set(&mut self, profile: &str, key: &str, value: &str) -> Result<(), ProfileError> {
        self.set_in(SectionKind::Profile, profile, key, value)
    }

    /// The same for a property of `[sso-session NAME]`, which only the config file has.
    ///
    /// # Errors
    ///
    /// As [`ProfileFile::set`], and in a credentials file.
    pub fn set_sso_session(&mut self, name: &str, key: &str, value: &str) -> Result<(), ProfileError> {
        self.set_in(SectionKind::SsoSession, name, key, value)
    }

    fn set_in(&mut self, kind: SectionKind, name: &str, key: &str, value: &str) -> Result<(), ProfileError> {
        check_key(key).and_then(|()| check_value(value)).map_err(|what| self.edit_error(what))?;
        let mut lines = self.lines.clone();
        match self.section(kind, name).map(|section| section.data) {
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
                let header = header(self.kind, kind, name).map_err(|what| self.edit_error(what))?;
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
        let Some(section) = self.section(SectionKind::Profile, profile).map(|section| section.data) else {
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

    fn edit_error(&self, what: &str) -> ProfileError {
        ProfileError { action: Action::Edit, path: self.path.clone(), line: None, what: what.to_owned(), hint: None }
    }
}

const UNFIT: &str = "the name of the section has characters that AWS tools do not read here";

fn header(file: FileKind, kind: SectionKind, name: &str) -> Result<String, &'static str> {
    let prefix = match (file, kind) {
        (_, SectionKind::Profile) if name == "default" => return Ok("[default]".to_owned()),
        (FileKind::Config, SectionKind::Profile) => "profile",
        (FileKind::Config, SectionKind::SsoSession) => "sso-session",
        (FileKind::Config, SectionKind::Services) => "services",
        (FileKind::Credentials, SectionKind::Profile) if is_identifier(name) => return Ok(format!("[{name}]")),
        (FileKind::Credentials, SectionKind::Profile) => return Err(UNFIT),
        (FileKind::Credentials, _) => return Err("it has sections of profiles alone"),
    };
    match name {
        _ if is_identifier(name) => Ok(format!("[{prefix} {name}]")),
        _ if is_quotable(name) => Ok(format!("[{prefix} \"{name}\"]")),
        _ => Err(UNFIT),
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
