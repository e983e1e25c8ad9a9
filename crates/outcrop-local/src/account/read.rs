//! The text of an account file -> the account.

mod access;

use super::{Account, Credential};
use crate::quotas::Quotas;
use crate::table::{self, Field, Result};

pub(super) fn account(text: &str) -> Result<Account> {
    table::whole(text, |top| {
        let mut account = Account::default();
        if let Some(field) = top.take("id") {
            let id = field.text()?;
            if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(field.expected("twelve digits"));
            }
            id.clone_into(&mut account.id);
        }
        let (keys, bearer) = (top.take("keys"), top.take("bearer"));
        if keys.is_some() || bearer.is_some() {
            account.credentials.clear();
        }
        for field in keys.map_or(Ok(Vec::new()), |keys| keys.list("a list of keys, each begun with [[keys]]"))? {
            let credential = self::keys(&field)?;
            if let Credential::Keys { access_key_id, .. } = &credential
                && account.keys(access_key_id).is_some()
            {
                return Err(field.error(format!("{access_key_id} stands here twice")));
            }
            account.credentials.push(credential);
        }
        account.credentials.extend(bearer.map_or(Ok(Vec::new()), |field| bearers(&field))?);
        top.take("access").map_or(Ok(()), |field| access::access(&field, &mut account.access))?;
        top.take("regions").map_or(Ok(()), |field| access::regions(&field, &mut account.access))?;
        if let Some(field) = top.take("quotas") {
            account.quotas = Quotas::of_field(&field)?;
        }
        Ok(account)
    })
}

fn keys(field: &Field<'_>) -> Result<Credential> {
    let mut table = field.table_or("a table, begun with [[keys]]")?;
    let (id, secret) = (table.take("access_key_id"), table.take("secret_access_key"));
    let token = table.take("session_token");
    table.finish()?;
    let Some(id) = id else { return Err(field.error("expected an `access_key_id`, found none")) };
    let Some(secret) = secret else { return Err(field.error("expected a `secret_access_key`, found none")) };
    let access_key_id = id.text()?;
    // What may stand in a scope (IAM API reference, `accessKeyIdType`).
    if access_key_id.is_empty() || !access_key_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(id.expected("letters and digits"));
    }
    Ok(Credential::Keys {
        access_key_id: access_key_id.to_owned(),
        secret_access_key: self::secret(&secret)?,
        session_token: token.map(|token| self::secret(&token)).transpose()?,
    })
}

fn bearers(field: &Field<'_>) -> Result<Vec<Credential>> {
    match field.list("") {
        Ok(keys) => keys.iter().map(|key| Ok(Credential::Bearer(secret(key)?))).collect(),
        Err(_) => Ok(vec![Credential::Bearer(secret(field)?)]),
    }
}

