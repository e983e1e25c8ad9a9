//! What is agreed to before a model is used: offers, agreements, and Anthropic's form about what it is used for.
//!
//! Source: botocore service model bedrock 2023-04-20; the members of the form are those of public programs that send it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::record::{open_enum, record};

record! {
    /// The answer of `ListFoundationModelAgreementOffers`.
    pub struct AgreementOffers {
        /// The base id of the model.
        required model_id("modelId"): String,
        /// What may be agreed to.
        default offers: Vec<Offer>,
    }
}

record! {
    /// What may be agreed to.
    pub struct Offer {
        /// `offer-...`
        lenient offer_id("offerId"): String,
        /// To agree with.
        required offer_token("offerToken"): String,
        /// The terms.
        required term_details("termDetails"): TermDetails,
    }
}

record! {
    /// The terms of an offer.
    #[derive(Default)]
    pub struct TermDetails {
        /// What it costs.
        lenient usage_based_pricing_term("usageBasedPricingTerm"): PricingTerm,
        /// The text that is agreed to.
        lenient legal_term("legalTerm"): LegalTerm,
        /// What support there is.
        lenient support_term("supportTerm"): SupportTerm,
        /// How long it holds.
        lenient validity_term("validityTerm"): ValidityTerm,
    }
}

record! {
    /// What an offer costs.
    #[derive(Default)]
    pub struct PricingTerm {
        /// A row for each thing that is paid for.
        default rate_card("rateCard"): Vec<Rate>,
    }
}

record! {
    /// What one thing costs.
    #[derive(Default)]
    pub struct Rate {
        /// What is paid for, by AWS's name.
        lenient dimension: String,
        /// Its price, as a decimal.
        lenient price: String,
        /// For people.
        lenient description: String,
        /// Of how much that is the price.
        lenient unit: String,
    }
}

record! {
    /// The text that is agreed to.
    #[derive(Default)]
    pub struct LegalTerm {
        /// Where it is.
        lenient url: String,
    }
}

record! {
    /// What support there is.
    #[derive(Default)]
    pub struct SupportTerm {
        /// Whether money is given back.
        lenient refund_policy_description("refundPolicyDescription"): String,
    }
}

record! {
    /// How long an offer holds.
    #[derive(Default)]
    pub struct ValidityTerm {
        /// For how long an agreement is made.
        lenient agreement_duration("agreementDuration"): String,
    }
}

open_enum! {
    /// Which offers are wanted.
    pub enum OfferType {
        /// All.
        All = "ALL",
        /// Those that are made to everybody.
        Public = "PUBLIC",
    }
}

record! {
    /// The body of `CreateFoundationModelAgreement`.
    pub struct AgreementRequest {
        /// That of the offer.
        required offer_token("offerToken"): String,
        /// The base id of the model.
        required model_id("modelId"): String,
    }
}

record! {
    /// The model of an agreement: the answer of `CreateFoundationModelAgreement`, the body of
    /// `DeleteFoundationModelAgreement`.
    pub struct ModelAgreement {
        /// The base id of the model.
        required model_id("modelId"): String,
    }
}

record! {
    /// The body of `PutUseCaseForModelAccess`, and the answer of `GetUseCaseForModelAccess`.
    pub struct UseCaseForm {
        /// JSON in base64: 10 to 16,384 bytes before that.
        required form_data("formData"): String,
    }
}

impl UseCaseForm {
    /// How many bytes the JSON has at least, and at most.
    pub const BYTES: std::ops::RangeInclusive<usize> = 10..=16_384;

    /// A form that is filled in so.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(use_case: &UseCase) -> Result<Self, serde_json::Error> {
        let form_data = STANDARD.encode(serde_json::to_vec(use_case)?);
        Ok(UseCaseForm { form_data, extra: Default::default() })
    }

    /// Its JSON; `None` where it is no base64.
    #[must_use]
    pub fn json(&self) -> Option<Vec<u8>> {
        STANDARD.decode(&self.form_data).ok()
    }

    /// How it is filled in; `None` where it is no such form.
    #[must_use]
    pub fn use_case(&self) -> Option<UseCase> {
        serde_json::from_slice(&self.json()?).ok()
    }
}

