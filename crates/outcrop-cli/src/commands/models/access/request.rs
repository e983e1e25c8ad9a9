//! `outcrop models access request`: the offer is shown, agreed to, and waited for.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use outcrop::Client;
use outcrop::account::Offer;
use outcrop::wire::account::{AgreementStatus, Availability};
use serde_json::{Value, json};

use super::form::form;
use crate::args::AccessRequest;
use crate::commands::models::meant::{elsewhere, explained, meant};
use crate::commands::models::standing::Standing;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;

pub(super) async fn run(client: &Client, wanted: &AccessRequest, json: bool, printer: &Printer) -> Result<(), Failure> {
    let form = form(&wanted.form)?;
    let (models, model) = (client.models(), wanted.model.as_str());
    let access = models.access();
    let named = meant(client.catalogue(), model, client.region())?;
    let availability = models.availability(model).await.map_err(|error| explained(error, client, model))?;
    // What follows is said before anybody is asked to agree to anything.
    if availability.region_availability == Availability::NotAvailable {
        let failure = Failure::usage(format!("cannot get access to {model}: the region does not have it"));
        return Err(match named.model {
            Some(named) => failure.hint(elsewhere(named, client.region())),
            None => failure,
        });
    }
    let has_form = models.use_case_form().await?.is_some();
    if !has_form && form.is_none() {
        return Err(Failure::usage(format!(
            "cannot get access to {model}: the account has not filled in Anthropic's form about what its models are used for"
        ))
        .hint("give it with --use-case FILE, or with --company-name and the flags after it: outcrop models access request --help"));
    }
    let agreement = &availability.agreement_availability.status;
    let agreed = matches!(agreement, AgreementStatus::Available | AgreementStatus::Pending);
    let granted = if agreed {
        access.request(model, form.as_ref()).await?
    } else {
        let Some(offer) = access.offers(model).await?.into_iter().next() else {
            return Err(Failure::new(format!("cannot get access to {model}: AWS has no offer of it here")));
        };
        if !json {
            printer.piece(&shown(&availability.model_id, &offer))?;
        }
        if !wanted.yes {
            confirm(model)?;
        }
        printer.explain("agreeing, and waiting until the agreement stands");
        access.accept(model, &offer, form.as_ref()).await?
    };
    let standing = Standing::ask(client, models, &granted.availability.model_id, Some(true)).await?;
    let (state, obstacles) = (standing.words(), standing.obstacles(client.region()));
    if json {
        let remaining = obstacles.iter().map(|obstacle| json!({"what": obstacle.what, "how": obstacle.how}));
        let remaining: Vec<Value> = remaining.collect();
        let said = json!({
            "id": granted.availability.model_id,
            "access": state,
            "granted": standing.is_granted(),
            "remaining": remaining,
            "offer": granted.offer.as_ref().map(|offer| json!({
                "id": offer.offer_id,
                "terms": terms(offer),
            })),
            "form_submitted": granted.form_submitted,
        });
        return Ok(printer.line(&said.to_string())?);
    }
    if granted.form_submitted {
        printer.note("Anthropic's form was filled in for the account");
    }
    let how = if granted.offer.is_none() && agreed { "an agreement stood already" } else { "agreed" };
    printer.line(&format!("{}: {state} ({how})", granted.availability.model_id))?;
    for obstacle in obstacles {
        let how = obstacle.how.map(|how| format!(": {how}")).unwrap_or_default();
        printer.warning(&format!("it cannot be called yet, {}{how}", obstacle.what));
    }
    Ok(())
}

/// What is agreed to.
fn shown(id: &str, offer: &Offer) -> String {
    let mut pairs = vec![("model", id.to_owned())];
    pairs.extend(offer.offer_id.clone().map(|id| ("offer", id)));
    pairs.push(("terms", terms(offer).unwrap_or("AWS names none").to_owned()));
    let terms = &offer.term_details;
    let refunds = terms.support_term.as_ref().and_then(|term| term.refund_policy_description.clone());
    pairs.extend(refunds.map(|refunds| ("refunds", refunds)));
    let duration = terms.validity_term.as_ref().and_then(|term| term.agreement_duration.clone());
    pairs.extend(duration.map(|duration| ("holds for", duration)));
    let mut text = table::pairs(&pairs);
    let card = terms.usage_based_pricing_term.iter().flat_map(|term| &term.rate_card);
    let cells: Vec<[String; 2]> = card
        .map(|rate| {
            let price = rate.price.as_deref().map(|price| format!("${price}")).unwrap_or_default();
            [price, rate.description.clone().or(rate.dimension.clone()).unwrap_or_default()]
        })
        .collect();
    text.push('\n');
    text.push_str(&table::table(["PRICE", "OF"], &cells));
    text.push('\n');
    text
}

/// Where the text is that is agreed to.
fn terms(offer: &Offer) -> Option<&str> {
    offer.term_details.legal_term.as_ref()?.url.as_deref()
}

/// Asks whoever sits there; nobody agrees by silence.
fn confirm(model: &str) -> Result<(), Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::usage(format!(
            "access to {model} is an agreement with terms and prices, and nobody was asked"
        ))
        .hint("read the terms, then say --yes"));
    }
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "Agree to these terms and prices? [y/N] ");
    let _ = err.flush();
    let mut answer = String::new();
    let read = stdin.lock().read_line(&mut answer);
    read.map_err(|error| Failure::new(format!("cannot read the answer: {error}")))?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new(format!("access to {model} was not asked for: the terms were not agreed to"))),
    }
}
