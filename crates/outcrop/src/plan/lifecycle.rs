//! The rule of lifecycles: whoever calls a model that AWS has announced the end of is told so, and when it comes.

use outcrop_wire::catalogue::Phase;
use outcrop_wire::surface::Delivery;

use super::Refusal;
use super::draft::Draft;

/// The call goes out in any case: AWS may have agreed to go on with somebody.
pub(super) fn rule(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let region = draft.plan.target.region.clone();
    let (Some(model), false) = (draft.accepts.model(), draft.plan.delivery == Delivery::Count) else { return Ok(()) };
    let Some(announced) = model.announced(region.as_deref()) else { return Ok(()) };
    let (name, today) = (model.name(), draft.today);
    let ends = announced.ends.unwrap_or("a day that is not known");
    match model.phase(region.as_deref(), today) {
        Phase::Active => {}
        Phase::Legacy => {
            let dearer = announced.extended.filter(|day| *day <= today);
            let dearer = dearer.map(|day| format!(" and may cost more since {day}")).unwrap_or_default();
            draft.tell("lifecycle", format!("{name} is Legacy{dearer}: AWS ends it on {ends}"));
        }
        Phase::Ended => draft.tell("lifecycle", format!("{name} has ended: AWS serves it no more since {ends}")),
    }
    Ok(())
}