record! {
    /// Anthropic's form: who uses its models, and for what.
    #[derive(Default)]
    pub struct UseCase {
        /// The company.
        default company_name("companyName"): String,
        /// Its web site.
        default company_website("companyWebsite"): String,
        /// Who will use it: `0` the company itself, `1` its customers, `2` both.
        default intended_users("intendedUsers"): String,
        /// Its industry, by AWS's name: `Education`.
        default industry_option("industryOption"): String,
        /// Its industry, where AWS has no name for it.
        default other_industry_option("otherIndustryOption"): String,
        /// What for.
        default use_cases("useCases"): String,
    }
}

/// What is wrong with a field of a form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FormMistake {
    /// The field, by AWS's name: `companyWebsite`.
    pub field: &'static str,
    /// Why it will not do.
    pub why: String,
}

impl fmt::Display for FormMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.why)
    }
}

impl UseCase {
    /// Everything that is wrong with it; AWS says `Invalid form data` and no more. Which industries it has a name for is
    /// not documented: any is taken.
    #[must_use]
    pub fn mistakes(&self) -> Vec<FormMistake> {
        let (website, users) = ("companyWebsite", "intendedUsers");
        let fields = [
            ("companyName", &self.company_name),
            (website, &self.company_website),
            (users, &self.intended_users),
            ("industryOption", &self.industry_option),
            ("useCases", &self.use_cases),
        ];
        let wrong = fields.into_iter().filter_map(|(field, value)| {
            let why = match field {
                _ if value.trim().is_empty() => "is empty".to_owned(),
                _ if field == website && !is_url(value) => format!("`{value}` is no URL such as https://example.com"),
                _ if field == users && !["0", "1", "2"].contains(&value.as_str()) => {
                    format!("`{value}` is none of 0 (the company itself), 1 (its customers) and 2 (both)")
                }
                _ => return None,
            };
            Some(FormMistake { field, why })
        });
        let mut wrong: Vec<FormMistake> = wrong.collect();
        if self.industry_option.eq_ignore_ascii_case("other") && self.other_industry_option.trim().is_empty() {
            let why = "is empty, and industryOption says that it is another".to_owned();
            wrong.push(FormMistake { field: "otherIndustryOption", why });
        }
        wrong
    }
}

/// Whether it is the address of a site that others can reach.
fn is_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    host.contains('.') && host.split('.').all(|label| !label.is_empty()) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::UseCase;

    #[test]
    fn every_mistake_of_a_form_is_told() {
        let good = UseCase {
            company_name: "Example".to_owned(),
            company_website: "https://www.example.com/about".to_owned(),
            intended_users: "2".to_owned(),
            industry_option: "Education".to_owned(),
            use_cases: "Questions about our own texts".to_owned(),
            ..UseCase::default()
        };
        assert_eq!(good.mistakes(), []);
        let fields = |form: &UseCase| -> Vec<&str> { form.mistakes().iter().map(|mistake| mistake.field).collect() };
        assert_eq!(
            fields(&UseCase::default()),
            ["companyName", "companyWebsite", "intendedUsers", "industryOption", "useCases"]
        );
        for website in
            ["example.com", "https://", "https://example", "https://a..b", "https://exa mple.com", "ftp://a.b"]
        {
            let form =
                UseCase { company_website: website.to_owned(), intended_users: "both".to_owned(), ..good.clone() };
            assert_eq!(fields(&form), ["companyWebsite", "intendedUsers"], "{website}");
        }
        let other = UseCase { industry_option: "Other".to_owned(), ..good };
        assert_eq!(fields(&other), ["otherIndustryOption"]);
    }
}
