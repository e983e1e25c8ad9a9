//! Everything that is decided about an outgoing call, decided here and touching nothing: which surface, which path,
//! which edits to the body, each with its reason.

pub(crate) mod documents;
mod draft;
mod id;
mod lifecycle;
mod needs;
mod rules;
pub(crate) mod scope;
mod surface;
mod thinking;
mod tools;

use std::sync::Arc;

use outcrop_wire::Json;
use outcrop_wire::account::ApplicationProfileArn;
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::convert::{Instead, Loss};
use outcrop_wire::edit::Edit;
use outcrop_wire::model::Named;
use outcrop_wire::surface::{Delivery, Place, Surface};

pub use self::documents::DocumentNeed;
use self::draft::Draft;
pub use self::needs::{AutomaticCache, Needs, ToolNeed};
pub use self::scope::callable;
pub(crate) use self::surface::{Choice, Chosen};

/// A place a call may go to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Destination {
    /// By which way in; by whichever has the model and what the request needs where it is none.
    pub surface: Option<Surface>,
    /// In which region, where one is known.
    pub region: Option<String>,
    /// What the caller's id names.
    pub model: Named,
    /// In whose name, where that is not the client's own account.
    pub account: Option<Arc<str>>,
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Target {
    /// By which way in.
    pub surface: Surface,
    /// In which region, where one is known.
    pub region: Option<String>,
    /// What the caller's id names; its id is the one that goes on the wire.
    pub model: Named,
    /// In whose name, where that is not the client's own account.
    pub account: Option<Arc<str>>,
}

/// What is sent where, and why. The body itself is not here: `edits` say how it differs from the request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// The target.
    pub target: Arc<Target>,
    /// Whole or streamed.
    pub delivery: Delivery,
    /// The path, encoded once.
    pub path: String,
    /// Headers of the surface, besides those of every call.
    pub headers: Vec<(&'static str, String)>,
    /// Edits to the top level of the body.
    pub edits: Vec<Adjustment>,
    /// What was decided without touching the body.
    pub notes: Vec<String>,
    /// Members of a body of Converse that say how the call is to be handled; elsewhere that stands in `headers`.
    pub members: Vec<Edit>,
    /// The most bytes the body may have, where a row says.
    pub(crate) body_limit: Option<u64>,
}

/// Something that differs from the request, and why.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Adjustment {
    /// Which rule made it: `version`, `sampling`, `tools.strict`, ...
    pub name: &'static str,
    /// What it does to the meaning.
    pub change: Change,
    /// What changes in the body, where this alone changes it.
    pub edit: Option<Edit>,
    /// Why.
    pub reason: String,
}

/// What an adjustment does to the meaning of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// None: nothing of the request differs, and whoever asked had better know.
    Told,
    /// None: it is said where the surface takes it.
    Placed,
    /// It is said in another way, that comes close.
    Translated,
    /// Something is left out, or sent to no avail.
    Dropped,
}

/// The name of what the caller insists on.
const INSISTED: &str = "extra_body";

impl Adjustment {
    /// What a dialect could not say; none where that loses nothing.
    pub(crate) fn of_loss(loss: &Loss) -> Option<Self> {
        let change = match loss.row.instead {
            Instead::Dropped | Instead::Unseen => Change::Dropped,
            Instead::Translated => Change::Translated,
            Instead::MadeUp | Instead::Kept => Change::Placed,
            Instead::Respelled => return None,
        };
        // The models take what version AWS chooses: nothing that was asked is lost.
        let change = if loss.row.name == "anthropic_version" { Change::Placed } else { change };
        Some(Adjustment { name: loss.row.name, change, edit: None, reason: format!("{loss} on Converse") })
    }

    /// What the caller insists on.
    pub(crate) fn insisted(edit: Edit, reason: String) -> Self {
        Adjustment { name: INSISTED, change: Change::Placed, edit: Some(edit), reason }
    }

