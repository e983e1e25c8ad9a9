//! Everything that is decided about an outgoing call, decided here and touching nothing: which surface, which path,
//! which edits to the body, each with its reason.

mod draft;
mod needs;
mod rules;
pub(crate) mod scope;
mod thinking;
mod tools;

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::edit::Edit;
use outcrop_wire::model::{Model, ModelId, Named};
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::{Delivery, Place, Surface};

use self::draft::Draft;
pub use self::needs::{AutomaticCache, Needs, ToolNeed};

/// A place a call may go to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Target {
    /// By which way in.
    pub surface: Surface,
    /// In which region, where one is known.
    pub region: Option<String>,
    /// What the caller's id names.
    pub model: Named,
}

/// What is sent where, and why. The body itself is not here: `edits` say how it differs from the request.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// The target.
    pub target: Target,
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
    /// None: it is said where the surface takes it.
    Placed,
    /// It is said in another way, that comes close.
    Translated,
    /// Something is left out.
    Dropped,
}

impl Adjustment {
    /// What the caller insists on.
    pub(crate) fn insisted(edit: Edit, reason: String) -> Self {
        Adjustment { name: "extra_body", change: Change::Placed, edit: Some(edit), reason }
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
        let lossy = self.edits.iter().filter(|adjustment| adjustment.change != Change::Placed);
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

/// Plans a call: one plan for each target, in the order they are to be tried.
///
/// `today` is an ISO date: rows of the catalogue hold from a day and until a day.
///
/// # Errors
/// When there is no target that could take the request.
pub fn plan(
    needs: &Needs,
    targets: &[Target],
    delivery: Delivery,
    catalogue: &Catalogue,
    today: &str,
) -> Result<Vec<Plan>, Refusal> {
    targets
        .iter()
        .map(|target| match target.model.id.as_str() {
            "" => Err(draft::refuse("no model was named", "name a model: `opus`, `sonnet`, `haiku`, an id or an ARN")),
            // Some HTTP stacks resolve dot segments, which would change the path after it was signed.
            id if id.ends_with("[1m]") => Err(draft::refuse(
                format!("`{id}` is no model id"),
                "leave out `[1m]`: `context_1m()` (`--1m`) asks for it",
            )),
            "." | ".." => Err(draft::refuse("the model id is a dot segment", "name a model, an id or an ARN")),
            _ => plan_one(needs, target, delivery, catalogue, today),
        })
        .collect()
}

fn plan_one(
    needs: &Needs,
    target: &Target,
    delivery: Delivery,
    catalogue: &Catalogue,
    today: &str,
) -> Result<Plan, Refusal> {
    let row = target.surface.row();
    let accepts = catalogue.accepts(target.model.model, target.surface, today);
    let id = match delivery {
        Delivery::Count => countable(&target.model),
        Delivery::Unary | Delivery::Stream => target.model.id.clone(),
    };
    let plan = Plan {
        target: target.clone(),
        delivery,
        path: row.path(delivery).replace("{model}", &id.path_segment()),
        headers: Vec::new(),
        edits: Vec::new(),
        notes: Vec::new(),
        body_limit: accepts.max_body(),
    };
    let betas = needs.betas.iter().chain(&needs.header_betas).cloned().collect();
    let mut draft = Draft { needs, catalogue, accepts, today, betas, needed: Vec::new(), plan };
    match (&target.model.model, &target.model.scope) {
        (Some(model), Some(scope)) if target.model.renamed => {
            draft.note(format!("model {} in scope {scope}: {}", model.name(), target.model.id));
        }
        (None, _) => draft.note(format!("model {} is not in the catalogue: sent as it is", target.model.id)),
        _ => {}
    }
    if delivery == Delivery::Count {
        if id != target.model.id {
            draft.note(format!("tokens are counted by the base id: {id}"));
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
        if place == Place::Path {
            let reason = format!("{member}: {what} travels in the path on {}", row.name);
            draft.edit("path", Change::Placed, Edit::drop(member), reason);
        }
    }
    Ok(draft.plan)
}

/// The id that tokens are counted by: the base id, no profile (recorded: a profile is answered 400 `The provided model
/// doesn't support counting tokens.`).
fn countable(named: &Named) -> ModelId {
    let base = |model: Model| model.regional();
    match (named.model, Scope::split(named.id.as_str())) {
        (Some(model), _) => base(model),
        (None, Some((_, rest))) => ModelId::from(rest),
        (None, None) => named.id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcrop_wire::messages::MessageRequest;

    fn planned(request: &MessageRequest) -> Plan {
        planned_for(request, Delivery::Stream).expect("a plan")
    }

    fn planned_for(request: &MessageRequest, delivery: Delivery) -> Result<Plan, Refusal> {
        let catalogue = Catalogue::built_in();
        let target = Target { surface: Surface::InvokeModel, region: None, model: catalogue.resolve(&request.model) };
        plan(&Needs::of(request), &[target], delivery, &catalogue, "2026-11-23").map(|mut plans| plans.remove(0))
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