/// What it is, is not told where it is wrong.
fn secret(field: &Field<'_>) -> Result<String> {
    match field.text() {
        Ok(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err(field.error("expected a secret: a string that is not empty")),
    }
}

#[cfg(test)]
mod tests {
    use outcrop_wire::account::RetentionMode;
    use outcrop_wire::model::Model;

    use super::*;
    use crate::account::Granted;
    use crate::quotas::Way;

    const FORMAT: &str = include_str!("format.md");

    #[test]
    fn what_the_documentation_shows_is_read() {
        let text = FORMAT.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
        let account = account(text).expect("an account");
        assert_eq!(account.id, "210987654321");
        assert_eq!(account.keys("AKIAEXAMPLE"), Some(("opens nothing", None)));
        assert!(account.keys("ASIAEXAMPLE").is_some_and(|(_, token)| token == Some("must come with each request")));
        assert!(account.takes_bearer("ABSKmine") && account.takes_bearer("ABSKhers"));
        assert!(!account.takes_bearer(Account::BEARER_TOKEN) && account.keys(Account::ACCESS_KEY_ID).is_none());
        let names = |models: &[Model]| models.iter().map(|model| model.name()).collect::<Vec<_>>();
        let Granted::These(models) = &account.access.models else { panic!("{:?}", account.access) };
        assert_eq!(names(models), ["claude-opus-4-6", "claude-haiku-4-5"]);
        assert_eq!(account.access.form.as_ref().map(|form| form.intended_users.as_str()), Some("2"));
        assert_eq!((&account.access.retention, account.access.pending.as_secs()), (&RetentionMode::AwsReview, 2));
        assert_eq!(names(&account.access.lacks["eu-west-1"]), ["claude-opus-4-6"]);
        assert_eq!(account.quotas.of("claude-opus-4-6", Way::Global).tokens, Some(100_000));
        assert_eq!(account.quotas.of("claude-opus-4-6", Way::CrossRegion).requests, Some(50));
        let new = super::account("quotas = \"new-account\"").expect("an account");
        assert_eq!(new.quotas.of("claude-haiku-4-5", Way::OnDemand).a_day(Way::OnDemand), Some(0));
        let usual = super::account("quotas = \"default\"").expect("an account");
        assert_eq!(usual.quotas.of("claude-opus-4-8", Way::Global).tokens, Some(30_000_000));
        let default = super::account("").expect("the default");
        assert!(default.quotas.is_empty());
        assert!(default.access.models == Granted::All && default.access.form.is_some());
        let fresh = super::account("[access]\nmodels = \"none\"\nform = false").expect("an account");
        assert!(fresh.access.models == Granted::These(Vec::new()) && fresh.access.form.is_none());
        assert!(default.takes_bearer(Account::BEARER_TOKEN) && default.keys(Account::ACCESS_KEY_ID).is_some());
    }

    #[test]
    fn mistakes_name_their_line_and_no_secret() {
        for (text, wanted) in [
            ("id = \"1\"", "line 1, `id`: expected twelve digits, found \"1\""),
            ("\nid = 123456789012", "line 2, `id`: expected a string, found 123456789012"),
            ("idd = \"1\"", "line 1, `idd`: expected one of id, keys, bearer, access, regions, quotas, found this"),
            (
                "[access]\nmodels = \"some\"",
                "line 2, `access.models`: expected \"all\", \"none\" or a list of models, found \"some\"",
            ),
            (
                "access.models = [\"opus\", \"nova\"]",
                "line 1, `access.models.2`: expected a model of the catalogue, such as \"claude-opus-4-6\", found \"nova\"",
            ),
            ("[access]\nform = 1", "line 2, `access.form`: expected true, false or a table, found 1"),
            ("[access]\nform.name = 1", "line 2, `access.form.name`: expected one of company_name,"),
            ("[access]\n\nretention = \"all\"", "line 3, `access.retention`: expected \"default\" or \"none\" or"),
            ("[access]\npending = -1", "line 2, `access.pending`: expected a whole number, at least 0"),
            ("[regions]\nx = 1", "line 2, `regions.x`: expected a table, found 1"),
            ("[regions.x]\nhas = []", "line 2, `regions.x.has`: expected one of lacks, found this"),
            (
                "quotas = \"few\"",
                "line 1, `quotas`: expected \"default\" or \"new-account\" or a list of quotas, each begun with [[quotas]], found \"few\"",
            ),
            ("quotas = 5", "line 1, `quotas`: expected \"default\" or"),
            ("[[quotas]]\nway = \"fast\"", "line 2, `quotas.1.way`: expected \"on-demand\" or"),
            (
                "[[quotas]]\ntokens = \"x\"",
                "line 2, `quotas.1.tokens`: expected a whole number, at least 0, found \"x\"",
            ),
            ("bearer = 12345", "line 1, `bearer`: expected a secret: a string that is not empty"),
            ("bearer = [\"a\",\n \"\"]", "line 2, `bearer.2`: expected a secret: a string that is not empty"),
            ("keys = {}", "line 1, `keys`: expected a list of keys, each begun with [[keys]], found a table"),
            ("[[keys]]\naccess_key_id = \"A\"", "line 1, `keys.1`: expected a `secret_access_key`, found none"),
            (
                "[[keys]]\naccess_key_id = \"a/b\"\nsecret_access_key = \"s\"",
                "line 2, `keys.1.access_key_id`: expected letters and digits, found \"a/b\"",
            ),
            (
                "[[keys]]\naccess_key_id = \"A\"\nsecret_access_key = \"s\"\n[[keys]]\naccess_key_id = \"A\"\nsecret_access_key = \"t\"",
                "line 4, `keys.2`: A stands here twice",
            ),
            ("id = ", "line 1: "),
        ] {
            let mistake = account(text).expect_err(text).to_string();
            assert!(mistake.starts_with(wanted), "{text}: {mistake}");
        }
    }
}