    /// Something that whoever asked had better know.
    pub(crate) fn told(name: &'static str, reason: String) -> Self {
        Adjustment { name, change: Change::Told, edit: None, reason }
    }

    /// Whether nothing of the request differs for it.
    pub(crate) fn is_told(&self) -> bool {
        self.change == Change::Told
    }

    /// Whether the caller insists on it.
    pub(crate) fn is_insisted(&self) -> bool {
        self.name == INSISTED
    }
}

impl Plan {
    /// The edits alone.
    #[must_use]
    pub fn edits(&self) -> Vec<Edit> {
        self.edits.iter().filter_map(|adjustment| adjustment.edit.clone()).collect()
    }

    /// Every reason, in order: for `--dry-run` and logs.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(String::as_str).chain(self.edits.iter().map(|adjustment| adjustment.reason.as_str()))
    }

    /// Why this plan will not do for a caller who wants the request sent as it is.
    pub(crate) fn strictly(&self) -> Option<Refusal> {
        let lossy =
            self.edits.iter().filter(|adjustment| matches!(adjustment.change, Change::Translated | Change::Dropped));
        let reasons: Vec<&str> = lossy.map(|adjustment| adjustment.reason.as_str()).collect();
        (!reasons.is_empty()).then(|| Refusal {
            why: format!("it cannot be sent as it is: {}", reasons.join("; ")),
            hint: Some("change the request, or leave out strict to have it adjusted".to_owned()),
        })
    }
}

/// Why nothing can be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Refusal {
    /// What is wrong with the request.
    pub why: String,
    /// What to do next.
    pub hint: Option<String>,
}

/// What decides on plans, besides needs and destinations.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Circumstances<'a> {
    /// Whole, streamed or counted.
    pub delivery: Delivery,
    /// What models take.
    pub catalogue: &'a Catalogue,
    /// An ISO date: rows of the catalogue hold from a day and until a day.
    pub today: &'a str,
    /// Why a surface had better not be called in a region unless the caller names it.
    pub unreachable: &'a dyn Fn(Surface, Option<&str>) -> Option<String>,
}

impl<'a> Circumstances<'a> {
    /// Every surface can be called.
    #[must_use]
    pub fn new(delivery: Delivery, catalogue: &'a Catalogue, today: &'a str) -> Self {
        Circumstances { delivery, catalogue, today, unreachable: &|_, _| None }
    }
}

/// Plans a call: one plan for each destination, in the order they are to be tried. One but the first that could not take
/// the request is left out; the first plan says why.
///
/// # Errors
/// When the first destination could not take the request.
pub fn plan(
    needs: &Needs,
    destinations: Vec<Destination>,
    circumstances: Circumstances<'_>,
) -> Result<Vec<Plan>, Refusal> {
    let mut plans: Vec<Plan> = Vec::with_capacity(destinations.len());
    for destination in destinations {
        let Some(first) = plans.first_mut() else {
            plans.push(plan_one(needs, destination, circumstances)?);
            continue;
        };
        let region = destination.region.clone();
        match plan_one(needs, destination, circumstances) {
            Ok(plan) => plans.push(plan),
            Err(Refusal { why, .. }) => {
                let place = region.as_deref().unwrap_or("another target");
                first.notes.push(format!("failover to {place}: left out, {why}"));
            }
        }
    }
    Ok(plans)
}

