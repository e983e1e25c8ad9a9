//! What is said to a call whose sender is known: it is checked, remembered, weighed against the cache, and answered.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use outcrop_wire::catalogue::PdfView;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::route::Call;
use outcrop_wire::sigv4::AmzTime;
use outcrop_wire::surface::{Delivery, Surface};

use crate::asked::{Asked, Next};
use crate::cache::{self, Input, Place};
use crate::check::{check, check_prompt};
use crate::count;
use crate::dialect::{self, Wishes};
use crate::engine::prompt::Prompt;
use crate::engine::{Ask, Given, Incoming};
use crate::limits::{Admitted, Bucket};
use crate::quotas::Way;
use crate::reply::{Reply, What};
use crate::server::{Inner, Notice};
use crate::trouble::{Befallen, Case, Trouble, Troubles};

/// Bodies up to so many bytes are looked at where connections are served: going aside costs more.
const AT_ONCE: usize = 16 * 1024;

/// How long a body is for each of its tokens, more or less, where nobody looks into it.
const BYTES_A_TOKEN: u64 = 4;

/// What is said, and by whom.
pub(crate) struct Answered {
    pub(crate) given: Given,
    pub(crate) engine: &'static str,
    /// What the answer is to say besides.
    pub(crate) wishes: Wishes,
    /// What passed here and may be refused by AWS.
    pub(crate) warnings: Vec<String>,
}

/// Does `work` on a body of so many bytes: signatures, JSON, pictures and PDFs may take long, and others wait meanwhile.
pub(crate) async fn aside<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    if bytes <= AT_ONCE {
        return work();
    }
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(Fault::new("InternalServerException", "outcrop local: the call could not be looked at", Origin::Http))
    })
}

/// Looks at a call where its engine wants that, and answers it, or lets whoever was told to in the engine's place.
pub(crate) async fn answered(
    local: &Arc<Inner>,
    incoming: &Arc<Incoming>,
    now: AmzTime,
    when: SystemTime,
) -> Result<Answered, Fault> {
    let own = Troubles::of_headers(&incoming.head.headers)?;
    if !local.engine.takes_any() {
        let (local, incoming) = (Arc::clone(local), Arc::clone(incoming));
        return aside(incoming.body.len(), move || looked_at(&local, &incoming, own, now, when)).await;
    }
    local.memory.keep(|| Asked::new(incoming, when, None));
    admitted(local, incoming, || incoming.body.len() as u64 / BYTES_A_TOKEN, &now.iso_day(), when)?;
    let Befallen { next, delay, pace, warnings } = befallen(local, incoming, own);
    let mut wishes = Wishes::default();
    let given = match next {
        Some(Next::Reply(reply)) => {
            wishes = dialect::wishes(incoming.call.surface, &incoming.body);
            Given::Reply(filled(local, incoming, *reply, None).waits(delay, pace))
        }
        told => match (local.engine.answer_any(incoming, &now.to_string()).await?, told) {
            (Given::Reply(reply), Some(Next::Break(breach))) => Given::Reply(reply.breaks(breach).waits(delay, pace)),
            (Given::Reply(reply), _) => Given::Reply(reply.waits(delay, pace)),
            (given, told) => {
                if told.is_some() {
                    local.notify(&Notice::Warning("what passes through from upstream is not broken on its way"));
                }
                tokio::time::sleep(delay).await;
                given
            }
        },
    };
    Ok(Answered { given, engine: local.engine.name(), wishes, warnings })
}

