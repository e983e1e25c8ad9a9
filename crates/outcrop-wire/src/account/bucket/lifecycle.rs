//! How long a bucket keeps its objects: `Get-` and `PutBucketLifecycleConfiguration`.

use std::fmt::Write as _;

use super::super::xml::{Element, put};
use super::{DocumentError, NAMESPACE, read};

/// A rule of a bucket about how long objects are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LifecycleRule {
    /// What it is called.
    pub id: Option<String>,
    /// Whether it counts.
    pub enabled: bool,
    /// What the keys of its objects begin with; all of the bucket where it is empty.
    pub prefix: String,
    /// Whether it is about some of these objects only: by their tags or their size.
    pub narrowed: bool,
    /// Days until an object is removed; none where the rule does something else.
    pub expires_after_days: Option<u32>,
    /// The day from which on every object is removed, as it was said: `2027-01-01T00:00:00Z`.
    pub expires_on: Option<String>,
}

impl LifecycleRule {
    /// A rule that counts: objects below a prefix go after so many days.
    #[must_use]
    pub fn expiring(prefix: impl Into<String>, days: u32) -> Self {
        LifecycleRule {
            id: None,
            enabled: true,
            prefix: prefix.into(),
            narrowed: false,
            expires_after_days: Some(days),
            expires_on: None,
        }
    }

    /// Whether it removes every object with such a key, and after how many days.
    #[must_use]
    pub fn expires(&self, key: &str) -> Option<u32> {
        self.expires_after_days.filter(|_| self.enabled && !self.narrowed && key.starts_with(&self.prefix))
    }
}

/// The document of rules that remove objects. What else rules may say is not written.
#[must_use]
pub fn encode_lifecycle(rules: &[LifecycleRule]) -> String {
    let mut out = format!("<LifecycleConfiguration xmlns=\"{NAMESPACE}\">");
    for rule in rules {
        out.push_str("<Rule>");
        if let Some(id) = &rule.id {
            put(&mut out, "ID", id);
        }
        out.push_str("<Filter>");
        put(&mut out, "Prefix", &rule.prefix);
        out.push_str("</Filter>");
        put(&mut out, "Status", if rule.enabled { "Enabled" } else { "Disabled" });
        if let Some(days) = rule.expires_after_days {
            let _ = write!(out, "<Expiration><Days>{days}</Days></Expiration>");
        }
        if let Some(date) = &rule.expires_on {
            out.push_str("<Expiration>");
            put(&mut out, "Date", date);
            out.push_str("</Expiration>");
        }
        out.push_str("</Rule>");
    }
    out.push_str("</LifecycleConfiguration>");
    out
}

/// The rules of a document, in its order.
///
/// # Errors
/// When it is no such document: a rule has no status, or days that are no number above zero.
pub fn decode_lifecycle(body: &[u8]) -> Result<Vec<LifecycleRule>, DocumentError> {
    let root = read(body, "LifecycleConfiguration")?;
    root.children("Rule").map(rule).collect()
}

fn rule(rule: &Element) -> Result<LifecycleRule, DocumentError> {
    let wrong = |why: &str| DocumentError(why.to_owned());
    let enabled = match rule.text_of("Status") {
        Some("Enabled") => true,
        Some("Disabled") => false,
        _ => return Err(wrong("a rule is neither Enabled nor Disabled")),
    };
    let filter = rule.child("Filter");
    let both = filter.and_then(|filter| filter.child("And"));
    // The prefix stood in the rule itself once.
    let prefix = [both, filter, Some(rule)].into_iter().flatten().find_map(|place| place.child("Prefix"));
    let narrows = |place: &Element| {
        ["Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"].iter().any(|name| place.child(name).is_some())
    };
    let expiration = |name: &str| rule.child("Expiration").and_then(|expiration| expiration.text_of(name));
    let days = expiration("Days");
    let days = days
        .map(|days| days.parse::<u32>().ok().filter(|days| *days > 0))
        .map(|days| days.ok_or_else(|| wrong("'Days' for Expiration action must be a positive integer")));
    Ok(LifecycleRule {
        id: rule.text_of("ID").map(str::to_owned),
        enabled,
        prefix: prefix.map(|prefix| prefix.text().to_owned()).unwrap_or_default(),
        narrowed: [both, filter].into_iter().flatten().any(narrows),
        expires_after_days: days.transpose()?,
        expires_on: expiration("Date").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_they_are_written() {
        let rules = [
            LifecycleRule { id: Some("logs".to_owned()), ..LifecycleRule::expiring("logs/", 30) },
            LifecycleRule { enabled: false, ..LifecycleRule::expiring("", 1) },
            LifecycleRule { expires_after_days: None, ..LifecycleRule::expiring("a&b", 1) },
            LifecycleRule {
                expires_after_days: None,
                expires_on: Some("2027-01-01T00:00:00Z".to_owned()),
                ..LifecycleRule::expiring("", 1)
            },
        ];
        assert_eq!(decode_lifecycle(encode_lifecycle(&rules).as_bytes()).as_deref(), Ok(&rules[..]));
        assert_eq!((rules[0].expires("logs/x"), rules[0].expires("x"), rules[1].expires("x")), (Some(30), None, None));
    }

    #[test]
    fn rules_of_others_are_read_too() {
        let rule = |inner: &str| {
            let text = format!("<LifecycleConfiguration><Rule>{inner}</Rule></LifecycleConfiguration>");
            decode_lifecycle(text.as_bytes()).map(|mut rules| rules.remove(0))
        };
        let old = rule("<Prefix>p/</Prefix><Status>Enabled</Status><Expiration><Days>7</Days></Expiration>");
        assert_eq!(old, Ok(LifecycleRule::expiring("p/", 7)));
        let tagged = "<Filter><And><Prefix>p/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>\
            <Status>Enabled</Status><Expiration><Days>7</Days></Expiration>";
        let tagged = rule(tagged).expect("a rule");
        assert!(tagged.narrowed && tagged.prefix == "p/" && tagged.expires("p/x").is_none());
        let moves = rule("<Filter/><Status>Enabled</Status><Transition><Days>3</Days></Transition>").expect("a rule");
        assert_eq!(moves.expires_after_days, None);
        for wrong in ["", "<Status>On</Status>", "<Status>Enabled</Status><Expiration><Days>0</Days></Expiration>"] {
            assert!(rule(wrong).is_err(), "{wrong}");
        }
    }
}