fn plan_one(needs: &Needs, destination: Destination, circumstances: Circumstances<'_>) -> Result<Plan, Refusal> {
    let Destination { surface, region, model, account } = destination;
    let Circumstances { delivery, catalogue, today, unreachable } = circumstances;
    match model.id.as_str() {
        "" => {
            return Err(draft::refuse(
                "no model was named",
                "name a model: `opus`, `sonnet`, `haiku`, an id or an ARN",
            ));
        }
        id if id.ends_with("[1m]") => {
            let hint = "leave out `[1m]`: `context_1m()` (`--1m`) asks for it";
            return Err(draft::refuse(format!("`{id}` is no model id"), hint));
        }
        // Some HTTP stacks resolve dot segments, which would change the path after it was signed.
        "." | ".." => return Err(draft::refuse("the model id is a dot segment", "name a model, an id or an ARN")),
        _ => {}
    }
    let chosen = {
        let unreachable = |surface| unreachable(surface, region.as_deref());
        let choice = Choice { needs, model: &model, delivery, catalogue, today, unreachable: &unreachable };
        choice.choose(surface)
    };
    let Chosen { surface, accepts, why } = chosen?;
    let target = Target { surface, region, model, account };
    finish(Draft::new(needs, target, accepts, delivery, catalogue, today), why)
}

