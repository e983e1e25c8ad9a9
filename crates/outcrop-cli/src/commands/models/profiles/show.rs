//! `outcrop models profiles show`: everything that is known of one inference profile.

use outcrop::Client;
use outcrop::account::{InferenceProfile, ProfileType, Tag};
use outcrop::wire::catalogue::Catalogue;
use serde_json::json;

use super::find::find;
use super::{as_value, behind, called_by, regions};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;

pub(super) async fn show(client: &Client, asked: &str, as_json: bool, printer: &Printer) -> Result<(), Failure> {
    let profile = find(client, asked).await?;
    let is_own = profile.kind == ProfileType::Application;
    let tags = match is_own {
        false => Vec::new(),
        true => match client.models().tags(&*profile.inference_profile_arn).await {
            Ok(tags) => tags,
            // It may be asked for by others than those who see the profile.
            Err(error) => {
                printer.warning(&format!("its tags are not known: {error}"));
                Vec::new()
            }
        },
    };
    if as_json {
        let mut shown = as_value(client.catalogue(), &profile);
        shown["tags"] =
            tags.iter().map(|tag| (tag.key.clone(), json!(tag.value))).collect::<serde_json::Map<_, _>>().into();
        return Ok(printer.line(&shown.to_string())?);
    }
    Ok(printer.piece(&table::pairs(&pairs(client.catalogue(), &profile, &tags)))?)
}

fn pairs(catalogue: &Catalogue, profile: &InferenceProfile, tags: &[Tag]) -> Vec<(&'static str, String)> {
    let (model, scope) = behind(catalogue, profile);
    let mut pairs =
        vec![("profile", profile.inference_profile_name.clone()), ("called as", called_by(profile).to_owned())];
    pairs.extend(profile.description.iter().map(|text| ("description", text.clone())));
    pairs.extend([("model", model), ("scope", scope)]);
    pairs.push(("type", profile.kind.as_str().to_lowercase().replace('_', " ")));
    pairs.push(("status", profile.status.as_str().to_lowercase()));
    pairs.push(("processed in", regions(profile).join(" ")));
    pairs.extend(profile.created_at.iter().map(|when| ("made", when.clone())));
    pairs.extend(tags.iter().map(|tag| ("tag", format!("{}={}", tag.key, tag.value))));
    pairs
}
