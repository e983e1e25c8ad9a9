//! What AWS has on these hosts and a local Bedrock has not.

use outcrop_wire::fault::{Fault, Origin};

/// The operations of Bedrock that a local Bedrock has not, a line each: host, method, path, name. They are refused with
/// `UnknownOperationException` and their name. (AWS answers a path that it does not know with a success of that name, which
/// clients take for an empty answer; so does a local Bedrock, of paths that nobody has.)
///
/// Source: botocore service models bedrock 2023-04-20 and bedrock-runtime 2023-09-30 (1.44.5).
///
/// ```text
#[doc = include_str!("absent.txt")]
/// ```
pub const ABSENT: &str = include_str!("absent.txt");

/// The name of the operation that a request line would call, if it is one of those.
pub(crate) fn absent(method: &str, path: &str) -> Option<&'static str> {
    ABSENT.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let (known, template, name) = (words.next()?, words.next()?, words.next()?);
        (known == method && fits(path, template)).then_some(name)
    })
}

/// Whether each segment is that of the template, or stands where it has a place for any.
fn fits(path: &str, template: &str) -> bool {
    let (mut segments, mut wanted) = (path.split('/'), template.split('/'));
    loop {
        match (segments.next(), wanted.next()) {
            (None, None) => return true,
            (Some(segment), Some("{}")) if !segment.is_empty() => {}
            (Some(segment), Some(wanted)) if segment == wanted => {}
            _ => return false,
        }
    }
}

/// The refusal of an operation that is absent. AWS's name for what it does not know; status and words are ours.
pub(crate) fn refused(operation: &str) -> Fault {
    Fault {
        code: "UnknownOperationException".to_owned(),
        status: 404,
        message: format!("outcrop local does not have `{operation}`"),
        origin: Origin::Http,
        details: Default::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_found_by_its_own_request_line_and_by_no_other() {
        for line in ABSENT.lines() {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let [_, method, path, name] = words[..] else { panic!("{line}") };
            assert_eq!(absent(method, &path.replace("{}", "a%2Fb")), Some(name));
            assert_eq!(absent(method, &format!("{path}/more/than/there/is")), None);
        }
        for (method, path) in
            [("GET", "/"), ("PUT", "/guardrails"), ("GET", "/guardrails/"), ("GET", "/foundation-models")]
        {
            assert_eq!(absent(method, path), None, "{method} {path}");
        }
    }
}