/// What the rules make of a draft.
fn finish(mut draft: Draft<'_>, surface: Option<String>) -> Result<Plan, Refusal> {
    draft.plan.notes.extend(surface);
    let target = Arc::clone(&draft.plan.target);
    let (row, delivery) = (target.surface.row(), draft.plan.delivery);
    match (&target.model.model, &target.model.scope) {
        (Some(model), Some(scope)) if target.model.renamed => {
            draft.note(format!("model {} in scope {scope}: {}", model.name(), target.model.id));
        }
        (Some(model), _) if draft.id.is_another => {
            draft.note(format!("model {}: called {} on {}", model.name(), draft.id.sent, row.name));
        }
        (Some(model), Some(scope)) if ApplicationProfileArn::parse(target.model.id.as_str()).is_some() => {
            draft.note(format!("model {} in scope {scope}: behind {}", model.name(), target.model.id));
        }
        (None, _) => draft.note(format!("model {} is not in the catalogue: sent as it is", target.model.id)),
        _ => {}
    }
    if delivery == Delivery::Count {
        if draft.id.is_base {
            draft.note(format!("tokens are counted by the base id: {}", draft.id.sent));
        }
        if draft.accepts.count_tokens() == Some(false) {
            return Err(draft::refuse(
                format!("AWS does not count tokens of {} on {}", draft.model(), row.name),
                "count with a model of the same family that it counts for: claude-opus-4-6 or claude-sonnet-4-6",
            ));
        }
    }
    for rule in rules::RULES {
        rule(&mut draft)?;
    }
    for (member, place, what) in [("model", row.model, "the model"), ("stream", row.stream, "the wish for a stream")] {
        let travels = |place: &str| format!("{member}: {what} travels in the {place} on {}", row.name);
        match (place, member) {
            (Place::Path, _) => draft.edit("path", Change::Placed, Edit::drop(member), travels("path")),
            (Place::Body(name), "model") => {
                let value = Json::of(draft.id.sent.as_str()).unwrap_or_default();
                draft.edit("path", Change::Placed, Edit::set(name, value), travels("body"));
            }
            (Place::Body(name), _) => {
                let edit = match delivery {
                    Delivery::Stream => Edit::set(name, Json::of(&true).unwrap_or_default()),
                    Delivery::Unary | Delivery::Count => Edit::drop(name),
                };
                draft.edit("path", Change::Placed, edit, travels("body"));
            }
            (Place::Header(_) | Place::Nowhere, _) => {}
        }
    }
    Ok(draft.plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcrop_wire::messages::MessageRequest;
    use outcrop_wire::model::Model;

    fn planned(request: &MessageRequest) -> Plan {
        planned_for(request, Delivery::Stream).expect("a plan")
    }

    fn planned_for(request: &MessageRequest, delivery: Delivery) -> Result<Plan, Refusal> {
        let catalogue = Catalogue::built_in();
        let model = catalogue.resolve(&request.model);
        let destination = Destination { surface: None, region: None, model, account: None };
        let circumstances = Circumstances::new(delivery, &catalogue, "2026-11-23");
        plan(&Needs::of(request), vec![destination], circumstances).map(|mut plans| plans.remove(0))
    }

    #[test]
    fn the_version_comes_from_the_table_unless_the_caller_insists() {
        let mut request = MessageRequest::new(Model::CLAUDE_OPUS_4_6.global(), 16);
        let plan = planned(&request);
        assert_eq!(plan.path, "/model/global.anthropic.claude-opus-4-6-v1/invoke-with-response-stream");
        let members: Vec<&str> = plan.edits.iter().map(|adjustment| adjustment.name).collect();
        assert_eq!(members, ["version", "path", "path"]);
        request.anthropic_version = Some("2023-06-01".into());
        assert!(planned(&request).edits().iter().all(|edit| edit.member() != "anthropic_version"));
    }

    #[test]
    fn an_announced_end_is_told() {
        let told = |model: Model, region: Option<&str>, delivery, today| {
            let catalogue = Catalogue::built_in();
            let model = catalogue.resolve_from(&model.into(), region, None);
            let destination = Destination { surface: None, region: region.map(str::to_owned), model, account: None };
            let needs = Needs::of(&MessageRequest::new("opus", 16));
            let plans =
                plan(&needs, vec![destination], Circumstances::new(delivery, &catalogue, today)).expect("a plan");
            plans[0].edits.iter().find(|adjustment| adjustment.name == "lifecycle").map(|told| told.reason.clone())
        };
        let opus = |today| told(Model::CLAUDE_OPUS_4_1, Some("us-east-1"), Delivery::Stream, today);
        assert_eq!(opus("2026-07-07"), None);
        assert_eq!(opus("2026-07-08").as_deref(), Some("claude-opus-4-1 is Legacy: AWS ends it on 2027-01-08"));
        let dearer = "claude-opus-4-1 is Legacy and may cost more since 2026-10-08: AWS ends it on 2027-01-08";
        assert_eq!(opus("2026-11-23").as_deref(), Some(dearer));
        let ended = "claude-opus-4-1 has ended: AWS serves it no more since 2027-01-08";
        assert_eq!(opus("2027-01-08").as_deref(), Some(ended));
        let sonnet = |region, delivery| told(Model::CLAUDE_SONNET_4_5, Some(region), delivery, "2026-11-23");
        assert!(sonnet("us-east-1", Delivery::Unary).is_some());
        assert_eq!(sonnet("us-gov-west-1", Delivery::Unary), None, "the announcement does not name the region");
        assert_eq!(sonnet("us-east-1", Delivery::Count), None, "nothing is answered");
    }

    #[test]
    fn a_name_is_noted_and_an_unknown_id_goes_as_it_is() {
        let plan = planned(&MessageRequest::new("haiku", 1));
        assert!(plan.path.starts_with("/model/global.anthropic.claude-haiku-4-5-20251001-v1%3A0/"), "{}", plan.path);
        assert_eq!(
            plan.reasons().next(),
            Some("model claude-haiku-4-5 in scope global: global.anthropic.claude-haiku-4-5-20251001-v1:0")
        );
        let arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/ab";
        assert!(planned(&MessageRequest::new(arn, 1)).path.contains("application-inference-profile%2Fab"));
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for (id, tokens) in [("", 1), ("..", 1), ("opus", 0)] {
            assert!(planned_for(&MessageRequest::new(id, tokens), Delivery::Unary).is_err(), "{id}");
        }
    }

    #[test]
    fn tokens_are_counted_by_the_base_id() {
        for (id, path) in [
            ("opus", "/model/anthropic.claude-opus-4-6-v1/count-tokens"),
            (
                "us.anthropic.claude-sonnet-4-20250514-v1:0",
                "/model/anthropic.claude-sonnet-4-20250514-v1%3A0/count-tokens",
            ),
            ("eu.anthropic.claude-nova-9", "/model/anthropic.claude-nova-9/count-tokens"),
        ] {
            let plan = planned_for(&MessageRequest::new(id, 1), Delivery::Count).expect("a plan");
            assert_eq!(plan.path, path);
        }
    }
}
