//! `outcrop whoami`: who calls.

use outcrop::account::{ApiKey, Identity};
use outcrop::wire::sigv4::AmzTime;
use outcrop::{Client, Surroundings};
use serde_json::{Value, json};

use crate::args::Whoami;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;
use crate::settings;

pub(crate) async fn run(whoami: Whoami, printer: &Printer) -> Result<(), Failure> {
    let client = settings::account(&whoami.account, printer).await?;
    let identity = client.identity().await?;
    if whoami.json {
        printer.line(&as_json(&identity).to_string())?;
    } else {
        printer.piece(&table::pairs(&as_pairs(&identity)))?;
    }
    remark(&identity, &client, printer);
    Ok(())
}

fn as_pairs(identity: &Identity) -> Vec<(&'static str, String)> {
    match identity {
        Identity::Caller(caller) => {
            vec![("account", caller.account.clone()), ("arn", caller.arn.clone()), ("user id", caller.user_id.clone())]
        }
        Identity::ApiKey(ApiKey::ShortTerm { access_key_id, region, ends, .. }) => vec![
            ("api key", "short-term".to_owned()),
            ("made of", access_key_id.clone()),
            ("region", region.clone()),
            ("until", ends.iso()),
        ],
        Identity::ApiKey(ApiKey::LongTerm { name, .. }) => {
            let name = name.iter().map(|name| ("name", name.clone()));
            [("api key", "long-term".to_owned())].into_iter().chain(name).collect()
        }
        Identity::ApiKey(_) => vec![("api key", "of a form that is not AWS's".to_owned())],
        _ => vec![("caller", "nobody: a gateway says who calls".to_owned())],
    }
}

fn as_json(identity: &Identity) -> Value {
    match identity {
        Identity::Caller(caller) => {
            json!({ "kind": "keys", "account": caller.account, "arn": caller.arn, "user_id": caller.user_id })
        }
        Identity::ApiKey(ApiKey::ShortTerm { access_key_id, region, ends, .. }) => json!({
            "kind": "short-term-key", "access_key_id": access_key_id, "region": region, "expires": ends.iso(),
        }),
        Identity::ApiKey(ApiKey::LongTerm { name, .. }) => json!({ "kind": "long-term-key", "name": name }),
        Identity::ApiKey(_) => json!({ "kind": "api-key" }),
        _ => json!({ "kind": "unsigned" }),
    }
}

/// What of it will not work, or cannot be known.
fn remark(identity: &Identity, client: &Client, printer: &Printer) {
    let Identity::ApiKey(key) = identity else { return };
    if let ApiKey::ShortTerm { region, ends, .. } = key {
        let now = AmzTime::from_unix(Surroundings::system().unix());
        if ends.unix() <= now.unix() {
            printer.warning("the key has ended: `outcrop token` makes another");
        }
        if let Some(called) = client.region().filter(|called| called != region) {
            printer.warning(&format!("the key is taken in {region} alone, and calls go to {called}"));
        }
    }
    printer.note("STS takes no Bedrock API keys: whose account it is, AWS does not say");
}
