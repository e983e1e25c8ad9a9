//! A policy of a resource, judged: may this principal do that there?
//!
//! As far as policies of buckets go that say who may write logs: principals, actions and resources with their wildcards,
//! and conditions on texts, ARNs and booleans. Source: IAM user guide, "IAM JSON policy elements" and "Policy evaluation
//! logic".

use crate::json::{Extra, Json};

/// What is asked of a policy.
#[derive(Clone, Debug)]
pub struct PolicyQuestion<'a> {
    /// Who asks: a service, `bedrock.amazonaws.com`.
    pub service: &'a str,
    /// What for: `s3:PutObject`.
    pub action: &'a str,
    /// On what: an ARN.
    pub resource: &'a str,
    /// What is known of the request, for conditions: `aws:SourceAccount` and its value.
    pub context: &'a [(&'a str, &'a str)],
}

/// What a policy says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PolicyAnswer {
    /// A statement allows it and none denies it.
    Allowed {
        /// The keys of the question's context that the statement holds it to.
        bound_by: Vec<String>,
    },
    /// A statement denies it, whatever others say.
    Denied {
        /// The statement, by its `Sid` or its place.
        statement: String,
    },
    /// No statement allows it.
    Silent {
        /// Statements that nearly do, and what stands in the way.
        nearly: Vec<String>,
    },
}

/// Judges a policy.
///
/// # Errors
/// When it is none.
pub fn judge(policy: &str, question: &PolicyQuestion<'_>) -> Result<PolicyAnswer, serde_json::Error> {
    let whole: Extra = serde_json::from_str(policy)?;
    let statements = match whole.value("Statement") {
        None => Vec::new(),
        Some(statements) if statements.text().starts_with('[') => statements.parse::<Vec<Extra>>()?,
        Some(statement) => vec![statement.parse::<Extra>()?],
    };
    let (mut allowed, mut nearly) = (None, Vec::new());
    for (statement, number) in statements.iter().zip(1..) {
        let name = text(statement.value("Sid")).filter(|sid| !sid.is_empty());
        let name = name.unwrap_or_else(|| format!("statement {number}"));
        let denies = text(statement.value("Effect")).as_deref() == Some("Deny");
        match (applies(statement, question), denies) {
            (Ok(_), true) => return Ok(PolicyAnswer::Denied { statement: name }),
            (Ok(bound_by), false) => allowed = allowed.or(Some(bound_by)),
            (Err(Some(why)), false) => nearly.push(format!("{name} {why}")),
            (Err(_), _) => {}
        }
    }
    Ok(match allowed {
        Some(bound_by) => PolicyAnswer::Allowed { bound_by },
        None => PolicyAnswer::Silent { nearly },
    })
}

/// Whether a statement is about the question, and which keys of its context it asks for; else why not, where it is about
/// who asks.
fn applies(statement: &Extra, question: &PolicyQuestion<'_>) -> Result<Vec<String>, Option<String>> {
    let is_principal = match (statement.value("Principal"), statement.value("NotPrincipal")) {
        (Some(principal), _) => names(principal, question.service),
        (None, Some(principal)) => !names(principal, question.service),
        (None, None) => false,
    };
    if !is_principal {
        return Err(None);
    }
    let among = |name: &str, not: &str, asked: &str, small: bool| {
        let any = |patterns: Vec<String>| {
            patterns.iter().any(|pattern| match small {
                true => matches(&pattern.to_ascii_lowercase(), &asked.to_ascii_lowercase()),
                false => matches(pattern, asked),
            })
        };
        match (statement.value(name), statement.value(not)) {
            (Some(patterns), _) => any(texts(patterns)),
            (None, Some(patterns)) => !any(texts(patterns)),
            (None, None) => false,
        }
    };
    if !among("Action", "NotAction", question.action, true) {
        return Err(Some(format!("is not about {}", question.action)));
    }
    if !among("Resource", "NotResource", question.resource, false) {
        return Err(Some(format!("is not about {}", question.resource)));
    }
    let mut bound_by = Vec::new();
    for (operator, keys) in members(statement.value("Condition")) {
        for (key, expected) in members(Some(&keys)) {
            let known = question.context.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key));
            let values = texts(&expected);
            match holds(&operator, known.map(|(_, value)| *value), &values) {
                Some(true) if known.is_some() => bound_by.push(key),
                Some(true) => {}
                Some(false) => {
                    let value = known.map_or("nothing", |(_, value)| *value);
                    let values = values.join(" or ");
                    return Err(Some(format!("asks for {operator} {key} {values}, and it is {value}")));
                }
                None => return Err(Some(format!("asks for {operator} {key}, which cannot be known"))),
            }
        }
    }
    Ok(bound_by)
}

/// Whether a condition holds; none where that cannot be known.
fn holds(operator: &str, known: Option<&str>, expected: &[String]) -> Option<bool> {
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    if operator == "Null" {
        let absent = if known.is_none() { "true" } else { "false" };
        return Some(expected.iter().any(|value| value == absent));
    }
    let Some(known) = known else { return if_exists.then_some(true) };
    let any = |fits: &dyn Fn(&str) -> bool| expected.iter().any(|value| fits(value));
    Some(match operator {
        "StringEquals" => any(&|value| value == known),
        "StringNotEquals" => !any(&|value| value == known),
        "StringEqualsIgnoreCase" | "Bool" => any(&|value| value.eq_ignore_ascii_case(known)),
        "StringLike" | "ArnLike" | "ArnEquals" => any(&|value| matches(value, known)),
        "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => !any(&|value| matches(value, known)),
        _ => return None,
    })
}

