//! How Bedrock is to handle a call, put where the surface takes it: headers of InvokeModel, members of Converse.

use outcrop_wire::handling::Handling;
use outcrop_wire::surface::{Delivery, Dialect};

use crate::plan::{Adjustment, Change, Plan, Refusal};

/// Puts it into a plan: into `headers`, or into `members`, which are set in a body of Converse once it is written.
///
/// # Errors
/// When AWS would not take it, or the surface takes no guardrail: a call must not go out without one that was asked for.
pub(super) fn place(handling: &Handling, plan: &mut Plan) -> Result<(), Refusal> {
    // Counts have no place for it (botocore service model), and nothing is handled there.
    if handling.is_empty() || plan.delivery == Delivery::Count {
        return Ok(());
    }
    handling.check().map_err(|problem| Refusal { why: problem.why, hint: Some(problem.hint) })?;
    let row = plan.target.surface.row();
    match row.dialect {
        Dialect::Invoke => plan.headers.extend(handling.headers()),
        Dialect::Converse => {
            let members = handling.members();
            plan.members = members.map_err(|error| Refusal { why: error.to_string(), hint: None })?;
        }
        Dialect::Messages => {
            if handling.guardrail.is_some() {
                return Err(Refusal {
                    why: format!("{} takes no guardrail", row.name),
                    hint: Some("call on InvokeModel or Converse, or leave the guardrail out".to_owned()),
                });
            }
            let said = [
                ("service tier", handling.tier.is_some()),
                ("latency", handling.latency.is_some()),
                ("request metadata", !handling.metadata.is_empty()),
            ];
            for (what, _) in said.into_iter().filter(|(_, said)| *said) {
                let reason = format!("handling: {} is not known to take a {what}; it is left out", row.name);
                plan.edits.push(Adjustment { name: "handling", change: Change::Dropped, edit: None, reason });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use outcrop_wire::catalogue::Catalogue;
    use outcrop_wire::converse::Tier;
    use outcrop_wire::handling::{Guardrail, SERVICE_TIER};
    use outcrop_wire::messages::MessageRequest;
    use outcrop_wire::surface::Surface;

    use super::*;
    use crate::call::CallOptions;
    use crate::plan::{Circumstances, Destination, Needs, plan};

    fn planned(surface: Surface, delivery: Delivery) -> Plan {
        let catalogue = Catalogue::built_in();
        let request = MessageRequest::new("anthropic.claude-haiku-4-5-20251001-v1:0", 16).user("Hello");
        let model = catalogue.resolve(&request.model);
        let destination = Destination { surface: Some(surface), region: None, model, account: None };
        let circumstances = Circumstances::new(delivery, &catalogue, "2026-11-23");
        plan(&Needs::of(&request), vec![destination], circumstances).expect("a plan").remove(0)
    }

    #[test]
    fn each_surface_has_it_in_its_own_place_or_says_so() {
        let handling = CallOptions::new().tier(Tier::Flex).request_metadata("team", "a").handling;
        let mut invoke = planned(Surface::InvokeModel, Delivery::Unary);
        assert_eq!(place(&handling, &mut invoke), Ok(()));
        assert!(invoke.headers.contains(&(SERVICE_TIER, "flex".to_owned())) && invoke.members.is_empty());
        let mut converse = planned(Surface::Converse, Delivery::Stream);
        assert_eq!(place(&handling, &mut converse), Ok(()));
        let members: Vec<&str> = converse.members.iter().map(|edit| edit.member()).collect();
        assert_eq!(members, ["requestMetadata", "serviceTier"]);
        let mut mantle = planned(Surface::Mantle, Delivery::Unary);
        assert_eq!(place(&handling, &mut mantle), Ok(()));
        let dropped: Vec<_> = mantle.edits.iter().filter(|edit| edit.name == "handling").collect();
        assert_eq!(dropped.len(), 2);
        assert!(dropped[0].reason.contains("service tier") && dropped[1].reason.contains("request metadata"));
        let mut count = planned(Surface::InvokeModel, Delivery::Count);
        let before = count.clone();
        assert_eq!((place(&handling, &mut count), &count), (Ok(()), &before));
    }

    #[test]
    fn no_call_goes_out_without_the_guardrail_it_asks_for() {
        let handling = CallOptions::new().guardrail(Guardrail::new("abc", "1")).handling;
        let refusal = place(&handling, &mut planned(Surface::Mantle, Delivery::Unary)).expect_err("it takes none");
        assert!(refusal.why.contains("Mantle takes no guardrail") && refusal.hint.is_some());
        let half = CallOptions::new().guardrail(Guardrail::new("abc", "")).handling;
        assert!(place(&half, &mut planned(Surface::InvokeModel, Delivery::Unary)).is_err());
    }
}
