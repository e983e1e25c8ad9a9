//! By which surface a call goes: by the one the caller names, or the first that has the model and what the request needs;
//! and why.

use outcrop_wire::catalogue::{Capabilities, Catalogue};
use outcrop_wire::model::Named;
use outcrop_wire::surface::{Delivery, Surface};

use super::draft::refuse;
use super::{Needs, Refusal};

/// In this order they are looked at where the caller names none. The first is the default: it takes requests as they are,
/// and has every model but a few.
const ORDER: [Surface; 4] = [Surface::InvokeModel, Surface::Converse, Surface::RuntimeMessages, Surface::Mantle];

/// The surface of a call.
pub(crate) struct Chosen<'a> {
    pub(crate) surface: Surface,
    /// What the model takes there.
    pub(crate) accepts: Capabilities<'a>,
    /// Why it is not the default.
    pub(crate) why: Option<String>,
}

/// What decides on a surface.
pub(crate) struct Choice<'a, 'c> {
    pub(crate) needs: &'a Needs,
    pub(crate) model: &'a Named,
    pub(crate) delivery: Delivery,
    pub(crate) catalogue: &'c Catalogue,
    pub(crate) today: &'a str,
    /// Why a surface had better not be called unasked.
    pub(crate) unreachable: &'a dyn Fn(Surface) -> Option<String>,
}

impl<'c> Choice<'_, 'c> {
    /// The surface that the caller names, or else the first that will do.
    ///
    /// # Errors
    /// When the one that is named will not do; when none has the model.
    pub(crate) fn choose(&self, named: Option<Surface>) -> Result<Chosen<'c>, Refusal> {
        let asked = named.unwrap_or(ORDER[0]);
        let accepts = self.accepts(asked);
        let Some(unfit) = self.unfit(asked, &accepts) else {
            let why = named.map(|surface| format!("surface {surface}: as it was set"));
            return Ok(Chosen { surface: asked, accepts, why });
        };
        let mut passed_over = Vec::new();
        let mut others = ORDER.into_iter().filter(|surface| *surface != asked).filter_map(|surface| {
            let accepts = self.accepts(surface);
            // Nobody is sent where nothing says that the model is.
            let fits = accepts.served() == Some(true) && self.unfit(surface, &accepts).is_none();
            fits.then_some((surface, accepts))
        });
        if named.is_some() {
            let names: Vec<&str> = others.map(|(surface, _)| surface.row().short).collect();
            return Err(match &names[..] {
                [] => refuse(unfit, "no surface has all of it: leave out what is not taken, or take another model"),
                names => refuse(unfit, format!("choose another surface: auto, {}", names.join(", "))),
            });
        }
        let other = others.find(|(surface, _)| match (self.unreachable)(*surface) {
            None => true,
            Some(why) => {
                passed_over.push(format!("{surface}: {why}"));
                false
            }
        });
        match other {
            Some((surface, accepts)) => {
                Ok(Chosen { surface, accepts, why: Some(format!("surface {surface}: {unfit}")) })
            }
            None if !passed_over.is_empty() => Err(refuse(
                unfit,
                format!("name the surface to have it called nevertheless ({})", passed_over.join("; ")),
            )),
            // What is wrong with the model or the request is told by the rules.
            None if accepts.served() != Some(false) => match self.where_tools_are(asked, &accepts) {
                Some(why) => Err(refuse(
                    why,
                    "define a tool of your own, leave out what stands in the way, or take another model",
                )),
                None => Ok(Chosen { surface: asked, accepts, why: None }),
            },
            None => Err(refuse(unfit, "take another model")),
        }
    }

    /// Why not where another surface has the tools that one refuses.
    fn where_tools_are(&self, asked: Surface, accepts: &Capabilities<'_>) -> Option<String> {
        let tool = self.needs.tools.iter().find(|tool| accepts.refuses_tool(&tool.kind))?;
        let others: Vec<String> = ORDER
            .into_iter()
            .filter(|surface| *surface != asked)
            .filter_map(|surface| {
                let accepts = self.accepts(surface);
                if accepts.refuses_tool(&tool.kind) || accepts.served().is_none() {
                    return None;
                }
                Some(format!("{surface} has them, but {}", self.unfit(surface, &accepts)?))
            })
            .collect();
        (!others.is_empty()).then(|| format!("{asked} has no tools of type {}; {}", tool.kind, others.join("; ")))
    }

    fn accepts(&self, surface: Surface) -> Capabilities<'c> {
        self.catalogue.accepts(self.model.model, surface, self.today)
    }

    /// Why a surface will not do, as far as the table says.
    fn unfit(&self, surface: Surface, accepts: &Capabilities<'_>) -> Option<String> {
        let model = || self.model.model.map_or_else(|| self.model.id.to_string(), |model| model.name().to_owned());
        if accepts.served() == Some(false) {
            return Some(format!("{} is not served on {surface}", model()));
        }
        if self.delivery == Delivery::Count && accepts.count_tokens() == Some(false) {
            return Some(format!("AWS does not count tokens of {} on {surface}", model()));
        }
        if self.needs.guardrail && !accepts.guardrails() {
            return Some(format!("{surface} applies no guardrail and says nothing of it"));
        }
        let tool = self.needs.tools.iter().find(|tool| accepts.refuses_tool(&tool.kind))?;
        Some(format!("{surface} has no tools of type {}", tool.kind))
    }
}
