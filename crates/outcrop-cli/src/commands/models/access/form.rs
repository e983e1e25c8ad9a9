//! Anthropic's form: of a file, or of flags.

use outcrop::account::UseCase;

use crate::args::{IntendedUsers, UseCaseFlags};
use crate::exit::Failure;

/// The form that was given, if one was.
pub(super) fn form(flags: &UseCaseFlags) -> Result<Option<UseCase>, Failure> {
    if let Some(path) = &flags.use_case {
        let wrong = |why: String| Failure::usage(format!("cannot use the form {}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        return serde_json::from_str(&text).map(Some).map_err(|error| wrong(error.to_string()));
    }
    let users = flags.intended_users.map(|who| match who {
        IntendedUsers::Internal => "0",
        IntendedUsers::External => "1",
        IntendedUsers::Both => "2",
    });
    let parts = [
        ("--company-name", flags.company_name.as_deref()),
        ("--company-website", flags.company_website.as_deref()),
        ("--intended-users", users),
        ("--industry", flags.industry.as_deref()),
        ("--use-cases", flags.use_cases.as_deref()),
    ];
    if parts.iter().all(|(_, part)| part.is_none()) && flags.other_industry.is_none() {
        return Ok(None);
    }
    let missing: Vec<&str> = parts.iter().filter(|(_, part)| part.is_none()).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        return Err(Failure::usage(format!("Anthropic's form is not whole: {} missing", missing.join(", "))));
    }
    let [name, website, users, industry, uses] = parts.map(|(_, part)| part.unwrap_or_default().to_owned());
    Ok(Some(UseCase {
        company_name: name,
        company_website: website,
        intended_users: users,
        industry_option: industry,
        other_industry_option: flags.other_industry.clone().unwrap_or_default(),
        use_cases: uses,
        ..UseCase::default()
    }))
}