/// Whether a principal is, or may be, the service.
fn names(principal: &Json, service: &str) -> bool {
    match text(Some(principal)) {
        Some(any) => any == "*",
        None => members(Some(principal)).iter().any(|(kind, names)| {
            let names = texts(names);
            names.iter().any(|name| (kind == "Service" && name == service) || (kind == "AWS" && name == "*"))
        }),
    }
}

/// Whether a pattern with `*` and `?` fits a whole text.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[from] => {
                at += 1;
                from += 1;
            }
            // The last star takes one letter more.
            _ => match &mut star {
                Some((star_at, taken)) => {
                    *taken += 1;
                    (at, from) = (*star_at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

fn text(value: Option<&Json>) -> Option<String> {
    value?.parse().ok()
}

/// A text, or a list of them; booleans and numbers as they are written.
fn texts(value: &Json) -> Vec<String> {
    let one = |value: &Json| text(Some(value)).unwrap_or_else(|| value.text().to_owned());
    match value.parse::<Vec<Json>>() {
        Ok(values) => values.iter().map(one).collect(),
        Err(_) => vec![one(value)],
    }
}

fn members(value: Option<&Json>) -> Vec<(String, Json)> {
    let members = value.and_then(|value| value.parse::<Extra>().ok()).unwrap_or_default();
    members.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: [(&str, &str); 3] = [
        ("aws:SourceAccount", "123456789012"),
        ("aws:SourceArn", "arn:aws:bedrock:us-east-1:123456789012:x"),
        ("aws:SecureTransport", "true"),
    ];

    fn answer(statements: &str) -> PolicyAnswer {
        let question = PolicyQuestion {
            service: "bedrock.amazonaws.com",
            action: "s3:PutObject",
            resource: "arn:aws:s3:::b/p/AWSLogs/1/x",
            context: &CONTEXT,
        };
        judge(&format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#), &question).expect("a policy")
    }

    fn allows(members: &str) -> PolicyAnswer {
        answer(&format!(
            r#"[{{"Sid":"S","Effect":"Allow","Principal":{{"Service":"bedrock.amazonaws.com"}},"Action":"s3:PutObject",{members}}}]"#
        ))
    }

    #[test]
    fn what_is_allowed_is_allowed_in_every_spelling() {
        let yes = |bound_by: &[&str]| PolicyAnswer::Allowed {
            bound_by: bound_by.iter().map(|key| (*key).to_owned()).collect(),
        };
        assert_eq!(allows(r#""Resource":"arn:aws:s3:::b/*""#), yes(&[]));
        assert_eq!(allows(r#""Resource":["x","arn:aws:s3:::?/p/AWSLogs/*/x"]"#), yes(&[]));
        assert_eq!(
            allows(
                r#""Resource":"*","Condition":{"StringEquals":{"AWS:sourceAccount":["9","123456789012"]},"ArnLike":{"aws:SourceArn":"arn:aws:bedrock:us-east-1:123456789012:*"}}"#
            ),
            yes(&["AWS:sourceAccount", "aws:SourceArn"])
        );
        let one = r#"{"Effect":"Allow","Principal":"*","Action":["S3:put*"],"NotResource":"arn:aws:s3:::other/*"}"#;
        assert_eq!(answer(one), yes(&[]));
        let tls = r#"{"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
        assert_eq!(answer(&format!("[{tls},{one}]")), yes(&[]));
    }

    #[test]
    fn what_is_not_says_why() {
        for (members, why) in [
            (r#""Resource":"arn:aws:s3:::b/q/*""#, "S is not about arn:aws:s3:::b/p/AWSLogs/1/x"),
            (
                r#""Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"999999999999"}}"#,
                "S asks for StringEquals aws:SourceAccount 999999999999, and it is 123456789012",
            ),
            (
                r#""Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
                "S asks for IpAddress aws:SourceIp, which cannot be known",
            ),
            (
                r#""Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:bedrock:us-west-2:*"}}"#,
                "S asks for ArnLike aws:SourceArn arn:aws:bedrock:us-west-2:*, and it is arn:aws:bedrock:us-east-1:123456789012:x",
            ),
        ] {
            assert_eq!(allows(members), PolicyAnswer::Silent { nearly: vec![why.to_owned()] });
        }
        assert_eq!(answer("[]"), PolicyAnswer::Silent { nearly: Vec::new() });
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#;
        let allow = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#;
        let denied = PolicyAnswer::Denied { statement: "statement 2".to_owned() };
        assert_eq!(answer(&format!("[{allow},{deny}]")), denied);
        let question = PolicyQuestion { service: "", action: "", resource: "", context: &[] };
        for none in ["", "[]", "{", r#"{"Statement":7}"#] {
            assert!(judge(none, &question).is_err(), "{none}");
        }
    }

    #[test]
    fn patterns_fit_whole_texts() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*c*e", "abcde", true),
            ("a*c", "abcd", false),
            ("?", "é", true),
            ("", "a", false),
            ("**a", "bca", true),
            ("a?*", "a", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
