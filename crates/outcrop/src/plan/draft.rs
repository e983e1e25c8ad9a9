//! A plan while it is made: what the rules read and what they may say.

use outcrop_wire::catalogue::{Capabilities, Catalogue};
use outcrop_wire::edit::Edit;

use super::{Adjustment, Change, Needs, Plan, Refusal};

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
    pub(super) plan: Plan,
}

impl Draft<'_> {
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
