//! A plan while it is made: what the rules read and what they may say.

use std::sync::Arc;

use outcrop_wire::catalogue::{Capabilities, Catalogue};
use outcrop_wire::edit::Edit;
use outcrop_wire::model::Named;
use outcrop_wire::surface::{Delivery, Place};

use super::id::Id;
use super::{Adjustment, Change, Needs, Plan, Refusal, Target};

/// A plan while it is made.
pub(super) struct Draft<'a> {
    pub(super) needs: &'a Needs,
    pub(super) catalogue: &'a Catalogue,
    pub(super) accepts: Capabilities<'a>,
    pub(super) today: &'a str,
    /// The beta flags that go out.
    pub(super) betas: Vec<String>,
    /// Those that something in the request does not work without.
    pub(super) needed: Vec<String>,
    /// What the model is called there.
    pub(super) id: Id,
    pub(super) plan: Plan,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        needs: &'a Needs,
        target: Target,
        accepts: Capabilities<'a>,
        delivery: Delivery,
        catalogue: &'a Catalogue,
        today: &'a str,
    ) -> Self {
        let row = target.surface.row();
        let id = Id::new(&target.model, delivery, accepts.model_id());
        let path = match row.model {
            Place::Path => row.path(delivery).replace("{model}", &id.sent.path_segment()),
            _ => row.path(delivery).to_owned(),
        };
        let target = match delivery {
            // A count goes by an id of its own.
            Delivery::Count => target,
            Delivery::Unary | Delivery::Stream => {
                Target { model: Named { id: id.sent.clone(), ..target.model }, ..target }
            }
        };
        let plan = Plan {
            target: Arc::new(target),
            delivery,
            path,
            headers: Vec::new(),
            edits: Vec::new(),
            notes: Vec::new(),
            members: Vec::new(),
            body_limit: accepts.max_body(),
        };
        let betas = needs.betas.iter().chain(&needs.header_betas).cloned().collect();
        Draft { needs, catalogue, accepts, today, betas, needed: Vec::new(), id, plan }
    }

    /// What is decided without touching the body.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.plan.notes.push(text.into());
    }

    /// What changes in the body.
    pub(super) fn edit(&mut self, name: &'static str, change: Change, edit: Edit, reason: impl Into<String>) {
        self.plan.edits.push(Adjustment { name, change, edit: Some(edit), reason: reason.into() });
    }

    /// A change that is made together with others: of the beta flags, say.
    pub(super) fn adjust(&mut self, name: &'static str, change: Change, reason: impl Into<String>) {
        self.plan.edits.push(Adjustment { name, change, edit: None, reason: reason.into() });
    }

    /// What whoever asked had better know.
    pub(super) fn tell(&mut self, name: &'static str, reason: String) {
        self.plan.edits.push(Adjustment::told(name, reason));
    }

    /// A beta flag that something does not work without goes out, whether or not the model is known to take it.
    pub(super) fn beta(&mut self, beta: &str, why: &str) {
        self.needed.push(beta.to_owned());
        if self.accepts.beta(beta) == Some(false) {
            let model = self.model();
            self.note(format!("beta {beta}: {model} is not known to take it and may answer `invalid beta flag`"));
        }
        if !self.betas.iter().any(|known| known == beta) {
            self.betas.push(beta.to_owned());
            self.note(format!("beta {beta}: {why}"));
        }
    }

    /// The model, for people.
    pub(super) fn model(&self) -> String {
        let target = &self.plan.target.model;
        target.model.map_or_else(|| target.id.to_string(), |model| model.name().to_owned())
    }

    /// The surface, for people.
    pub(super) fn surface(&self) -> &'static str {
        self.plan.target.surface.row().name
    }
}

/// Nothing can be sent.
pub(super) fn refuse(why: impl Into<String>, hint: impl Into<String>) -> Refusal {
    Refusal { why: why.into(), hint: Some(hint.into()) }
}
