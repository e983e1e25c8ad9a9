//! Anthropic's form: of a file, or of flags.

use outcrop::account::{FormMistake, UseCase};

use crate::args::{IntendedUsers, UseCaseFlags};
use crate::exit::Failure;

/// A field of the form, by AWS's name, and its flag.
const FLAGS: [(&str, &str); 6] = [
    ("companyName", "--company-name"),
    ("companyWebsite", "--company-website"),
    ("intendedUsers", "--intended-users"),
    ("industryOption", "--industry"),
    ("otherIndustryOption", "--other-industry"),
    ("useCases", "--use-cases"),
];

/// The form that was given, if one was. Every mistake is told at once.
pub(super) fn form(flags: &UseCaseFlags) -> Result<Option<UseCase>, Failure> {
    if let Some(path) = &flags.use_case {
        let wrong = |why: String| Failure::usage(format!("cannot use the form {}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let form: UseCase = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let mistakes: Vec<String> = form.mistakes().iter().map(ToString::to_string).collect();
        return if mistakes.is_empty() { Ok(Some(form)) } else { Err(wrong(mistakes.join("; "))) };
    }
    let users = flags.intended_users.map(|who| match who {
        IntendedUsers::Internal => "0",
        IntendedUsers::External => "1",
        IntendedUsers::Both => "2",
    });
    let given = [
        flags.company_name.as_deref(),
        flags.company_website.as_deref(),
        users,
        flags.industry.as_deref(),
        flags.other_industry.as_deref(),
        flags.use_cases.as_deref(),
    ];
    if given.iter().all(Option::is_none) {
        return Ok(None);
    }
    let [name, website, users, industry, other, uses] = given.map(|part| part.unwrap_or_default().to_owned());
    let form = UseCase {
        company_name: name,
        company_website: website,
        intended_users: users,
        industry_option: industry,
        other_industry_option: other,
        use_cases: uses,
        ..UseCase::default()
    };
    let mistakes: Vec<String> = form.mistakes().iter().map(|mistake| as_flag(mistake, &given)).collect();
    match mistakes.is_empty() {
        true => Ok(Some(form)),
        false => Err(Failure::usage(format!("Anthropic's form is not right: {}", mistakes.join("; ")))),
    }
}

/// A mistake in the words of this program.
fn as_flag(mistake: &FormMistake, given: &[Option<&str>; 6]) -> String {
    let at = FLAGS.iter().position(|(field, _)| *field == mistake.field);
    let flag = at.map_or(mistake.field, |at| FLAGS[at].1);
    match at.and_then(|at| given[at]) {
        None if mistake.field != "otherIndustryOption" => format!("{flag} is missing"),
        _ => format!("{flag} {}", mistake.why.replace("industryOption", "--industry")),
    }
}
