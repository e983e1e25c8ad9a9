//! Everything that is decided about an outgoing call, decided here and touching nothing: which surface, which path,
//! which edits to the body, each with its reason.

use outcrop_wire::Json;
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::edit::Edit;
use outcrop_wire::messages::{Block, MessageRequest};
use outcrop_wire::model::Named;
use outcrop_wire::surface::{Delivery, Place, Surface};

/// What a request needs of a surface and a model: read from a typed request, or from a raw body that stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Needs {
    /// The version the caller insists on.
    pub version: Option<String>,
    /// Beta flags.
    pub betas: Vec<String>,
    /// Tokens that may be generated.
    pub max_tokens: u32,
    /// Types of blocks that are not text.
    pub blocks: Vec<String>,
    /// Types of tools.
    pub tools: Vec<String>,
    /// The kind of thinking.
    pub thinking: Option<String>,
    /// Top-level members that have no field.
    pub members: Vec<String>,
}

impl Needs {
    /// Of a typed request.
    #[must_use]
    pub fn of(request: &MessageRequest) -> Self {
        let mut blocks: Vec<String> = Vec::new();
        for block in request.blocks().filter(|block| !matches!(block, Block::Text(_))) {
            if !blocks.iter().any(|known| known == block.kind()) {
                blocks.push(block.kind().to_owned());
            }
        }
        Needs {
            version: request.anthropic_version.clone(),
            betas: request.betas.clone().unwrap_or_default(),
            max_tokens: request.max_tokens,
            blocks,
            tools: request.tools.iter().flatten().map(|tool| tool.kind().to_owned()).collect(),
            thinking: request.thinking.as_ref().map(|thinking| thinking.kind().to_owned()),
            members: request.extra.iter().map(|(name, _)| name.to_owned()).collect(),
        }
    }
}

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
}

/// An edit and its reason.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Adjustment {
    /// What changes.
    pub edit: Edit,
    /// Why.
    pub reason: String,
}

impl Plan {
    /// The edits alone.
    #[must_use]
    pub fn edits(&self) -> Vec<Edit> {
        self.edits.iter().map(|adjustment| adjustment.edit.clone()).collect()
    }

    /// Every reason, in order: for `--dry-run` and logs.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(String::as_str).chain(self.edits.iter().map(|adjustment| adjustment.reason.as_str()))
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
    let refuse = |why: &str, hint: &str| Refusal { why: why.to_owned(), hint: Some(hint.to_owned()) };
    if needs.max_tokens == 0 {
        return Err(refuse("max_tokens is 0", "set max_tokens to at least 1"));
    }
    targets
        .iter()
        .map(|target| match target.model.id.as_str() {
            "" => Err(refuse("no model was named", "name a model: `opus`, `sonnet`, `haiku`, an id or an ARN")),
            // Some HTTP stacks resolve dot segments, which would change the path after it was signed.
            "." | ".." => Err(refuse("the model id is a dot segment", "name a model, an id or an ARN")),
            _ => Ok(plan_one(needs, target, delivery, catalogue, today)),
        })
        .collect()
}

fn plan_one(needs: &Needs, target: &Target, delivery: Delivery, catalogue: &Catalogue, today: &str) -> Plan {
    let row = target.surface.row();
    let mut plan = Plan {
        target: target.clone(),
        delivery,
        path: row.path(delivery).replace("{model}", &target.model.id.path_segment()),
        headers: Vec::new(),
        edits: Vec::new(),
        notes: Vec::new(),
    };
    match (&target.model.model, &target.model.scope) {
        (Some(model), Some(scope)) if target.model.renamed => {
            plan.notes.push(format!("model {} in scope {scope}: {}", model.name(), target.model.id));
        }
        (None, _) => plan.notes.push(format!("model {} is not in the catalogue: sent as it is", target.model.id)),
        _ => {}
    }
    let drop = |edits: &mut Vec<Adjustment>, member: &'static str, place: Place, what: &str| {
        if place == Place::Path {
            edits.push(Adjustment {
                edit: Edit::drop(member),
                reason: format!("{member}: {what} travels in the path on {}", row.name),
            });
        }
    };
    version(&mut plan, needs, catalogue, today);
    drop(&mut plan.edits, "model", row.model, "the model");
    drop(&mut plan.edits, "stream", row.stream, "the wish for a stream");
    plan
}

/// The version, by the capability table; one that the caller insists on stays.
fn version(plan: &mut Plan, needs: &Needs, catalogue: &Catalogue, today: &str) {
    let row = plan.target.surface.row();
    if let Some(version) = &needs.version {
        plan.notes.push(format!("anthropic_version {version}: set by the caller"));
        return;
    }
    let Some(capability) = catalogue.capability(plan.target.model.model, plan.target.surface, "version.sent", today)
    else {
        return;
    };
    let reason = format!("anthropic_version {}: {} takes it ({})", capability.value, row.name, capability.source);
    match row.version {
        Place::Body(member) => {
            let value = Json::of(&*capability.value).unwrap_or_default();
            plan.edits.push(Adjustment { edit: Edit::set(member, value), reason });
        }
        Place::Header(name) => {
            plan.headers.push((name, capability.value.to_string()));
            plan.notes.push(reason);
        }
        Place::Path => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcrop_wire::model::{Model, ModelId};

    fn planned(request: &MessageRequest) -> Plan {
        let catalogue = Catalogue::built_in();
        let target = Target { surface: Surface::InvokeModel, region: None, model: catalogue.resolve(&request.model) };
        let mut plans =
            plan(&Needs::of(request), &[target], Delivery::Stream, &catalogue, "2026-11-23").expect("a plan");
        plans.remove(0)
    }

    #[test]
    fn the_version_comes_from_the_table_unless_the_caller_insists() {
        let mut request = MessageRequest::new(Model::CLAUDE_OPUS_4_6.global(), 16);
        let plan = planned(&request);
        assert_eq!(plan.path, "/model/global.anthropic.claude-opus-4-6-v1/invoke-with-response-stream");
        let members: Vec<&str> = plan.edits.iter().map(|adjustment| adjustment.edit.member()).collect();
        assert_eq!(members, ["anthropic_version", "model", "stream"]);
        request.anthropic_version = Some("2023-06-01".into());
        assert!(planned(&request).edits.iter().all(|adjustment| adjustment.edit.member() != "anthropic_version"));
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
            let request = MessageRequest::new(ModelId::from(id), tokens);
            let catalogue = Catalogue::built_in();
            let target =
                Target { surface: Surface::InvokeModel, region: None, model: catalogue.resolve(&request.model) };
            assert!(plan(&Needs::of(&request), &[target], Delivery::Unary, &catalogue, "2026-11-23").is_err(), "{id}");
        }
    }
}