/// A call that is checked, remembered with the reason where it is refused, and answered.
fn looked_at(
    local: &Inner,
    incoming: &Incoming,
    own: Vec<(String, Trouble)>,
    now: AmzTime,
    when: SystemTime,
) -> Result<Answered, Fault> {
    let (rules, today) = (local.rules(), now.iso_day());
    let Incoming { call, region, .. } = incoming;
    let counts = call.delivery == Delivery::Count;
    let remember = |refused: Option<&Fault>| local.memory.keep(|| Asked::new(incoming, when, refused.cloned()));
    let body = match counts {
        true => count::check(&local.catalogue, incoming, &today)
            .and_then(|()| dialect::counted(call.surface, &incoming.body)),
        false => Ok(Cow::Borrowed(&incoming.body[..])),
    };
    let headers = &incoming.head.headers;
    let meant = Call { model: incoming.behind.clone().or_else(|| call.model.clone()), ..*call };
    let checked = body
        .and_then(|body| check(&rules, &meant, headers, &body, region, &today))
        .inspect_err(|fault| remember(Some(fault)))?;
    // Where nothing else is documented, a model sees the pages of every PDF.
    let uncited = local.catalogue.accepts(Some(checked.model), call.surface, &today).pdf_documented();
    let uncited = uncited.unwrap_or(PdfView::Pages);
    // What is only counted may be as long as it likes, and touches no cache.
    let prompt = (!counts).then(|| Prompt::new(&checked.request, uncited));
    if let Some(prompt) = &prompt {
        check_prompt(&rules, call.surface, checked.model, prompt, &today).inspect_err(|fault| remember(Some(fault)))?;
    }
    remember(None);
    let weighed = prompt.as_ref().map(|prompt| {
        let least = local.catalogue.accepts(Some(checked.model), call.surface, &today).cache_minimum();
        let place = Place { account: &local.account.id, region, model: checked.model };
        local.cache.weigh(prompt, place, least.unwrap_or(cache::LEAST), when)
    });
    let input = weighed.as_ref().map(|weighed| weighed.input);
    let most = || {
        let input = input.unwrap_or_default();
        // What is read from the cache does not count on Mantle, and comes back later elsewhere (documented, quotas).
        let read = if call.surface == Surface::Mantle { 0 } else { input.read };
        input.plain + read + input.written_5m + input.written_1h + u64::from(checked.request.max_tokens)
    };
    let admitted = admitted(local, incoming, most, &today, when)?;
    let output = admitted.as_ref().and_then(|admitted| u32::try_from(admitted.output?).ok());
    let request = match output.filter(|output| *output < checked.request.max_tokens) {
        Some(max_tokens) => Cow::Owned(MessageRequest { max_tokens, ..checked.request.clone() }),
        None => Cow::Borrowed(&checked.request),
    };
    let mut befallen = befallen(local, incoming, own);
    let mut warnings = checked.warnings;
    warnings.append(&mut befallen.warnings);
    let (told, breach) = match befallen.next {
        Some(Next::Reply(reply)) => (Some(*reply), None),
        Some(Next::Break(breach)) => (None, Some(breach)),
        None => (None, None),
    };
    let (reply, engine) = match (told, &prompt) {
        (Some(reply), _) => (filled(local, incoming, reply, input), local.engine.name()),
        (None, None) => {
            warnings.push(count::note(call.surface));
            (count::reply(&checked.request, uncited), local.engine.name())
        }
        (None, Some(prompt)) => {
            let ask = Ask {
                request: &request,
                prompt,
                input: input.unwrap_or_default(),
                model: checked.model,
                scope: &checked.scope,
                region,
                delivery: call.delivery,
            };
            let answer = local.engine.answer(&ask, &mut |prefix| local.id(call.surface, prefix));
            answer.inspect_err(|_| settle(local, admitted.as_ref(), None))?
        }
    };
    let reply = match breach {
        Some(breach) => reply.breaks(breach),
        None => reply,
    };
    let reply = reply.waits(befallen.delay, befallen.pace);
    let failed = reply.fails_at_once(call.delivery);
    settle(local, admitted.as_ref(), Some(&reply).filter(|_| !failed));
    // What fails before a word of it was said has cached nothing.
    if let Some(weighed) = weighed.filter(|_| !failed) {
        local.cache.keep(&weighed, when);
    }
    Ok(Answered { given: Given::Reply(reply), engine, wishes: checked.wishes, warnings })
}

/// Lets a call in, where requests or tokens are limited; counts are free, and so are batch jobs.
fn admitted(
    local: &Inner,
    incoming: &Incoming,
    tokens: impl FnOnce() -> u64,
    today: &str,
    when: SystemTime,
) -> Result<Option<Admitted>, Fault> {
    if incoming.call.delivery == Delivery::Count || incoming.in_job || !local.limits.are_set() {
        return Ok(None);
    }
    let id = incoming.meant();
    let (named, surface) = (local.catalogue.resolve(&id), incoming.call.surface);
    let bucket = Bucket {
        region: &incoming.region,
        model: named.model.map_or(id.as_str(), |model| model.name()),
        way: Way::of(surface, named.scope.as_ref()),
        burndown: local.catalogue.accepts(named.model, surface, today).output_burndown(),
    };
    local.limits.admit(&bucket, tokens(), when).map(Some)
}

/// Counts what an answer cost; one that failed, or has no usage of its own, costs nothing.
fn settle(local: &Inner, admitted: Option<&Admitted>, reply: Option<&Reply>) {
    let Some(admitted) = admitted else { return };
    let usage = reply.and_then(|reply| match &reply.what {
        What::Message(message) => Some(&message.usage),
        _ => None,
    });
    local.limits.settle(admitted, usage);
}

/// What happens to a call: what was told for the next one, else its troubles.
fn befallen(local: &Inner, incoming: &Incoming, own: Vec<(String, Trouble)>) -> Befallen {
    let id = incoming.meant();
    let Call { surface, delivery, .. } = incoming.call;
    let case = Case { id: id.as_str(), model: local.catalogue.resolve(&id).model, surface, delivery };
    let mut befallen = local.troubles.befall(&case, own);
    befallen.next = local.memory.next(delivery).or(befallen.next);
    befallen
}

/// A reply that was told, as an answer to this call.
fn filled(local: &Inner, incoming: &Incoming, reply: Reply, input: Option<Input>) -> Reply {
    let id = incoming.meant();
    let model = local.catalogue.resolve(&id).model.map_or(id.as_str(), |model| model.row().reply);
    reply.filled(model, input, &mut |prefix| local.id(incoming.call.surface, prefix))
}
