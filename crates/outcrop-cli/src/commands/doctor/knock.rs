//! What Bedrock says to a call with an empty body, and whose business it is.

use outcrop::{Delivery, Error, Surface};

use super::examination::Examination;
use super::finding::is_absent;

/// What AWS calls the two ways of asking (IAM's list of actions of Bedrock; Mantle has one action for both).
const ACTIONS: [(Delivery, &str); 2] =
    [(Delivery::Stream, "bedrock:InvokeModelWithResponseStream"), (Delivery::Unary, "bedrock:InvokeModel")];

/// A call with an empty body.
pub(super) struct Knock {
    /// What the caller has to be allowed for it.
    pub(super) action: &'static str,
    /// What was said to it, where that was not about the body.
    pub(super) refusal: Option<Error>,
}

/// What a refusal is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Subject {
    /// Who calls is not known, or not believed.
    Caller,
    /// IAM.
    Permission,
    /// The model, or the inference profile: there is none of that name here, or it is not called so.
    Model,
    /// The end of the model's life.
    End,
    /// Anthropic's form.
    Form,
    /// The agreement, and what else an account needs for a model.
    Access,
    /// Who may keep what is said.
    Retention,
    /// Nothing of these.
    Other,
}

/// AWS's codes and words, the first row that fits. Each is quoted where the local Bedrock says it, or in the denials of
/// `outcrop_wire::fault`.
const WORDS: [(&str, &str, Subject); 9] = [
    ("AccessDeniedException", "API Key", Subject::Caller),
    ("AccessDeniedException", "AWS Marketplace actions", Subject::Access),
    ("AccessDeniedException", " is not authorized to perform: ", Subject::Permission),
    ("AccessDeniedException", "", Subject::Access),
    ("ResourceNotFoundException", "use case details have not been submitted", Subject::Form),
    ("ResourceNotFoundException", "end of its life", Subject::End),
    ("ResourceNotFoundException", "", Subject::Model),
    ("ValidationException", "data retention mode", Subject::Retention),
    ("ValidationException", "", Subject::Model),
];

/// Whose business a refusal is.
pub(super) fn subject(error: &Error) -> Subject {
    let Some(fault) = error.service_fault().filter(|_| !is_absent(error)) else { return Subject::Other };
    if fault.anthropic_kind() == "authentication_error" || fault.is_about_api_key() {
        return Subject::Caller;
    }
    let row = WORDS.iter().find(|(code, words, _)| *code == fault.aws_code() && fault.message.contains(words));
    row.map_or(Subject::Other, |(.., subject)| *subject)
}

impl Examination<'_> {
    /// Knocks, once in each way of asking. Nothing where it is not known what would be called.
    pub(super) async fn knocks(&mut self) -> &mut [Knock] {
        if self.knocks.is_none() {
            let known = self.target().ok().map(|(client, target)| (client.clone(), target.clone()));
            let mut knocks = Vec::new();
            if let Some((client, target)) = known {
                let ways = if target.surface == Surface::Mantle { &ACTIONS[1..] } else { &ACTIONS[..] };
                for (delivery, action) in ways {
                    let refusal = client.knock(target.model.id.clone(), *delivery, target.surface).await.err();
                    let answered = refusal.as_ref().is_none_or(|error| error.service_fault().is_some());
                    knocks.push(Knock { action, refusal });
                    if !answered {
                        break;
                    }
                }
            }
            self.knocks = Some(knocks);
        }
        self.knocks.as_deref_mut().unwrap_or_default()
    }

    /// Whether a call was taken as far as its body.
    pub(super) fn is_let_in(&self) -> bool {
        self.knocks.iter().flatten().any(|knock| knock.refusal.is_none())
    }

    /// What was said to a knock about this, for the check whose business it is.
    pub(super) async fn refused(&mut self, about: Subject) -> Option<Error> {
        let knocks = self.knocks().await.iter_mut();
        let mut refused = knocks.filter_map(|knock| knock.refusal.take_if(|error| subject(error) == about));
        refused.next()
    }
}
