//! Prompt caching: how many checkpoints, of what kind, in which order.

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::messages::{CacheControl, MessageRequest, System, SystemBlock, Ttl};

use super::place::Place;
use super::walk::{self, Seen};
use super::{Verdict, refuse};

/// What the checkpoints so far were.
struct Checkpoints<'a> {
    /// The lifetimes that the model takes; any where no row says.
    ttls: Option<Vec<&'a str>>,
    count: u64,
    /// Whether one of five minutes was among them.
    short: bool,
}

pub(super) fn check(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    let mut seen = Checkpoints { ttls: accepts.cache_ttls(), count: 0, short: false };
    let tools = Place::ROOT.member("tools");
    for (index, tool) in request.tools.iter().flatten().enumerate() {
        seen.add(tool.checkpoint(), &tools.item(index), Some(tool.kind()))?;
    }
    if let Some(System::Blocks(blocks)) = &request.system {
        let system = Place::ROOT.member("system");
        for (index, block) in blocks.iter().enumerate() {
            let SystemBlock::Text(block) = block else { continue };
            seen.add(block.cache_control.as_ref(), &system.item(index), None)?;
        }
    }
    walk::each(&request.messages, &mut |block, place| {
        let (control, kind) = match block {
            Seen::Text(block) => (&block.cache_control, "text"),
            Seen::Image(block) => (&block.cache_control, "image"),
            Seen::Document(block) => (&block.cache_control, "document"),
            Seen::SearchResult(block) => (&block.cache_control, "search_result"),
            Seen::ToolResult(block) => (&block.cache_control, "tool_result"),
            Seen::InResult(block) => return seen.add(block.checkpoint(), place, Some(block.kind())),
            Seen::InSource(_) => return Ok(()),
            Seen::Block(block) => return seen.add(block.checkpoint(), place, Some(block.kind())),
        };
        seen.add(control.as_ref(), place, Some(kind))
    })?;
    seen.add(request.cache_control.as_ref(), &Place::ROOT, None)?;
    // Quoted from the API.
    match accepts.cache_checkpoints() {
        Some(most) if seen.count > most => {
            refuse(format_args!("A maximum of {most} blocks with cache_control may be provided. Found {}.", seen.count))
        }
        _ => Ok(()),
    }
}

impl Checkpoints<'_> {
    fn add(&mut self, control: Option<&CacheControl>, place: &Place<'_>, kind: Option<&str>) -> Verdict {
        let Some(control) = control else { return Ok(()) };
        self.count += 1;
        let inner;
        let owner = match kind {
            Some(kind) => {
                inner = place.member(kind);
                &inner
            }
            None => place,
        };
        let own = owner.member("cache_control");
        // Remembered: as every tag is worded.
        if control.kind != "ephemeral" {
            return refuse(format_args!(
                "{own}: Input tag '{}' found using 'type' does not match any of the expected tags: 'ephemeral'",
                control.kind
            ));
        }
        match &control.ttl {
            // Quoted from the API: `messages.0.content.0.text.cache_control.ephemeral.ttl: Input should be '5m' or '1h'`.
            Some(Ttl::Other(_)) => {
                return refuse(format_args!("{own}.ephemeral.ttl: Input should be '5m' or '1h'"));
            }
            // Remembered: as every member that a model does not take.
            Some(ttl) if self.ttls.as_ref().is_some_and(|ttls| !ttls.contains(&ttl.as_str())) => {
                return refuse(format_args!("{own}.ephemeral.ttl: Extra inputs are not permitted"));
            }
            Some(Ttl::OneHour) if self.short => {
                // Quoted from AWS and the API.
                return refuse(format_args!(
                    "{}.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' \
                     cache_control block. Note that blocks are processed in the following order: `tools`, `system`, \
                     `messages`.",
                    place.member("cache_control")
                ));
            }
            Some(Ttl::OneHour) => {}
            Some(Ttl::FiveMinutes) | None => self.short = true,
        }
        Ok(())
    }
}
